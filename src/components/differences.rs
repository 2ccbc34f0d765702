//! Draws of which an import and the database held different values: both are shown, so that a person can judge.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, format, reactive::fixed};
use crate::model::{
    difference::{Difference, Differences, DrawValues},
    game::ResultStatus,
    import_log::{ImportLog, ImportType},
};

/// What a draw came to, in words.
#[must_use]
pub const fn status_in_words(status: ResultStatus) -> &'static str {
    match status {
        ResultStatus::NoResult => "no result",
        other => other.as_str(),
    }
}

/// The digits of a draw: `282-05`, `282-05-8443`; nothing if it has none.
#[must_use]
pub fn digits(draw: &DrawValues) -> String {
    let columns = [&draw.result_3up, &draw.result_2down, &draw.result_4up].map(Option::as_deref);
    let given = columns
        .iter()
        .rposition(Option::is_some)
        .map_or(0, |last| last + 1);
    // What is missing before a value keeps its place.
    let digits = columns[..given].iter().map(|value| value.unwrap_or("–"));
    digits.collect::<Vec<_>>().join("-")
}

/// The values of a draw: `282-05`, `282-05-8443`, `282 (cancelled)`, `waiting`.
#[must_use]
pub fn values(draw: &DrawValues) -> String {
    let digits = digits(draw);
    let status = status_in_words(draw.status);
    if digits.is_empty() {
        status.to_owned()
    } else if draw.status == ResultStatus::Completed {
        digits
    } else {
        format!("{digits} ({status})")
    }
}

/// What became of the results that differ, and how many they are.
fn heading(log: &ImportLog) -> (i32, String) {
    if log.import_type == ImportType::Backup {
        let all = log.results_differing;
        let differ = format::count(all.into(), "result differs", "results differ");
        let stay = if all == 1 { "stays" } else { "stay" };
        (all, format!("{differ} from the file and {stay} as stored"))
    } else {
        (log.results_corrected, log.corrected())
    }
}

/// One of them in a line: `282-05 → 283-05` where the new value counts, `stored 282-05, file 283-05` where the stored
/// one does.
fn line(difference: &Difference, import_type: ImportType, today: NaiveDate) -> String {
    let day = calendar::day(difference.result_date, today);
    let [stored, brought] = [&difference.stored, &difference.brought].map(values);
    let name = &difference.game_name;
    if import_type == ImportType::Backup {
        format!("{name}, {day}: stored {stored}, file {brought}")
    } else {
        format!("{name}, {day}: {stored} → {brought}")
    }
}

/// `first 20 of 37`, when not all are kept.
fn kept(log: &ImportLog, all: i32) -> Option<String> {
    let shown = log.differences.0.len();
    (usize::try_from(all) != Ok(shown))
        .then(|| format!("first {shown} of {}", format::thousands(all.into())))
}

/// What a row says of its differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    heading: String,
    /// Each in a line.
    lines: Vec<String>,
    kept: Option<String>,
}

impl Said {
    /// Nothing when there are none.
    #[must_use]
    pub fn of(log: &ImportLog, today: NaiveDate) -> Option<Self> {
        let Differences(differences) = &log.differences;
        let (all, heading) = heading(log);
        let line = |difference| line(difference, log.import_type, today);
        (!differences.is_empty()).then(|| Self {
            heading,
            lines: differences.iter().map(line).collect(),
            kept: kept(log, all),
        })
    }

    /// One line, with all of them one click away.
    #[must_use]
    pub fn view(self) -> AnyView {
        let lines = self
            .lines
            .into_iter()
            .map(|line| view! { <li>{fixed(&line)}</li> })
            .collect_view();
        view! {
            <details class="differences">
                <summary>{fixed(&self.heading)}</summary>
                <ul class="mt-0.5 grid gap-0.5">{lines}</ul>
                <p class="mt-0.5 empty:hidden">{self.kept.as_deref().map(fixed)}</p>
            </details>
        }
        .into_any()
    }
}

/// The same as a table, in the panel of details.
#[component]
pub fn DifferenceTable(log: ImportLog, today: NaiveDate) -> impl IntoView {
    if log.differences.0.is_empty() {
        return ().into_any();
    }
    let (all, heading) = heading(&log);
    let kept = kept(&log, all);
    let brought = if log.import_type == ImportType::Backup {
        "In the file"
    } else {
        "From the feed"
    };
    table(&heading, kept.as_deref(), brought, log.differences, today)
}

/// Differences as a table: what they are, which are shown if not all, and where the new values stand.
#[must_use]
pub fn table(
    heading: &str,
    kept: Option<&str>,
    brought: &str,
    differences: Differences,
    today: NaiveDate,
) -> AnyView {
    let caption = match kept {
        Some(kept) => format!("{heading}: {kept}"),
        None => heading.to_owned(),
    };
    let rows = differences.0.into_iter().map(|difference| {
        let cells = [
            difference.game_name,
            calendar::day(difference.result_date, today),
            values(&difference.stored),
            values(&difference.brought),
        ];
        let cells = cells.map(|cell| view! { <td translate="no">{fixed(&cell)}</td> });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    view! {
        <table class="values">
            <caption>{fixed(&caption)}</caption>
            <thead>
                <tr class="whitespace-nowrap">
                    <th scope="col">"Game"</th>
                    <th scope="col">"Date"</th>
                    <th scope="col">"Stored"</th>
                    <th scope="col">{fixed(brought)}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample_log::ended;

    fn draw(columns: [Option<&str>; 3], status: ResultStatus) -> DrawValues {
        let [up3, down2, up4] = columns.map(|value| value.map(str::to_owned));
        DrawValues {
            result_3up: up3,
            result_2down: down2,
            result_4up: up4,
            status,
        }
    }

    fn completed(up3: &str) -> DrawValues {
        draw([Some(up3), Some("05"), None], ResultStatus::Completed)
    }

    fn log(import_type: ImportType) -> ImportLog {
        let difference = Difference {
            base_game_id: "L03".into(),
            game_name: "ดาวโจนส์ VIP".into(),
            result_date: "2025-06-22".parse().expect("a date"),
            stored: completed("282"),
            brought: completed("283"),
        };
        ImportLog {
            differences: Differences(vec![difference]),
            ..ended(import_type)
        }
    }

    #[test]
    fn values_are_told_as_people_write_them() {
        use ResultStatus::{Cancelled, Completed, NoResult, Waiting};
        let told = [
            draw([Some("282"), Some("05"), Some("8443")], Completed),
            draw([Some("282"), Some("05"), None], Cancelled),
            draw([None, Some("05"), None], Completed),
            draw([None; 3], Waiting),
            draw([None; 3], NoResult),
        ]
        .map(|draw| values(&draw));
        assert_eq!(
            told,
            [
                "282-05-8443",
                "282-05 (cancelled)",
                "–-05",
                "waiting",
                "no result"
            ]
        );
    }

    #[test]
    fn a_correction_names_both_values() {
        let today = "2025-06-27".parse().expect("a date");
        let log = ImportLog {
            results_corrected: 37,
            ..log(ImportType::DateRange)
        };
        let said = Said::of(&log, today).expect("a difference");
        assert_eq!(said.heading, "37 results were corrected");
        assert_eq!(said.lines, ["ดาวโจนส์ VIP, 22 Jun: 282-05 → 283-05"]);
        assert_eq!(said.kept.as_deref(), Some("first 1 of 37"));
    }

    #[test]
    fn what_a_backup_leaves_as_it_is_names_both_values() {
        let today = "2025-06-27".parse().expect("a date");
        let log = ImportLog {
            results_differing: 1,
            ..log(ImportType::Backup)
        };
        let said = Said::of(&log, today).expect("a difference");
        assert_eq!(
            said.heading,
            "1 result differs from the file and stays as stored"
        );
        assert_eq!(
            said.lines,
            ["ดาวโจนส์ VIP, 22 Jun: stored 282-05, file 283-05"]
        );
        assert_eq!(said.kept, None);
        assert_eq!(Said::of(&ended(ImportType::Backup), today), None);
    }
}
