//! The sums of logs: whatever happens to logs, they say what a plain look at each of them says.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::PgPool;

use super::{app::App, fixtures::small_backup};
use crate::model::{
    import_log::{ImportStatus, ImportType},
    monitoring::{Counted, Outcome, Slot, Sums, Took, logs},
};

/// What happens to logs; a number chooses one that is there.
#[derive(Clone, Debug)]
enum Step {
    Add(Log),
    AddMany(i32),
    End(i32),
    FailAgain(i32),
    Resolve(i32),
    Dismiss(i32),
    Supersede(i32),
    SayMore(i32),
    Remove(i32),
    RemoveOldest(i32),
    Empty,
    Fold(i64),
}

#[derive(Clone, Debug)]
struct Log {
    import_type: &'static str,
    status: &'static str,
    failure_kind: Option<&'static str>,
    /// After the first moment.
    seconds: i64,
    millis: Option<i64>,
    records: i32,
}

fn first_moment() -> DateTime<Utc> {
    "2025-06-18T22:07:30.000001Z".parse().unwrap()
}

fn log() -> impl Strategy<Value = Log> {
    let kinds = prop::sample::select(vec![None, Some("cancelled"), Some("internal")]);
    (
        prop::sample::select(vec!["backup", "date_range", "sample_data"]),
        prop::sample::select(vec!["running", "success", "success", "failed", "failed"]),
        kinds,
        0..400_000_i64,
        proptest::option::weighted(
            0.9,
            prop_oneof![0..200_i64, 0..20_000_i64, 0..9_000_000_i64],
        ),
        0..2000,
    )
        .prop_map(
            |(import_type, status, kind, seconds, millis, records)| Log {
                import_type,
                status,
                failure_kind: kind.filter(|_| status == "failed"),
                seconds,
                millis,
                records,
            },
        )
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0..1000;
    prop_oneof![
        6 => log().prop_map(Step::Add),
        1 => (1..60).prop_map(Step::AddMany),
        3 => any.clone().prop_map(Step::End),
        1 => any.clone().prop_map(Step::FailAgain),
        2 => any.clone().prop_map(Step::Resolve),
        2 => any.clone().prop_map(Step::Dismiss),
        1 => any.clone().prop_map(Step::Supersede),
        1 => any.clone().prop_map(Step::SayMore),
        2 => any.clone().prop_map(Step::Remove),
        1 => any.prop_map(Step::RemoveOldest),
        // Rarely.
        1 => prop_oneof![9 => Just(Step::Fold(1000)), 1 => Just(Step::Empty)],
        3 => (1..40_i64).prop_map(Step::Fold),
    ]
}

impl Step {
    async fn take(&self, app: &App) {
        const CHOSEN: &str = "WHERE id = (SELECT id FROM import_logs ORDER BY id OFFSET $1 % (SELECT count(*) + 1 FROM import_logs) LIMIT 1)";
        let on_one = |what: &str, also: &str| format!("{what} {CHOSEN} {also}");
        let (sql, number) = match self {
            Self::Add(log) => {
                let started_at = first_moment() + TimeDelta::seconds(log.seconds);
                let took = log.millis.filter(|_| log.status != "running");
                sqlx::query(
                    "INSERT INTO import_logs (import_type, status, failure_kind, started_at, completed_at, records_processed)
                     VALUES ($1, $2, $3, $4, $5, $6)",
                )
                .bind(log.import_type)
                .bind(log.status)
                .bind(log.failure_kind)
                .bind(started_at)
                .bind(took.map(|millis| started_at + TimeDelta::milliseconds(millis)))
                .bind(log.records)
                .execute(&app.pool)
                .await
                .unwrap();
                return;
            }
            Self::AddMany(number) => (
                "INSERT INTO import_logs (import_type, status, started_at, completed_at, records_processed)
                 SELECT 'sample_data', 'success', at, at + n * interval '17 ms', n
                 FROM (SELECT n, timestamptz '2025-06-19 23:50+00' + n * interval '1 minute' AS at
                       FROM generate_series(1, $1::int) AS n) AS made"
                    .to_owned(),
                *number,
            ),
            Self::End(nth) => (
                on_one(
                    "UPDATE import_logs SET status = 'success', completed_at = started_at + id * interval '13 ms', records_processed = 7",
                    "AND status = 'running'",
                ),
                *nth,
            ),
            Self::FailAgain(nth) => (
                on_one(
                    "UPDATE import_logs SET status = 'failed', failure_kind = 'interrupted', completed_at = started_at + interval '1 hour'",
                    "AND status = 'running'",
                ),
                *nth,
            ),
            Self::Resolve(nth) => (
                on_one("UPDATE import_logs SET resolved_by = 1000000", "AND status = 'failed'"),
                *nth,
            ),
            Self::Dismiss(nth) => (
                on_one("UPDATE import_logs SET dismissed_by = 'page', dismissed_at = now()", "AND open_failure"),
                *nth,
            ),
            Self::Supersede(nth) => (
                on_one("UPDATE import_logs SET superseded_by = 1000000", "AND open_failure"),
                *nth,
            ),
            Self::SayMore(nth) => (
                on_one("UPDATE import_logs SET note = 'More.', records_processed = records_processed + 1", ""),
                *nth,
            ),
            Self::Remove(nth) => (on_one("DELETE FROM import_logs", ""), *nth),
            Self::RemoveOldest(number) => (
                "DELETE FROM import_logs WHERE id IN (SELECT id FROM import_logs ORDER BY started_at LIMIT $1 % 20)".to_owned(),
                *number,
            ),
            Self::Empty => ("TRUNCATE import_logs CASCADE".to_owned(), 0),
            Self::Fold(most) => {
                fold(app, *most).await;
                return;
            }
        };
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = if matches!(self, Self::Empty) {
            query
        } else {
            query.bind(number)
        };
        query.execute(&app.pool).await.unwrap();
    }
}

async fn fold(app: &App, most: i64) -> i64 {
    sqlx::query_scalar("SELECT fold_import_log_deltas($1)")
        .bind(most)
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

/// Slots that begin so many quarters of an hour after midnight, the first some seconds later.
fn slots() -> impl Strategy<Value = Vec<Slot>> {
    let whole_hours = prop::collection::btree_set((0..120_i64).prop_map(|hour| 4 * hour), 2..9);
    let quarters = prop::collection::btree_set(0..480_i64, 2..9);
    (
        prop_oneof![whole_hours, quarters],
        prop_oneof![Just(0_i64), 1..900_i64],
    )
        .prop_map(|(quarters, late)| {
            let midnight: DateTime<Utc> = "2025-06-18T22:00:00Z".parse().unwrap();
            let at = |quarter: i64| midnight + TimeDelta::minutes(15 * quarter);
            let ends: Vec<_> = quarters.into_iter().map(at).collect();
            let mut slots: Vec<Slot> = ends
                .windows(2)
                .map(|pair| Slot {
                    begins_at: pair[0],
                    ends_at: pair[1],
                    day: None,
                })
                .collect();
            slots[0].begins_at += TimeDelta::seconds(late.min(899));
            slots
        })
}

type Plain = (i32, String, String, Option<String>, bool, bool, i64, i64);

/// What the plain query says of slots.
async fn plainly(app: &App, begins: &[DateTime<Utc>], until: DateTime<Utc>) -> Vec<Plain> {
    sqlx::query_as(
        "SELECT width_bucket(started_at, $1) - 1, import_type, status, failure_kind, open_failure,
                status = 'failed' AND resolved_by IS NOT NULL, count(*), sum(records_processed)
         FROM import_logs WHERE started_at >= $1[1] AND started_at < $2 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6",
    )
    .bind(begins)
    .bind(until)
    .fetch_all(&app.pool)
    .await
    .unwrap()
}

fn told(counted: &[Counted]) -> Vec<Plain> {
    let mut told: Vec<Plain> = counted
        .iter()
        .map(|it| {
            (
                i32::try_from(it.slot).unwrap(),
                it.import_type.to_string(),
                it.status.to_string(),
                it.failure_kind.map(|kind| kind.to_string()),
                it.open,
                it.resolved,
                it.logs,
                it.records,
            )
        })
        .collect();
    // As the database sorts: what isn't there comes last.
    told.sort_by_key(|it| {
        (
            it.0,
            it.1.clone(),
            it.2.clone(),
            it.3.is_none(),
            it.3.clone(),
            it.4,
            it.5,
        )
    });
    told
}

/// A number to two digits.
fn rounded(number: i64) -> i64 {
    let digits = u32::try_from(number.to_string().len()).unwrap();
    let step = 10_i64.pow(digits.saturating_sub(2));
    (number + step / 2) / step * step
}

/// What the plain query says of how long imports took.
async fn plainly_took(
    app: &App,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Vec<(String, i64, i64, i64)> {
    let rows: Vec<(String, i64, Vec<f64>)> = sqlx::query_as(
        "SELECT import_type, count(*),
                percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY date_part('epoch', completed_at - started_at))
         FROM import_logs WHERE status <> 'running' AND completed_at IS NOT NULL AND started_at >= $1 AND started_at < $2
         GROUP BY import_type ORDER BY import_type",
    )
    .bind(from)
    .bind(until)
    .fetch_all(&app.pool)
    .await
    .unwrap();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of a few hours"
    )]
    let millis = |seconds: f64| rounded((seconds * 1000.0).round() as i64);
    rows.into_iter()
        .map(|(import_type, logs, took)| (import_type, logs, millis(took[0]), millis(took[1])))
        .collect()
}

fn told_took(took: &[Took]) -> Vec<(String, i64, i64, i64)> {
    let mut told: Vec<_> = took
        .iter()
        .map(|it| (it.import_type.to_string(), it.logs, it.median, it.p95))
        .collect();
    told.sort();
    told
}

async fn sums(app: &App, slots: &[Slot], day_ago: DateTime<Utc>) -> Sums {
    app.monitoring.sums(slots, day_ago).await.unwrap()
}

async fn says_what_is_there(app: &App, slots: &[Slot], day_ago: DateTime<Utc>) {
    let begins: Vec<_> = slots.iter().map(|slot| slot.begins_at).collect();
    let until = slots.last().unwrap().ends_at;
    let sums = sums(app, slots, day_ago).await;
    assert_eq!(told(&sums.slots), plainly(app, &begins, until).await);
    let forever = "2200-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        told(&sums.last_day),
        plainly(app, &[day_ago], forever).await
    );
    assert_eq!(
        told(&sums.ever),
        plainly(app, &[DateTime::UNIX_EPOCH], forever).await
    );
    assert_eq!(
        told_took(&sums.took),
        plainly_took(app, begins[0], until).await
    );
}

/// After any sequence of what happens to logs, folded or not, the sums are those of the plain queries.
#[sqlx::test(migrations = false)]
async fn the_sums_are_what_a_plain_look_at_each_log_says(pool: PgPool) {
    const CASES: usize = 40;
    let app = App::idle(&pool, &[]).await;
    let mut runner = TestRunner::deterministic();
    let cases = (
        prop::collection::vec(step(), 1..40),
        prop::collection::vec(slots(), 3),
        0..400_000_i64,
    );
    for _ in 0..CASES {
        let (steps, looks, day_ago) = cases.new_tree(&mut runner).unwrap().current();
        Step::Empty.take(&app).await;
        let day_ago = first_moment() + TimeDelta::seconds(day_ago);
        for (nth, step) in steps.iter().enumerate() {
            step.take(&app).await;
            if nth % 8 == 7 {
                says_what_is_there(&app, &looks[nth % looks.len()], day_ago).await;
            }
        }
        for look in &looks {
            says_what_is_there(&app, look, day_ago).await;
        }
        // All of it folded, nothing is left but the sums, and they say the same.
        while fold(&app, 7).await > 0 {}
        assert_eq!(
            app.number("SELECT count(*) FROM import_log_deltas").await,
            0
        );
        for look in &looks {
            says_what_is_there(&app, look, day_ago).await;
        }
    }
    // Of logs that are gone nothing stays.
    app.execute("DELETE FROM import_logs").await;
    app.monitoring.fold().await.unwrap();
    let left = "SELECT (SELECT count(*) FROM import_log_sums) + (SELECT count(*) FROM import_log_durations)";
    assert_eq!(app.number(left).await, 0);
    app.stop().await;
}

/// The specification's own query, word for word but for the order.
#[sqlx::test(migrations = false)]
async fn the_success_rate_is_that_of_the_specification(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("bad.json", "[]".to_owned()).await;
    app.import(small_backup()).await;
    app.post("/import-sample-data").await;
    app.execute("INSERT INTO import_logs (import_type) VALUES ('backup')")
        .await;
    let plain: Vec<(String, i64, i64, String)> = sqlx::query_as(
        "SELECT
           import_type,
           COUNT(*) as total,
           SUM(CASE WHEN status = 'success' THEN 1 ELSE 0 END) as successful,
           ROUND(100.0 * SUM(CASE WHEN status = 'success' THEN 1 ELSE 0 END) / COUNT(*), 2)::text as success_rate
         FROM import_logs
         GROUP BY import_type ORDER BY import_type",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let ever = sums(&app, &[], DateTime::UNIX_EPOCH).await.ever;
    let html = app.page("/monitoring").await.text();
    for (import_type, total, successful, rate) in &plain {
        let of_it = |it: &Counted| it.import_type.as_str() == import_type;
        assert_eq!(logs(&ever, of_it), *total);
        assert_eq!(
            logs(&ever, |it| of_it(it) && it.status == ImportStatus::Success),
            *successful
        );
        assert!(
            html.contains(&format!(">{rate}\u{a0}%<")),
            "no {rate}: {html}"
        );
    }
    assert_eq!(plain[0].3, "33.33");
    app.stop().await;
}

/// A failure whose retry brings what it lacked counts as resolved; its way leads over every statement that settles failures.
#[sqlx::test(migrations = false)]
async fn a_failure_is_open_until_its_retry_resolves_it(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let first = app.newest().await.id;
    let of = async |outcome: Outcome| {
        let ever = sums(&app, &[], DateTime::UNIX_EPOCH).await.ever;
        (
            logs(&ever, |it| it.outcome() == outcome),
            logs(&ever, |it| it.resolved),
        )
    };
    assert_eq!(of(Outcome::Open).await, (1, 0));
    app.post(&format!("/import-logs/{first}/retry")).await;
    app.ended(first + 1).await;
    // The retry failed as well, and stands for both.
    assert_eq!(of(Outcome::Open).await, (1, 0));
    assert_eq!(of(Outcome::Settled).await, (1, 0));
    app.accept_all_backups().await;
    app.post(&format!("/import-logs/{}/retry", first + 1)).await;
    app.ended(first + 2).await;
    assert_eq!(of(Outcome::Open).await, (0, 2));
    assert_eq!(of(Outcome::Settled).await, (2, 2));
    assert_eq!(of(Outcome::Succeeded).await, (1, 2));
    app.delete("/import-logs").await;
    assert_eq!(of(Outcome::Succeeded).await, (0, 0));
    app.stop().await;
}

/// Imports that end at the same time must not wait for each other, nor for the folding.
#[sqlx::test(migrations = false)]
async fn nobody_waits_for_the_sums(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO import_logs (import_type, started_at) SELECT 'backup', '2025-06-22 10:00+00' FROM generate_series(1, 3)")
        .await;
    let end = "UPDATE import_logs SET status = 'success', completed_at = started_at + interval '1 second' WHERE id = $1";
    let mut first = app.pool.begin().await.unwrap();
    sqlx::query(end).bind(1).execute(&mut *first).await.unwrap();
    sqlx::query(end).bind(2).execute(&app.pool).await.unwrap();
    let mut folding = app.pool.begin().await.unwrap();
    sqlx::query("SELECT fold_import_log_deltas(10)")
        .execute(&mut *folding)
        .await
        .unwrap();
    // A second one doesn't wait either: the first does its work.
    assert_eq!(fold(&app, 10).await, 0);
    sqlx::query(end).bind(3).execute(&app.pool).await.unwrap();
    let ended = async || {
        let ever = sums(&app, &[], DateTime::UNIX_EPOCH).await.ever;
        logs(&ever, |it| {
            it.status == ImportStatus::Success && it.import_type == ImportType::Backup
        })
    };
    assert_eq!(ended().await, 2);
    folding.commit().await.unwrap();
    assert_eq!(ended().await, 2);
    first.commit().await.unwrap();
    assert_eq!(ended().await, 3);
    app.monitoring.fold().await.unwrap();
    assert_eq!(ended().await, 3);
    app.stop().await;
}
