//! `Retry-After`: the pause that who is asked wants before the next question.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

/// Nobody waits longer for one answer, all its pauses together.
pub const MOST: Duration = Duration::from_mins(5);

/// The pause that an answer asks for. None when it asks for none or for one that is over already.
pub fn pause(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    if !matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    ) {
        return None;
    }
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let asked = if digits {
        // More seconds than a number holds are too many as well.
        text.parse().map_or(MOST, Duration::from_secs)
    } else {
        let until = DateTime::<Utc>::from(httpdate::parse_http_date(text).ok()?);
        (until - now).to_std().ok()?
    };
    Some(asked.min(MOST)).filter(|pause| !pause.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, value: &str) -> Option<u64> {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        let now = "2025-06-22T10:00:00Z".parse().unwrap();
        pause(StatusCode::from_u16(status).unwrap(), &headers, now).map(|pause| pause.as_secs())
    }

    #[test]
    fn seconds_and_dates_are_waited_for_five_minutes_at_most() {
        for (value, seconds) in [
            ("7", Some(7)),
            (" 120 ", Some(120)),
            ("301", Some(300)),
            ("99999999999999999999999", Some(300)),
            ("0", None),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
            ("Sun, 22 Jun 2025 10:00:30 GMT", Some(30)),
            ("Sunday, 22-Jun-25 10:00:30 GMT", Some(30)),
            ("Sun, 22 Jun 2025 11:00:00 GMT", Some(300)),
            ("Sun, 22 Jun 2025 10:00:00 GMT", None),
            ("Sun, 22 Jun 2025 09:59:59 GMT", None),
        ] {
            assert_eq!(asked(429, value), seconds, "{value}");
            assert_eq!(asked(503, value), seconds, "{value}");
        }
    }

    #[test]
    fn other_answers_ask_for_no_pause() {
        for status in [404, 500, 502, 504] {
            assert_eq!(asked(status, "7"), None, "{status}");
        }
    }
}
