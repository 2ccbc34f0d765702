//! The numbers of logs are true at any moment, however many there are, and cost the reading of a few rows.

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgPool};

use super::{app::App, fixtures::small_backup, latest::statement};
use crate::model::asked::Shows;

/// What the page says, and what there is.
async fn assert_true(app: &App) {
    let page = app.state.overview.page(Shows::default()).await.unwrap();
    let counted = async |what: &str| {
        let sql = format!("SELECT count(*) FROM import_logs WHERE {what}");
        sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql))
            .fetch_one(&app.pool)
            .await
            .unwrap()
    };
    assert_eq!(
        [
            page.finished_logs,
            page.running_logs,
            page.unresolved_failures
        ],
        [
            counted("status <> 'running'").await,
            counted("status = 'running'").await,
            counted("open_failure").await,
        ]
    );
}

#[sqlx::test(migrations = false)]
async fn they_are_true_after_whatever_happens_to_logs(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    assert_true(&app).await;
    // More than could be counted at each refresh.
    app.execute(
        "INSERT INTO import_logs (import_type, status)
         SELECT 'sample_data', CASE WHEN n % 1000 = 0 THEN 'failed' WHEN n % 9000 = 1 THEN 'running' ELSE 'success' END
         FROM generate_series(1, 20000) n",
    )
    .await;
    assert_true(&app).await;
    app.import(small_backup()).await;
    app.import("not JSON").await;
    assert_true(&app).await;
    app.post("/import-logs/1000/dismiss").await;
    assert_true(&app).await;
    // What is rolled back was never counted, and a statement that changes nothing counts nothing.
    app.execute("BEGIN; INSERT INTO import_logs (import_type) VALUES ('backup'); ROLLBACK; DELETE FROM import_logs WHERE false")
        .await;
    assert_true(&app).await;
    app.delete("/import-logs?keep_open_failures=true").await;
    assert_true(&app).await;
    app.delete("/import-logs").await;
    assert_true(&app).await;
    app.execute("TRUNCATE import_logs CASCADE").await;
    assert_true(&app).await;
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn imports_that_start_at_the_same_time_are_all_counted(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let starts = (0..40).map(|_| app.queue(small_backup()));
    futures::future::join_all(starts).await;
    let page = app.state.overview.page(Shows::default()).await.unwrap();
    assert_eq!((page.running_logs, page.finished_logs), (40, 0));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn counting_1_000_000_logs_reads_few_of_them(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status)
         SELECT 'sample_data', CASE WHEN n % 20000 = 0 THEN 'failed' ELSE 'success' END FROM generate_series(1, 1000000) n;
         ANALYZE import_logs",
    )
    .await;
    let explain = format!(
        "EXPLAIN (ANALYZE, FORMAT JSON) {}",
        statement("FROM import_log_counts")
    );
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(explain))
        .fetch_one(&app.pool)
        .await
        .unwrap();
    let text = plan.to_string();
    for index in ["import_logs_open_failures", "import_logs_running"] {
        assert!(text.contains(index), "{plan:#}");
    }
    // The one table that is read whole has 16 rows.
    let whole = "\"Node Type\":\"Seq Scan\"";
    assert_eq!(text.matches(whole).count(), 1, "{plan:#}");
    let page = app.state.overview.page(Shows::default()).await.unwrap();
    assert_eq!(
        (page.finished_logs, page.unresolved_failures),
        (1_000_000, 50)
    );
    app.stop().await;
}
