//! What an alert says to people, in a chat or on a page: a sentence or two on one line.

use chrono::{DateTime, Utc};

use crate::{
    model::{
        alert::{AlertDetail, AlertedImport, Event},
        count::{count, thousands},
        import_log::ImportType,
    },
    server::db::alerts::Stored,
};

/// So many characters of what others wrote are repeated.
const QUOTED: usize = 300;

/// What it says.
#[must_use]
pub fn of(alert: &Stored) -> String {
    let import = alert.import.as_ref();
    let detail = &alert.detail;
    match alert.event {
        Event::ImportFailed => failed(import),
        Event::ImportRecovered => recovered(import, detail),
        Event::UnusualVolume => unusual(import, detail),
        Event::SuccessOverdue => overdue(detail),
        Event::Summary => summary(detail),
        Event::Test => "This is a test: alerts arrive here.".to_owned(),
        Event::Unknown => "Only a newer version of NumWatch can say what this is.".to_owned(),
    }
}

fn failed(import: Option<&AlertedImport>) -> String {
    let why = import.and_then(|import| import.error_message.as_deref());
    let why = why.map(|why| format!(": {}", quoted(why)));
    sentence(format!(
        "{} failed{}",
        named(import),
        why.unwrap_or_default()
    ))
}

fn recovered(import: Option<&AlertedImport>, detail: &AlertDetail) -> String {
    match (import, detail.recovered_by) {
        (Some(import), Some(by)) if by == import.id => {
            format!("Scheduled imports succeed again, with import #{by}.")
        }
        (import, Some(by)) => {
            format!("What {} lacked has come, with import #{by}.", named(import))
        }
        (import, None) => format!("What {} lacked has come.", named(import)),
    }
}

fn unusual(import: Option<&AlertedImport>, detail: &AlertDetail) -> String {
    let day = detail.date.map_or_else(
        || "A day".to_owned(),
        |date| date.format("%Y-%m-%d").to_string(),
    );
    let found = detail
        .sentence
        .as_deref()
        .unwrap_or("an unusual number of draws.");
    let by = import.map_or_else(String::new, |import| format!(" (import #{})", import.id));
    format!("{day} is unusual{by}: {}", quoted(found))
}

fn overdue(detail: &AlertDetail) -> String {
    let hours = detail.hours.unwrap_or_default();
    let since = detail
        .since
        .map_or_else(String::new, |since| format!(", since {}", in_words(since)));
    format!(
        "No scheduled import has succeeded for more than {}{since}. Look at the Scheduler page for why.",
        count(hours, "hour", "hours")
    )
}

fn in_words(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

fn summary(detail: &AlertDetail) -> String {
    let counts = detail.counts.iter().flatten();
    let all: i64 = counts.clone().map(|(_, number)| number).sum();
    let each: Vec<String> = counts
        .map(|(event, number)| match Event::from(event.as_str()) {
            Event::ImportFailed => count(*number, "import failed", "imports failed"),
            Event::ImportRecovered => {
                count(*number, "failure was settled", "failures were settled")
            }
            Event::UnusualVolume => count(*number, "day is unusual", "days are unusual"),
            Event::SuccessOverdue => "a scheduled success is overdue".to_owned(),
            Event::Summary | Event::Test | Event::Unknown => {
                format!("{} of another kind", thousands(*number))
            }
        })
        .collect();
    format!(
        "And {} at about the same time: {}. The page of alerts lists them.",
        count(all, "more alert", "more alerts"),
        each.join(", ")
    )
}

/// An import by its number, and by its file or days.
fn named(import: Option<&AlertedImport>) -> String {
    let Some(import) = import else {
        return "An import".to_owned();
    };
    let called = match (import.import_type, import.range_start, import.range_end) {
        (ImportType::SampleData, ..) => Some("the sample".to_owned()),
        (_, Some(start), Some(end)) if start == end => Some(format!("the day {start}")),
        (_, Some(start), Some(end)) => Some(format!("{start} to {end}")),
        _ => import.filename.as_deref().map(quoted),
    };
    let called = called.map(|called| format!(" ({called})"));
    format!("Import #{}{}", import.id, called.unwrap_or_default())
}

/// What others wrote, as it does no harm where people chat: on one line, not too long, and without what calls people
/// (`<!channel>`, `@all`) or hides where a link leads.
fn quoted(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ").replace("](", "] (");
    let mut told: String = line
        .chars()
        .filter(|letter| !letter.is_control())
        .take(QUOTED)
        .map(|letter| match letter {
            '<' => '‹',
            '>' => '›',
            '@' => '＠',
            '&' => '＆',
            '`' => '\'',
            other => other,
        })
        .collect();
    if line.chars().count() > QUOTED {
        told.push('…');
    }
    told
}

fn sentence(text: String) -> String {
    if text.ends_with(['.', '…', '!', '?']) {
        text
    } else {
        format!("{text}.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_calls_nobody() {
        assert_eq!(
            quoted("<!channel> @all\n[click](https://evil.example) `rm` a&b"),
            "‹!channel› ＠all [click] (https://evil.example) 'rm' a＆b"
        );
        assert_eq!(quoted("ผลหวย 2568.json"), "ผลหวย 2568.json");
        let long = quoted(&"ก".repeat(1_000));
        assert_eq!(long.chars().count(), QUOTED + 1);
    }

    #[test]
    fn a_summary_says_how_many_of_what() {
        let counts = [("import_failed", 480), ("import_recovered", 1), ("new", 2)];
        let detail = AlertDetail {
            counts: Some(
                counts
                    .map(|(event, number)| (event.to_owned(), number))
                    .into(),
            ),
            ..AlertDetail::default()
        };
        assert_eq!(
            summary(&detail),
            "And 483 more alerts at about the same time: 480 imports failed, 1 failure was settled, 2 of another kind. The page of alerts lists them."
        );
    }
}
