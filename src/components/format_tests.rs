//! What the words come to.

use super::*;

#[test]
fn sizes_have_about_three_digits() {
    let said = [
        0,
        999,
        1000,
        46_100,
        48_213,
        2_400_000,
        239_000_000,
        999_950,
        2_147_483_648,
    ]
    .map(bytes);
    assert_eq!(
        said,
        [
            "0 B", "999 B", "1.0 kB", "46.1 kB", "48.2 kB", "2.4 MB", "239 MB", "1.0 MB", "2.1 GB"
        ]
    );
}

#[test]
fn thousands_are_apart() {
    let said = [0, 999, 1000, 812_000, 1_000_000, -12_345].map(thousands);
    assert_eq!(
        said,
        ["0", "999", "1,000", "812,000", "1,000,000", "-12,345"]
    );
    assert_eq!(
        (count(1, "log", "logs"), count(2000, "log", "logs")),
        ("1 log".into(), "2,000 logs".into())
    );
}

#[test]
fn durations_grow_coarser() {
    let said = [
        -5, 0, 40, 100, 8_400, 9_949, 9_950, 59_400, 125_000, 3_900_000,
    ]
    .map(|ms| duration(Duration::milliseconds(ms)));
    assert_eq!(
        said,
        [
            "0 ms",
            "0 ms",
            "40 ms",
            "0.1 s",
            "8.4 s",
            "9.9 s",
            "10 s",
            "59 s",
            "2 min 5 s",
            "1 h 5 min"
        ]
    );
}

#[test]
fn distances_in_time() {
    assert_eq!(
        [0, 1, 3, 59, 61, 7300, 172_799, 259_200].map(|s| ago(Duration::seconds(s))),
        [
            "just now",
            "just now",
            "3 s ago",
            "59 s ago",
            "1 min ago",
            "2 h ago",
            "47 h ago",
            "3 days ago"
        ]
    );
    assert_eq!(
        [-3, 40, 119, 7200, 200_000].map(|s| ahead(Duration::seconds(s))),
        ["now", "in 40 s", "in 2 min", "in 2 h", "in 2 days"]
    );
}

#[test]
fn shares_stay_between_nothing_and_all() {
    assert_eq!(
        [share(0, 0), share(1, 2), share(3, 2), share(-1, 2)],
        [0, 500, 1000, 0]
    );
}

#[test]
fn places_in_line_have_their_endings() {
    let told = [1, 2, 3, 4, 11, 12, 13, 21, 102, 111].map(ordinal);
    let expected = "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 111th";
    assert_eq!(told.join(" "), expected);
}
