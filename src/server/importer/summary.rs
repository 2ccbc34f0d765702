//! What a range's log says of its days.

use chrono::{Days, NaiveDate};

use crate::{
    model::import_log::{DateOutcome, FailureKind, ImportDate, Requester},
    server::db::import_dates::DateNotes,
};

/// What is said of a day whose sections are all empty.
pub const NO_DRAWS: &str = "The feed has no draws for this day.";

/// More than these are counted: the log's details list all.
const NAMED: usize = 10;

/// How many days failed, which and why, and which were not asked; and the kind of failure that all of it is. `None`
/// when all have succeeded: "2 of 7 days failed: 2025-06-18 (The feed answered 500), …. Run it again to ask for them."
pub fn of_failure(dates: &[ImportDate]) -> Option<(FailureKind, String)> {
    let with = |outcome| dates.iter().filter(move |date| date.outcome == outcome);
    let failed: Vec<_> = with(DateOutcome::Failed).collect();
    let pending: Vec<NaiveDate> = with(DateOutcome::Pending).map(|date| date.date).collect();
    if failed.is_empty() && pending.is_empty() {
        return None;
    }
    let named = failed.iter().map(|date| {
        let why = date.message.as_deref().unwrap_or("no reason was noted");
        format!("{} ({})", date.date, why.trim_end_matches('.'))
    });
    let mut said = format!(
        "{} of {} failed: {}",
        failed.len(),
        days(dates.len()),
        listed(named)
    );
    let again = match (pending.as_slice(), failed.len()) {
        ([], 1) => "it",
        ([], _) => "them",
        (pending, _) => {
            said = format!("{said}; {}", not_asked(pending));
            "all of them"
        }
    };
    Some((
        kind(&failed),
        format!("{said}. Run it again to ask for {again}."),
    ))
}

/// What a range that ended for another reason says besides: which days failed before, and which were not brought.
/// Nothing when all had succeeded.
pub fn of_rest(dates: &[ImportDate]) -> Option<String> {
    let is = |outcome| move |date: &&ImportDate| date.outcome == outcome;
    if dates.iter().any(|date| date.outcome == DateOutcome::Failed) {
        return of_failure(dates).map(|(_, sentence)| sentence);
    }
    let pending = dates.iter().filter(is(DateOutcome::Pending));
    let pending: Vec<NaiveDate> = pending.map(|date| date.date).collect();
    (!pending.is_empty()).then(|| format!("{}.", not_asked(&pending)))
}

/// What a range that somebody stopped says: who, and what of it stays. `None` when nothing of it was imported.
pub fn of_cancel(dates: &[ImportDate], by: Requester) -> Option<String> {
    let is = |outcome| move |date: &&ImportDate| date.outcome == outcome;
    let imported = dates.iter().filter(is(DateOutcome::Success));
    let imported: Vec<NaiveDate> = imported.map(|date| date.date).collect();
    if imported.is_empty() {
        return None;
    }
    let failed = dates.iter().filter(is(DateOutcome::Failed)).count();
    let which_failed = if failed > 0 {
        format!(", of which {failed} failed")
    } else {
        String::new()
    };
    Some(format!(
        "Cancelled from the {by} after {} of {}{which_failed}. What was imported stays: {}. Run it again for the rest.",
        imported.len() + failed,
        days(dates.len()),
        listed(runs(&imported).into_iter())
    ))
}

/// "11 days were not asked: 2025-06-04 to 2025-06-14".
fn not_asked(pending: &[NaiveDate]) -> String {
    let were = if pending.len() == 1 { "was" } else { "were" };
    let which = listed(runs(pending).into_iter());
    format!("{} {were} not asked: {which}", days(pending.len()))
}

/// What there is to say of days that succeeded, if anything: which have no draws, which an unusual number of them, and the
/// first other note.
pub fn of_notes(dates: &[DateNotes]) -> Option<String> {
    let mut others = dates.iter().filter_map(|date| {
        let note = date.note.as_deref().filter(|note| *note != NO_DRAWS)?;
        Some((date.date, note))
    });
    let other = others.next().map(|(date, note)| match others.count() {
        0 if dates.len() == 1 => note.to_owned(),
        0 => format!("{date}: {note}"),
        1 => format!("{date}: {note} There is a note on 1 more day."),
        more => format!("{date}: {note} There are notes on {more} more days."),
    });
    let said: Vec<String> = [of_empty_days(dates), of_unusual_days(dates), other]
        .into_iter()
        .flatten()
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}

/// The days for which the feed has no draws, if there are any.
fn of_empty_days(dates: &[DateNotes]) -> Option<String> {
    let empty: Vec<NaiveDate> = dates
        .iter()
        .filter(|date| date.note.as_deref() == Some(NO_DRAWS))
        .map(|date| date.date)
        .collect();
    match (empty.as_slice(), dates.len()) {
        ([], _) => None,
        ([_], 1) => Some(NO_DRAWS.to_owned()),
        (empty, all) => Some(format!(
            "The feed has no draws for {} of {}: {}.",
            empty.len(),
            days(all),
            listed(runs(empty).into_iter())
        )),
    }
}

/// The days that brought an unusual number of draws, if there are any: "2026-11-22: 12 draws; a Sunday usually has 74 to 80."
pub fn of_unusual_days(dates: &[DateNotes]) -> Option<String> {
    let odd: Vec<(NaiveDate, &str)> = dates
        .iter()
        .filter_map(|date| Some((date.date, date.unusual.as_deref()?)))
        .collect();
    match odd.as_slice() {
        [] => None,
        [(_, said)] if dates.len() == 1 => Some((*said).to_owned()),
        [(date, said)] => Some(format!("{date}: {said}")),
        odd => {
            let named = odd
                .iter()
                .map(|(date, said)| format!("{date} ({})", said.trim_end_matches('.')));
            Some(format!(
                "{} of {} have an unusual number of draws: {}.",
                odd.len(),
                days(dates.len()),
                listed(named)
            ))
        }
    }
}

/// Trying again may help as soon as one day's source could not be reached.
fn kind(failed: &[&ImportDate]) -> FailureKind {
    let is_there = |kind| failed.iter().any(|date| date.failure_kind == Some(kind));
    if is_there(FailureKind::SourceUnavailable) {
        FailureKind::SourceUnavailable
    } else if is_there(FailureKind::Internal) {
        FailureKind::Internal
    } else if is_there(FailureKind::InvalidInput) {
        FailureKind::InvalidInput
    } else {
        FailureKind::SourceUnavailable
    }
}

/// "1 day", "7 days".
fn days(number: usize) -> String {
    if number == 1 {
        "1 day".to_owned()
    } else {
        format!("{number} days")
    }
}

/// The first [`NAMED`], and how many more there are.
fn listed(mut all: impl ExactSizeIterator<Item = String>) -> String {
    let mut named: Vec<String> = all.by_ref().take(NAMED).collect();
    if all.len() > 0 {
        named.push(format!("and {} more", all.len()));
    }
    named.join(", ")
}

/// Days in their order, those that follow each other as "2025-06-04 to 2025-06-14".
fn runs(days: &[NaiveDate]) -> Vec<String> {
    let follow = |a: &NaiveDate, b: &NaiveDate| a.checked_add_days(Days::new(1)) == Some(*b);
    days.chunk_by(follow)
        .map(|run| match run {
            [first, .., last] => format!("{first} to {last}"),
            run => run.iter().map(ToString::to_string).collect(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(day: u32, outcome: DateOutcome, why: Option<(FailureKind, &str)>) -> ImportDate {
        ImportDate {
            date: NaiveDate::from_ymd_opt(2025, 6, day).unwrap(),
            outcome,
            records_processed: 0,
            games_created: 0,
            results_created: 0,
            results_updated: 0,
            results_corrected: 0,
            failure_kind: why.map(|(kind, _)| kind),
            message: why.map(|(_, message)| message.to_owned()),
        }
    }

    #[test]
    fn a_range_says_which_days_failed_and_which_were_not_asked() {
        use DateOutcome::{Failed, Pending, Success};
        let bad = |day| {
            let why = (FailureKind::InvalidInput, "The feed answered nonsense.");
            date(day, Failed, Some(why))
        };
        let good = |day| date(day, Success, None);
        assert_eq!(of_failure(&[good(1), good(2)]), None);
        let (kind, said) = of_failure(&[good(1), bad(2)]).unwrap();
        assert_eq!(kind, FailureKind::InvalidInput);
        assert_eq!(
            said,
            "1 of 2 days failed: 2025-06-02 (The feed answered nonsense). Run it again to ask for it."
        );
        let pending = |day| date(day, Pending, None);
        let dates = [bad(1), bad(2), bad(3), pending(4), pending(5), pending(7)];
        let said = of_failure(&dates).unwrap().1;
        assert!(
            said.ends_with(
                "; 3 days were not asked: 2025-06-04 to 2025-06-05, 2025-06-07. Run it again to ask for all of them."
            ),
            "{said}"
        );
    }

    fn notes(day: u32, note: Option<&str>, unusual: Option<&str>) -> DateNotes {
        DateNotes {
            date: NaiveDate::from_ymd_opt(2025, 6, day).unwrap(),
            note: note.map(ToOwned::to_owned),
            unusual: unusual.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn days_without_draws_are_named() {
        let empty = |day| notes(day, Some(NO_DRAWS), None);
        let good = |day| notes(day, None, None);
        assert_eq!(of_notes(&[good(1)]), None);
        assert_eq!(of_notes(&[empty(1)]).as_deref(), Some(NO_DRAWS));
        assert_eq!(
            of_notes(&[empty(1), good(2), empty(3)]).as_deref(),
            Some("The feed has no draws for 2 of 3 days: 2025-06-01, 2025-06-03.")
        );
    }

    #[test]
    fn days_with_an_unusual_number_of_draws_are_named() {
        let few = "12 draws; a Sunday usually has 74 to 80.";
        let odd = |day| notes(day, None, Some(few));
        let good = |day| notes(day, None, None);
        assert_eq!(of_notes(&[odd(1)]).as_deref(), Some(few));
        assert_eq!(
            of_notes(&[odd(1), good(2)]).unwrap(),
            format!("2025-06-01: {few}")
        );
        assert_eq!(
            of_notes(&[odd(1), good(2), odd(8)]).as_deref(),
            Some(
                "2 of 3 days have an unusual number of draws: 2025-06-01 (12 draws; a Sunday usually has 74 to 80), 2025-06-08 (12 draws; a Sunday usually has 74 to 80)."
            )
        );
        let none = notes(
            1,
            Some(NO_DRAWS),
            Some("No draws; a Sunday usually has 74 to 80."),
        );
        assert_eq!(
            of_notes(&[none]).as_deref(),
            Some("The feed has no draws for this day. No draws; a Sunday usually has 74 to 80.")
        );
    }
}
