//! Sums of logs. Triggers keep them (migration `monitoring` says how); what they don't hold is added here: what has not been
//! folded yet, logs that run, and those of the rest of a quarter of an hour in which a stretch begins.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use sqlx::PgExecutor;

use crate::model::{
    import_log::{ImportStatus, ImportType},
    monitoring::Counted,
};

/// So many changes are folded at a time.
const FOLDED_AT_ONCE: i64 = 20_000;

/// Logs by the words that they have, of a stretch of time that lies in one slot.
struct Summed {
    at: DateTime<Utc>,
    words: Vec<String>,
    logs: Vec<i64>,
    records: Vec<i64>,
}

/// Counts the logs that started in some slots: of each its beginning, and the end of the last. All but the first begin with a
/// quarter of an hour, as hours and days of every zone do.
///
/// # Errors
/// When the database refuses.
pub async fn counted(
    db: impl PgExecutor<'_>,
    slots: &[DateTime<Utc>],
    until: DateTime<Utc>,
) -> sqlx::Result<Vec<Counted>> {
    let Some(from) = slots.first().copied() else {
        return Ok(Vec::new());
    };
    let hour = TimeDelta::hours(1);
    let mut ends = slots.iter().chain([&until]);
    let grain = if ends.all(|end| first_of(*end, hour) == *end) {
        "hour"
    } else {
        "quarter"
    };
    let summed = sqlx::query_as!(
        Summed,
        r#"SELECT begins_at AS "at!", words AS "words!", logs AS "logs!", records AS "records!"
           FROM import_log_sums WHERE grain = $1 AND begins_at >= $3 AND begins_at < $4
           UNION ALL
           SELECT quarter, ARRAY[words], ARRAY[logs], ARRAY[records]
           FROM import_log_deltas WHERE quarter >= $3 AND quarter < $4
           UNION ALL
           SELECT started_at, ARRAY[import_log_words(log)], ARRAY[1], ARRAY[records_processed]
           FROM import_logs log WHERE status <> 'running' AND started_at >= $2 AND started_at < least($3, $4)
           UNION ALL
           SELECT started_at, ARRAY[import_log_words(log)], ARRAY[1], ARRAY[records_processed]
           FROM import_logs log WHERE status = 'running' AND started_at >= $2 AND started_at < $4"#,
        grain,
        from,
        first_quarter(from),
        until
    )
    .fetch_all(db)
    .await?;
    let nth = |at: DateTime<Utc>| {
        slots
            .partition_point(|begin| *begin <= at)
            .saturating_sub(1)
    };
    Ok(added_up(&summed, nth))
}

/// Counts all logs that there are.
///
/// # Errors
/// When the database refuses.
pub async fn ever(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Counted>> {
    let summed = sqlx::query_as!(
        Summed,
        r#"SELECT begins_at AS "at!", words AS "words!", logs AS "logs!", records AS "records!"
           FROM import_log_sums WHERE grain = 'day'
           UNION ALL
           SELECT quarter, ARRAY[words], ARRAY[logs], ARRAY[records] FROM import_log_deltas
           UNION ALL
           SELECT started_at, ARRAY[import_log_words(log)], ARRAY[1], ARRAY[records_processed]
           FROM import_logs log WHERE status = 'running'"#
    )
    .fetch_all(db)
    .await?;
    Ok(added_up(&summed, |_| 0))
}

/// Adds up what is alike, and of the same slot.
fn added_up(summed: &[Summed], nth: impl Fn(DateTime<Utc>) -> usize) -> Vec<Counted> {
    let mut added: HashMap<(usize, &str), (i64, i64)> = HashMap::new();
    for part in summed {
        let slot = nth(part.at);
        for ((words, logs), records) in part.words.iter().zip(&part.logs).zip(&part.records) {
            let sum = added.entry((slot, words)).or_default();
            *sum = (sum.0 + logs, sum.1 + records);
        }
    }
    let known = added.into_iter().filter(|(_, (logs, _))| *logs > 0);
    let counted = known.filter_map(|((slot, words), (logs, records))| {
        let mut words = words.split('/');
        let import_type = words.next().map(ImportType::from)?;
        let status: ImportStatus = words.next()?.parse().ok()?;
        let failure_kind = words.next().filter(|kind| !kind.is_empty()).map(Into::into);
        let became = words.next().unwrap_or_default();
        Some(Counted {
            slot,
            import_type,
            status,
            failure_kind,
            open: became == "open",
            resolved: became == "resolved",
            logs,
            records,
        })
    });
    counted.collect()
}

/// How many logs took how many milliseconds, of one type.
pub type Durations = BTreeMap<i64, i64>;

struct Lasted {
    import_type: ImportType,
    millis: Vec<i64>,
    logs: Vec<i64>,
}

/// How long the imports took that started in a stretch and have ended, by type. The stretch ends with a quarter of an hour.
///
/// # Errors
/// When the database refuses.
pub async fn took(
    db: impl PgExecutor<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> sqlx::Result<Vec<(ImportType, Durations)>> {
    let quarters = first_quarter(from);
    // Days that lie within are read as such; the quarters before and after them one by one.
    let days = first_of(from, TimeDelta::days(1));
    let end = until.duration_trunc(TimeDelta::days(1)).unwrap_or(until);
    let (days, end) = if days < end {
        (days, end)
    } else {
        (until, until)
    };
    let lasted = sqlx::query_as!(
        Lasted,
        r#"SELECT import_type AS "import_type!: ImportType", millis AS "millis!", logs AS "logs!" FROM import_log_durations
           WHERE grain = 'day' AND begins_at >= $4 AND begins_at < $5
           UNION ALL
           SELECT import_type, millis, logs FROM import_log_durations
           WHERE grain = 'quarter' AND begins_at >= $3 AND begins_at < $4
           UNION ALL
           SELECT import_type, millis, logs FROM import_log_durations
           WHERE grain = 'quarter' AND begins_at >= $5 AND begins_at < $2
           UNION ALL
           SELECT split_part(words, '/', 1), ARRAY[millis], ARRAY[logs] FROM import_log_deltas
           WHERE quarter >= $3 AND quarter < $2 AND millis IS NOT NULL
           UNION ALL
           SELECT import_type, ARRAY[import_millis(started_at, completed_at)], ARRAY[1] FROM import_logs
           WHERE status <> 'running' AND completed_at IS NOT NULL AND started_at >= $1 AND started_at < least($3, $2)"#,
        from,
        until,
        quarters,
        days,
        end
    )
    .fetch_all(db)
    .await?;
    let mut by_type: HashMap<ImportType, Durations> = HashMap::new();
    for part in lasted {
        let known = by_type.entry(part.import_type).or_default();
        for (millis, logs) in part.millis.into_iter().zip(part.logs) {
            *known.entry(millis).or_default() += logs;
        }
    }
    for durations in by_type.values_mut() {
        durations.retain(|_, logs| *logs > 0);
    }
    Ok(by_type
        .into_iter()
        .filter(|(_, known)| !known.is_empty())
        .collect())
}

/// Folds changes into the sums. Answers whether there may be more of them.
///
/// # Errors
/// When the database refuses.
pub async fn fold(db: impl PgExecutor<'_>) -> sqlx::Result<bool> {
    let folded = sqlx::query_scalar!(
        r#"SELECT fold_import_log_deltas($1) AS "folded!""#,
        FOLDED_AT_ONCE
    )
    .fetch_one(db)
    .await?;
    Ok(folded >= FOLDED_AT_ONCE)
}

/// The first quarter of an hour that doesn't begin before a moment.
fn first_quarter(moment: DateTime<Utc>) -> DateTime<Utc> {
    first_of(moment, TimeDelta::minutes(15))
}

fn first_of(moment: DateTime<Utc>, width: TimeDelta) -> DateTime<Utc> {
    moment.duration_round_up(width).unwrap_or(moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_that_a_moment_begins_is_its_own() {
        for (moment, quarter) in [
            ("2026-11-26T04:30:00Z", "2026-11-26T04:30:00Z"),
            ("2026-11-26T04:30:00.000001Z", "2026-11-26T04:45:00Z"),
            ("2026-11-26T23:59:59Z", "2026-11-27T00:00:00Z"),
        ] {
            let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
            assert_eq!(first_quarter(at(moment)), at(quarter), "{moment}");
        }
    }
}
