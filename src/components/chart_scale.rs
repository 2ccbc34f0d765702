//! How high what a chart shows is. Pure.

/// Of a chart, in pixels.
pub const HEIGHT: i64 = 160;
/// In pixels: what is there is seen, however little it is.
pub const LEAST: i64 = 3;

/// Where parts that stand on each other begin and how high they are, from the top down, when `top` is as high as the chart.
#[must_use]
pub fn stacked(values: &[i64], top: i64) -> Vec<(i64, i64)> {
    let high = |value: i64| match value {
        ..=0 => 0,
        _ => (value.saturating_mul(HEIGHT) / top.max(1)).max(LEAST),
    };
    // What is made higher than it is must not push others out of the chart: the highest gives way.
    let mut heights: Vec<i64> = values.iter().map(|value| high(*value)).collect();
    let over = (heights.iter().sum::<i64>() - HEIGHT).max(0);
    if let Some(highest) = heights.iter_mut().max() {
        *highest -= over;
    }
    let mut y = HEIGHT;
    let from_below = heights.into_iter().map(|height| {
        y -= height;
        (y, height)
    });
    from_below.collect()
}

/// The next number that is easy to read on a scale: 1, 2, 4, 5, 10, 20 and so on.
#[must_use]
pub fn round_top(value: i64) -> i64 {
    let tens = std::iter::successors(Some(1_i64), |it| it.checked_mul(10));
    let mut steps = tens.flat_map(|ten| [1, 2, 4, 5].map(|step| ten.saturating_mul(step)));
    steps.find(|step| *step >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_with_a_round_number() {
        for (value, top) in [
            (0, 1),
            (1, 1),
            (3, 4),
            (5, 5),
            (6, 10),
            (11, 20),
            (41, 50),
            (10_001, 20_000),
        ] {
            assert_eq!(round_top(value), top, "{value}");
        }
        assert_eq!(round_top(i64::MAX), i64::MAX);
    }

    #[test]
    fn parts_stand_on_each_other_and_the_least_is_seen() {
        assert_eq!(stacked(&[5, 0, 5], 10), [(80, 80), (80, 0), (0, 80)]);
        // One of 10,000 is seen, and nothing leaves the chart.
        let parts = stacked(&[10_000, 1, 1, 0], 10_000);
        assert_eq!(parts, [(6, 154), (3, 3), (0, 3), (0, 0)]);
    }
}
