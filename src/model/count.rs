//! Numbers in words, alike on pages, in answers of the API and in the terminal.

/// A number with its thousands apart: `812,000`.
#[must_use]
pub fn thousands(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// What is said of the open failures that a clear leaves: `17 open failures stay.`
#[must_use]
pub fn open_failures_stay(number: i64) -> Option<String> {
    let stay = if number == 1 { "stays" } else { "stay" };
    let failures = count(number, "open failure", "open failures");
    (number > 0).then(|| format!("{failures} {stay}."))
}

/// What is said of results whose stored values a backup leaves: `2 results differ from the stored ones, which stay`.
#[must_use]
pub fn results_differ(number: i64) -> Option<String> {
    let differ = if number == 1 {
        "differs from the stored one, which stays"
    } else {
        "differ from the stored ones, which stay"
    };
    some(number, "result", "results").map(|results| format!("{results} {differ}"))
}

/// A number with its noun, unless there are none.
#[must_use]
pub fn some(number: i64, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| count(number, one, many))
}

/// A number with its noun: `1 log`, `2,000 logs`.
#[must_use]
pub fn count(number: i64, one: &str, many: &str) -> String {
    format!(
        "{} {}",
        thousands(number),
        if number == 1 { one } else { many }
    )
}
