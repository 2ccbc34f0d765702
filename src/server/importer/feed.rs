//! The feed's days: the bundled sample is one, a date range asks for several, one after the other.

use chrono::NaiveDate;
use sqlx::PgConnection;

use super::{
    Importer, SAMPLE,
    decode::{
        feed::{FeedDay, decode_day},
        record::Reject,
    },
    error::ImportError,
    rejects::{kept, nothing_usable},
};
use crate::{
    model::import_log::{DateOutcome, ImportDate, ImportReject, Phase},
    server::{
        attempt::Attempt,
        db::{
            attempts::Claimed,
            games, import_dates, import_rejects,
            outcomes::{self, Counters},
            results::{self, Draws},
        },
    },
};

impl Importer {
    pub(super) async fn import_sample(&self, attempt: &Attempt) -> Result<(), ImportError> {
        let day = decode_day(SAMPLE).map_err(|error| ImportError::Invalid(error.to_string()))?;
        attempt.enter(Phase::Loading);
        let mut tx = self.begin(attempt).await?;
        let counters = merge(&mut tx, attempt.key.import_id, day).await?;
        attempt.enter(Phase::Finishing);
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &counters).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// Imports the dates that are still to do, each in a transaction of its own.
    pub(super) async fn import_range(
        &self,
        import: &Claimed,
        attempt: &Attempt,
    ) -> Result<(), ImportError> {
        let dates = import_dates::of(&self.pool, import.id).await?;
        let total = i64::try_from(dates.len()).unwrap_or(i64::MAX);
        // An earlier attempt of this very import may have done some.
        let to_do: Vec<NaiveDate> = dates
            .iter()
            .filter(|d| d.outcome == DateOutcome::Pending)
            .map(|d| d.date)
            .collect();
        let done_before = total - i64::try_from(to_do.len()).unwrap_or(total);
        for (done, date) in (done_before..).zip(to_do) {
            if done > done_before {
                tokio::time::sleep(self.feed_delay).await;
            }
            attempt.enter(Phase::Fetching);
            attempt.progress(done, Some(total), None);
            self.import_date(attempt, date).await?;
        }
        attempt.progress(total, Some(total), None);
        attempt.enter(Phase::Finishing);
        self.end_range(attempt).await
    }

    /// One date: its data, its outcome and the log's counters are committed together.
    async fn import_date(&self, attempt: &Attempt, date: NaiveDate) -> Result<(), ImportError> {
        let id = attempt.key.import_id;
        let day = self.fetch(date).await;
        let mut tx = self.begin(attempt).await?;
        let (counters, failure) = match day {
            Ok(day) => (merge(&mut tx, id, day).await?, None),
            Err(reason) => (Counters::default(), Some(reason)),
        };
        import_dates::finish(&mut *tx, id, date, &counters, failure.as_deref()).await?;
        if !outcomes::add_date(&mut *tx, attempt.key, &counters, failure.is_none()).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// A day of the feed, or a sentence that says why there is none.
    async fn fetch(&self, date: NaiveDate) -> Result<FeedDay, String> {
        let Some(feed) = &self.feed else {
            return Err("No feed is configured: set EXTERNAL_API_URL.".into());
        };
        let body = feed
            .day(date, |_| ())
            .await
            .map_err(|error| format!("The feed {error}."))?;
        let day = decode_day(&body).map_err(|error| error.to_string())?;
        if day.draws.is_empty() && !day.rejects.is_empty() {
            let records = i64::try_from(day.rejects.len()).unwrap_or(i64::MAX);
            let first = day.rejects.into_iter().next().map(kept);
            return Err(nothing_usable(records, first.as_ref()).to_string());
        }
        Ok(day)
    }

    async fn end_range(&self, attempt: &Attempt) -> Result<(), ImportError> {
        let mut tx = self.pool.begin().await?;
        let dates = import_dates::of(&mut *tx, attempt.key.import_id).await?;
        if dates
            .iter()
            .any(|date| date.outcome != DateOutcome::Success)
        {
            return Err(ImportError::Dates(failed_dates(&dates)));
        }
        if !outcomes::succeed_range(&mut tx, attempt.key, self.now()).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }
}

/// How many dates did not succeed and which: "2 of 7 days failed: 2025-06-18 (The feed answered 500.), …".
pub(super) fn failed_dates(dates: &[ImportDate]) -> String {
    /// More than these are counted: the log's details list all.
    const NAMED: usize = 10;
    let failed: Vec<_> = dates
        .iter()
        .filter(|date| date.outcome == DateOutcome::Failed)
        .collect();
    let mut named: Vec<String> = failed
        .iter()
        .take(NAMED)
        .map(|date| {
            format!(
                "{} ({})",
                date.date,
                date.message
                    .as_deref()
                    .unwrap_or("no reason was noted")
                    .trim_end_matches('.')
            )
        })
        .collect();
    if failed.len() > NAMED {
        named.push(format!("and {} more", failed.len() - NAMED));
    }
    let days = if dates.len() == 1 { "day" } else { "days" };
    format!(
        "{} of {} {days} failed: {}. Retry asks for {} again.",
        failed.len(),
        dates.len(),
        named.join(", "),
        if failed.len() == 1 { "it" } else { "them" }
    )
}

/// Merges the draws of a day into games and results, and keeps its rejects.
async fn merge(db: &mut PgConnection, import_id: i32, day: FeedDay) -> sqlx::Result<Counters> {
    let names: Vec<&str> = day
        .draws
        .iter()
        .map(|draw| draw.game_name.as_str())
        .collect();
    let countries: Vec<Option<&str>> = day
        .draws
        .iter()
        .map(|draw| draw.country_code.as_deref())
        .collect();
    let mut draws = Draws::default();
    for draw in &day.draws {
        draws.base_game_ids.push(&draw.base_game_id);
        draws.dates.push(draw.result_date);
        draws.results_3up.push(draw.result_3up.as_deref());
        draws.results_2down.push(draw.result_2down.as_deref());
        draws.results_4up.push(draw.result_4up.as_deref());
        draws.statuses.push(draw.status.as_str());
    }
    let games_created =
        games::create_missing(&mut *db, &draws.base_game_ids, &names, &countries).await?;
    let written = results::upsert(&mut *db, &draws).await?;
    let rejects: Vec<ImportReject> = day
        .rejects
        .iter()
        .map(|reject: &Reject| kept(reject.clone()))
        .collect();
    import_rejects::keep(&mut *db, import_id, &rejects).await?;

    let records = i64::try_from(day.draws.len()).unwrap_or(i64::MAX);
    Ok(Counters {
        records,
        games_created,
        results_created: written.created,
        results_updated: written.updated,
        results_unchanged: records - written.created - written.updated,
        duplicates: i64::try_from(day.duplicates).unwrap_or(i64::MAX),
        rejected: i64::try_from(rejects.len()).unwrap_or(i64::MAX),
    })
}
