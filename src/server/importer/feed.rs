//! The feed's days: the bundled sample is one, a date range asks for several, one after the other.

use chrono::NaiveDate;

use super::{
    Importer, SAMPLE,
    day_failure::{DayFailure, Sort},
    decode::{
        calendar::Calendar,
        feed::{FeedDay, Question, decode_day},
    },
    draws,
    error::ImportError,
    rejects::{kept, nothing_usable},
    summary, volume,
};
use crate::{
    model::{
        self,
        import_log::{DateOutcome, FailureKind, ImportReject, Phase, Requester},
    },
    server::{
        attempt::Attempt,
        db::{
            self,
            import_dates::{self, DateEnd},
            import_rejects,
            outcomes::{self, Brought, counted},
            runs::Claimed,
        },
    },
};

/// After so many days in a row that fail alike no more are asked: the next would fail as well.
const ALIKE: u32 = 3;

impl Importer {
    pub(super) async fn import_sample(&self, attempt: &Attempt) -> Result<(), ImportError> {
        let question = Question {
            day: None,
            calendar: Calendar::new(self.clock.today()),
        };
        let day = decode_day(SAMPLE, question)
            .map_err(|error| ImportError::Invalid(error.to_string()))?;
        attempt.enter(Phase::Loading);
        let mut tx = self.begin(attempt).await?;
        let mut brought = draws::merge(&mut tx, attempt.key.import_id, &day.draws).await?;
        add_rejects(&mut brought, &day);
        brought.note = odd_countries(&day);
        let rejects = rejects_of(day, None);
        attempt.enter(Phase::Finishing);
        attempt.note_phases(&mut *tx).await?;
        if !outcomes::succeed(&mut tx, attempt.key, self.now(), &brought).await? {
            return Err(ImportError::Lost);
        }
        import_rejects::add(&mut tx, attempt.key.import_id, &rejects).await?;
        Ok(tx.commit().await?)
    }

    /// Imports the dates that are still to do, each in a transaction of its own.
    pub(super) async fn import_range(
        &self,
        import: &Claimed,
        attempt: &Attempt,
    ) -> Result<(), ImportError> {
        let dates = import_dates::of(&self.pool, import.id).await?;
        let total = counted(dates.len());
        // An earlier attempt of this very import may have done some.
        let mut to_do: Vec<NaiveDate> = dates
            .iter()
            .filter(|d| d.outcome == DateOutcome::Pending)
            .map(|d| d.date)
            .collect();
        // The scheduler's are the days that are not complete: if the feed gives up on old ones, today has been asked for.
        if import.requested_by == Some(Requester::Scheduler) {
            to_do.reverse();
        }
        let done_before = total - i64::try_from(to_do.len()).unwrap_or(total);
        let (mut alike, mut latest) = (0, None);
        for (done, date) in (done_before..).zip(to_do) {
            if done > done_before {
                attempt.elsewhere(tokio::time::sleep(self.feed_delay)).await;
            }
            attempt.enter(Phase::Fetching);
            attempt.progress(done, Some(total), None);
            let failure = self.import_date(attempt, date).await?;
            alike = if failure.is_some() && failure == latest {
                alike + 1
            } else {
                1
            };
            if failure.is_some() && alike == ALIKE {
                break;
            }
            latest = failure;
        }
        attempt.enter(Phase::Finishing);
        self.end_range(attempt).await
    }

    /// One date: its data, its outcome and the log's counters are committed together. Answers how it failed, if so.
    async fn import_date(
        &self,
        attempt: &Attempt,
        date: NaiveDate,
    ) -> Result<Option<Sort>, ImportError> {
        // An answer that is fetched just before midnight is of a day that isn't over, whenever it is stored.
        let today = self.clock.today();
        let failure = match self.fetch(attempt, date, today).await {
            Ok(day) => match self.store(attempt, date, today, day).await {
                Err(ImportError::Database(error)) if !db::is_passing(&error) => {
                    tracing::error!(%date, %error, "database");
                    DayFailure::refused()
                }
                stored => return stored.map(|()| None),
            },
            Err(failure) => failure,
        };
        self.note_failure(attempt, date, &failure).await?;
        Ok(Some(failure.sort))
    }

    /// Commits a day of the feed, which was asked for on `today`.
    async fn store(
        &self,
        attempt: &Attempt,
        date: NaiveDate,
        today: NaiveDate,
        day: FeedDay,
    ) -> Result<(), ImportError> {
        let id = attempt.key.import_id;
        let mut tx = self.begin(attempt).await?;
        let mut brought = draws::merge(&mut tx, attempt.key.import_id, &day.draws).await?;
        add_rejects(&mut brought, &day);
        let note = if day.draws.is_empty() {
            Some(summary::NO_DRAWS.to_owned())
        } else {
            odd_countries(&day)
        };
        let draws = counted(day.draws.len());
        let rejects = rejects_of(day, Some(date));
        let end = DateEnd::Success(draws, note.as_deref());
        import_dates::finish(&mut tx, id, date, &brought.counters, end).await?;
        volume::judge(&mut tx, id, date, today, draws).await?;
        import_rejects::add(&mut tx, id, &rejects).await?;
        if !outcomes::add_date(&mut tx, attempt.key, &brought, Some(date)).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// Commits that a day failed, and the records that were to blame.
    async fn note_failure(
        &self,
        attempt: &Attempt,
        date: NaiveDate,
        failure: &DayFailure,
    ) -> Result<(), ImportError> {
        let id = attempt.key.import_id;
        let mut tx = self.begin(attempt).await?;
        let mut brought = Brought::default();
        brought.counters.records = failure.rejected;
        brought.counters.rejected = failure.rejected;
        let end = DateEnd::Failed(failure.kind, &failure.sentence);
        import_dates::finish(&mut tx, id, date, &brought.counters, end).await?;
        import_rejects::add(&mut tx, id, &failure.rejects).await?;
        if !outcomes::add_date(&mut tx, attempt.key, &brought, None).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }

    /// A day of the feed, or why there is none.
    async fn fetch(
        &self,
        attempt: &Attempt,
        date: NaiveDate,
        today: NaiveDate,
    ) -> Result<FeedDay, DayFailure> {
        let Some(feed) = &self.feed else {
            return Err(DayFailure::no_feed());
        };
        let asked = feed.day(date, |trouble, until| attempt.is_in_trouble(trouble, until));
        let body = attempt.elsewhere(asked).await;
        attempt.is_out_of_trouble();
        let body = body.map_err(|error| DayFailure::of_feed(&error))?;
        let question = Question {
            day: Some(date),
            calendar: Calendar::new(today),
        };
        let day = decode_day(&body, question).map_err(|error| DayFailure::of_answer(&error))?;
        if day.draws.is_empty() && !day.rejects.is_empty() {
            let rejected = counted(day.rejected);
            let rejects = rejects_of(day, Some(date));
            return Err(DayFailure {
                kind: FailureKind::InvalidInput,
                sort: Sort::Unusable,
                sentence: nothing_usable(rejected, "record", rejects.first()),
                rejects,
                rejected,
            });
        }
        Ok(day)
    }

    async fn end_range(&self, attempt: &Attempt) -> Result<(), ImportError> {
        let mut tx = self.pool.begin().await?;
        let dates = import_dates::of(&mut *tx, attempt.key.import_id).await?;
        let notes = import_dates::notes(&mut *tx, attempt.key.import_id).await?;
        if let Some((kind, mut sentence)) = summary::of_failure(&dates) {
            if let Some(unusual) = summary::of_unusual_days(&notes) {
                sentence = format!("{sentence} {unusual}");
            }
            return Err(ImportError::Dates(kind, sentence));
        }
        let note = summary::of_notes(&notes);
        let now = self.now();
        if !outcomes::succeed_range(&mut tx, attempt.key, now, note.as_deref()).await? {
            return Err(ImportError::Lost);
        }
        Ok(tx.commit().await?)
    }
}

/// The rejects of a day, which know that they are its.
fn rejects_of(day: FeedDay, date: Option<NaiveDate>) -> Vec<ImportReject> {
    day.rejects
        .into_iter()
        .map(|reject| ImportReject {
            date,
            ..kept(reject)
        })
        .collect()
}

/// Rejects are records that were read, too.
fn add_rejects(brought: &mut Brought, day: &FeedDay) {
    let rejected = counted(day.rejected);
    brought.counters.rejected += rejected;
    brought.counters.records += rejected;
}

/// What there is to say of draws that were taken without their country.
fn odd_countries(day: &FeedDay) -> Option<String> {
    let (number, why) = day.odd.as_ref()?;
    let draws = model::count::count(counted(*number), "draw was", "draws were");
    Some(format!(
        "{draws} taken without the country. The first: {why}"
    ))
}
