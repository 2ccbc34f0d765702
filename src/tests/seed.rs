//! The specification's own SQL works on our table, word for word (`seed/import-logging-system.md`).

use sqlx::{AssertSqlSafe, PgPool, Row as _};

use super::{app::App, fixtures::small_backup};

/// "Monitoring Queries".
const RECENT_STATUS: &str = "\
SELECT import_type, status, COUNT(*) 
FROM import_logs 
WHERE started_at > NOW() - INTERVAL '24 hours'
GROUP BY import_type, status;";

const FAILED: &str = "\
SELECT * FROM import_logs 
WHERE status = 'failed' 
ORDER BY started_at DESC 
LIMIT 10;";

const SUCCESS_RATE: &str = "\
SELECT 
  import_type,
  COUNT(*) as total,
  SUM(CASE WHEN status = 'success' THEN 1 ELSE 0 END) as successful,
  ROUND(100.0 * SUM(CASE WHEN status = 'success' THEN 1 ELSE 0 END) / COUNT(*), 2) as success_rate
FROM import_logs 
GROUP BY import_type;";

#[sqlx::test(migrations = false)]
async fn the_monitoring_queries_run_unchanged(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.set_clock("2025-06-22T00:00:00Z");
    app.import(small_backup()).await;
    let now = app.number("SELECT extract(epoch FROM now())::bigint").await;
    app.set_clock(
        &chrono::DateTime::from_timestamp(now, 0)
            .unwrap()
            .to_rfc3339(),
    );
    app.import(small_backup()).await;
    app.import("[]").await;
    app.post("/import-sample-data").await;

    let mut recent: Vec<(String, String, i64)> = sqlx::query_as(RECENT_STATUS)
        .fetch_all(&app.pool)
        .await
        .unwrap();
    recent.sort();
    let expected = [
        ("backup", "failed", 1),
        ("backup", "success", 1),
        ("sample_data", "success", 1),
    ];
    assert_eq!(
        recent,
        expected.map(|(kind, status, count)| (kind.to_owned(), status.to_owned(), count))
    );

    let failed = sqlx::query(FAILED).fetch_all(&app.pool).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert!(
        failed[0]
            .get::<String, _>("error_message")
            .starts_with("Not a backup")
    );

    let as_text = format!(
        "SELECT import_type, total, successful, success_rate::text FROM ({}) rate ORDER BY 1",
        SUCCESS_RATE.trim_end_matches(';')
    );
    let rates: Vec<(String, i64, i64, String)> = sqlx::query_as(AssertSqlSafe(as_text))
        .fetch_all(&app.pool)
        .await
        .unwrap();
    let expected = [("backup", 3, 2, "66.67"), ("sample_data", 1, 1, "100.00")];
    assert_eq!(
        rates,
        expected.map(|(kind, total, good, rate)| (kind.to_owned(), total, good, rate.to_owned()))
    );
    sqlx::query(SUCCESS_RATE)
        .fetch_all(&app.pool)
        .await
        .unwrap();
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_table_begins_with_the_seeds_columns(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let columns: Vec<(String, String, Option<i32>)> = sqlx::query_as(
        "SELECT column_name::text, data_type::text, character_maximum_length::int FROM information_schema.columns
         WHERE table_name = 'import_logs' ORDER BY ordinal_position LIMIT 11",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let expected = [
        ("id", "integer", None),
        ("filename", "character varying", Some(255)),
        ("import_type", "character varying", Some(50)),
        ("started_at", "timestamp with time zone", None),
        ("completed_at", "timestamp with time zone", None),
        ("status", "character varying", Some(20)),
        ("records_processed", "integer", None),
        ("games_created", "integer", None),
        ("results_created", "integer", None),
        ("error_message", "text", None),
        ("file_size", "bigint", None),
    ];
    assert_eq!(
        columns,
        expected.map(|(name, kind, length)| (name.to_owned(), kind.to_owned(), length))
    );
    app.stop().await;
}

/// A client of the seed's time writes its rows itself, first `running`, then how it ended.
#[sqlx::test(migrations = false)]
async fn the_seeds_own_rows_live_beside_ours(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute("INSERT INTO import_logs (filename, import_type, status) VALUES ('responseData.json', 'sample_data', 'running')").await;
    let json = &app.get("/import-logs").await.json()[0];
    assert_eq!(
        (&json["filename"], &json["status"]),
        (&"responseData.json".into(), &"running".into())
    );
    assert_eq!(
        (&json["games_created"], &json["completed_at"]),
        (&0.into(), &serde_json::Value::Null)
    );
    app.execute(
        "UPDATE import_logs SET status = 'success', completed_at = NOW(), games_created = 3",
    )
    .await;
    app.expire_leases().await;
    app.housekeeping.recover().await.unwrap();
    let json = &app.get("/import-logs").await.json()[0];
    assert_eq!(
        (&json["status"], &json["games_created"]),
        (&"success".into(), &3.into())
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_seeds_row_that_nobody_ends_does_not_run_for_ever(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (filename, import_type, status, file_size) VALUES ('b.json', 'backup', 'running', 5);
         INSERT INTO import_logs (import_type) VALUES ('date_range')",
    )
    .await;
    app.expire_leases().await;
    assert_eq!(app.housekeeping.recover().await.unwrap().failed, 2);
    assert_eq!(app.number("SELECT count(*) FROM import_logs WHERE status = 'failed' AND error_message <> '' AND completed_at IS NOT NULL").await, 2);
    app.stop().await;
}
