//! "The latest 20" of a million logs comes from the index.

use std::{fs, path::Path};

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use super::app::App;

/// The one statement that says this, as it was prepared from the source.
pub fn statement(says: &str) -> String {
    let prepared = Path::new(env!("CARGO_MANIFEST_DIR")).join(".sqlx");
    let queries = fs::read_dir(prepared).unwrap().filter_map(|entry| {
        let query: Value =
            serde_json::from_str(&fs::read_to_string(entry.unwrap().path()).unwrap()).unwrap();
        query["query"].as_str().map(str::to_owned)
    });
    let found: Vec<String> = queries.filter(|query| query.contains(says)).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found[0].clone()
}

#[sqlx::test(migrations = false)]
async fn the_latest_20_of_1_000_000_logs_come_from_the_index(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    // In pieces: a busy machine would be too slow for one statement.
    for piece in 0..10 {
        sqlx::query(
            "INSERT INTO import_logs (import_type, status, started_at, completed_at)
             SELECT 'sample_data', 'success', '2020-01-01'::timestamptz + make_interval(secs => (n::bigint * 7919) % 1000003), now()
             FROM generate_series($1 * 100000 + 1, ($1 + 1) * 100000) n",
        )
        .bind(piece)
        .execute(&app.pool)
        .await
        .unwrap();
    }
    app.execute("ANALYZE import_logs").await;
    let latest = statement("ORDER BY started_at DESC, log.id DESC LIMIT $1").replace("$1", "20");
    let explain = format!("EXPLAIN (ANALYZE, FORMAT JSON) {latest}");
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(explain))
        .fetch_one(&app.pool)
        .await
        .unwrap();
    let text = plan.to_string();
    assert!(
        text.contains("\"Index Name\":\"import_logs_latest\""),
        "{plan:#}"
    );
    for slow in ["Seq Scan", "Sort", "Bitmap"] {
        assert!(!text.contains(slow), "{plan:#}");
    }
    let read = &plan[0]["Plan"]["Plans"][0]["Actual Rows"];
    assert_eq!(read.as_f64(), Some(20.0), "{plan:#}");

    let logs = app.get("/import-logs").await.json();
    assert_eq!(logs.as_array().unwrap().len(), 20);
    app.stop().await;
}
