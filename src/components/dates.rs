//! The dates of a range, and what became of each.

use chrono::NaiveDate;
use leptos::prelude::*;

use super::{calendar, format, reactive::fixed};
use crate::model::import_log::{DateOutcome, ImportDate};

/// What there is to say of a date: what it brought, and its note or the reason of its failure.
fn said(date: ImportDate) -> String {
    let mut said = Vec::new();
    if date.outcome == DateOutcome::Success && date.records_processed > 0 {
        said.push(format!(
            "{}, {} new, {} updated",
            format::count(date.records_processed.into(), "record", "records"),
            format::thousands(date.results_created.into()),
            format::thousands(date.results_updated.into()),
        ));
        if date.results_corrected > 0 {
            let corrected = format::thousands(date.results_corrected.into());
            said.push(format!("{corrected} corrected"));
        }
    }
    let mut said = said.join(", ");
    if let Some(message) = date.message {
        said += if said.is_empty() { "" } else { ". " };
        said += &message;
    } else if said.is_empty() && date.outcome == DateOutcome::Success {
        said.push_str("0 records");
    }
    said
}

/// Each date of a range and what became of it.
#[component]
pub fn Dates(
    /// The import is over: what is pending then was not asked for.
    ended: bool,
    dates: Vec<ImportDate>,
    today: NaiveDate,
) -> impl IntoView {
    (!dates.is_empty()).then(|| {
        let items = dates.into_iter().map(|date| {
            let (colour, word) = match date.outcome {
                DateOutcome::Success => ("text-good", "imported"),
                DateOutcome::Failed => ("text-bad", "failed"),
                DateOutcome::Pending if ended => ("text-muted", "not asked"),
                DateOutcome::Pending => ("text-muted", "not yet"),
                DateOutcome::Unknown => ("text-muted", "?"),
            };
            view! {
                <li class="grid grid-cols-[5.5rem_1fr] gap-x-3 tabular-nums sm:grid-cols-[5.5rem_5rem_1fr]">
                    <span translate="no">{fixed(&calendar::day(date.date, today))}</span>
                    <span class=colour>{fixed(word)}</span>
                    <span class="col-span-2 min-w-0 text-muted wrap-anywhere sm:col-span-1">{fixed(&said(date))}</span>
                </li>
            }
        });
        view! {
            <section>
                <h3>"Dates"</h3>
                <ul class="mt-1 grid gap-1">{items.collect_view()}</ul>
            </section>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_tells_its_numbers_and_its_note() {
        let date = ImportDate {
            date: "2025-06-22".parse().expect("a date"),
            outcome: DateOutcome::Success,
            records_processed: 80,
            games_created: 0,
            results_created: 70,
            results_updated: 5,
            results_corrected: 2,
            failure_kind: None,
            message: None,
        };
        assert_eq!(
            said(date.clone()),
            "80 records, 70 new, 5 updated, 2 corrected"
        );
        let empty = ImportDate {
            records_processed: 0,
            message: Some("The feed has no draws for this day.".into()),
            ..date.clone()
        };
        assert_eq!(said(empty), "The feed has no draws for this day.");
        let failed = ImportDate {
            outcome: DateOutcome::Failed,
            message: Some("The feed answered 500.".into()),
            ..date
        };
        assert_eq!(said(failed), "The feed answered 500.");
    }
}
