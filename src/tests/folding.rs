//! Scheduled runs that brought nothing are folded on the Scheduler page.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};
use sqlx::PgPool;

use super::app::App;
use crate::{
    model::{
        asked::Shows,
        fold::{FOLD_COUNTS, FOLD_SHOWS},
        import_log::ImportStatus,
        scheduler::SchedulerPage,
    },
    server::services::logs::SHOWN,
};

/// A row of the page: the imports that it shows, newest first, and how many it stands for.
#[derive(Debug, PartialEq, Eq)]
enum Row {
    Own(i32),
    Fold(Vec<i32>, usize),
}

/// What the page shows, by its own account of where the folds stand.
fn shown(page: &SchedulerPage) -> Vec<Row> {
    let latest = page.logs.len() - usize::try_from(page.older_failures).unwrap();
    let mut rows = Vec::new();
    for at in 0..=latest {
        rows.extend(
            page.folds
                .iter()
                .filter(|fold| fold.above == at)
                .map(|fold| {
                    let newest = fold.newest.iter().map(|run| run.id).collect();
                    Row::Fold(newest, usize::try_from(fold.runs).unwrap())
                }),
        );
        if at < latest {
            rows.push(Row::Own(page.logs[at].id));
        }
    }
    rows
}

/// The plain model: `newest` says of each import, newest first, whether it is quiet.
fn folded(newest: &[(i32, bool)]) -> Vec<Row> {
    let most = usize::try_from(FOLD_SHOWS).unwrap();
    let rows = newest.chunk_by(|one, next| one.1 && next.1).map(|chunk| {
        let ids: Vec<i32> = chunk.iter().map(|(id, _)| *id).collect();
        match ids.as_slice() {
            [alone] => Row::Own(*alone),
            several => Row::Fold(several.iter().take(most).copied().collect(), several.len()),
        }
    });
    rows.take(usize::try_from(SHOWN).unwrap()).collect()
}

/// Imports, the oldest first: whether it is quiet, and whether it began in the same second as the one before.
async fn store(pool: &PgPool, imports: &[(bool, bool)], now: DateTime<Utc>) -> Vec<(i32, bool)> {
    sqlx::raw_sql("TRUNCATE import_logs RESTART IDENTITY CASCADE")
        .execute(pool)
        .await
        .unwrap();
    let mut at = now - TimeDelta::days(2);
    let mut stored = Vec::new();
    for (quiet, same_second) in imports {
        at += TimeDelta::seconds(i64::from(!same_second));
        let (requester, created) = if *quiet { ("scheduler", 0) } else { ("api", 3) };
        let id = sqlx::query_scalar::<_, i32>(
            "INSERT INTO import_logs (import_type, started_at, completed_at, status, requested_by, results_created)
             VALUES ('date_range', $1, $1, 'success', $2, $3) RETURNING id",
        )
        .bind(at)
        .bind(requester)
        .bind(created)
        .fetch_one(pool)
        .await
        .unwrap();
        stored.push((id, *quiet));
    }
    stored.reverse();
    stored
}

#[sqlx::test(migrations = false)]
async fn folds_lose_and_double_nothing_whatever_the_order(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let quiet = prop_oneof![3 => Just(true), 1 => Just(false)];
    let imports = prop::collection::vec((quiet, any::<bool>()), 0..90);
    let mut runner = TestRunner::new(Config::default());
    for _ in 0..24 {
        let imports = imports.new_tree(&mut runner).unwrap().current();
        let newest = store(&pool, &imports, app.clock.now()).await;
        let page = app.overview.page(Shows::default()).await.unwrap();
        assert_eq!(shown(&page), folded(&newest), "{imports:?}");

        // All of the latest imports are on it, also those of which it shows no row.
        let on_it: Vec<i32> = shown(&page)
            .into_iter()
            .flat_map(|row| match row {
                Row::Own(id) => vec![id],
                Row::Fold(ids, _) => ids,
            })
            .collect();
        let latest = newest.iter().take(usize::try_from(SHOWN).unwrap());
        assert!(latest.clone().all(|(id, _)| on_it.contains(id)));

        let every = Shows {
            all_runs: true,
            ..Shows::default()
        };
        let page = app.overview.page(every).await.unwrap();
        assert!(page.folds.is_empty());
        let rows: Vec<i32> = page.logs.iter().map(|log| log.id).collect();
        assert_eq!(rows, latest.map(|(id, _)| *id).collect::<Vec<_>>());
    }
    app.stop().await;
}

/// A scheduler that found nothing for days leaves what people did in sight.
#[sqlx::test(migrations = false)]
async fn more_runs_than_are_counted_hide_nothing_and_are_told_as_over(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let mut imports = vec![(false, false), (true, false), (true, false), (false, false)];
    imports.extend(std::iter::repeat_n((true, true), 1200));
    let newest = store(&pool, &imports, app.clock.now()).await;
    let page = app.overview.page(Shows::default()).await.unwrap();
    let own: Vec<i32> = page.logs.iter().map(|log| log.id).collect();
    assert_eq!(own, [newest[1200].0, newest[1203].0]);
    let runs: Vec<i64> = page.folds.iter().map(|fold| fold.runs).collect();
    assert_eq!(runs, [FOLD_COUNTS + 1, 2]);
    let keys: Vec<i32> = page.folds.iter().map(|fold| fold.key).collect();
    assert_eq!(keys, [-newest[1200].0, -newest[1203].0]);
    app.stop().await;
}

/// What stands in an address leads to it, as the page stands now.
#[sqlx::test(migrations = false)]
async fn a_link_to_an_import_opens_its_row_or_leads_to_its_page(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let newest = store(
        &pool,
        &[(true, false), (true, false), (false, false)],
        app.clock.now(),
    )
    .await;
    let reply = app.get("/?details=3").await;
    assert_eq!(reply.status.as_u16(), 200);
    assert!(
        reply.text().contains("id=\"details-3\""),
        "{}",
        reply.text()
    );
    let folded = newest[1].0;
    let reply = app.get(&format!("/?details={folded}")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.header("location")),
        (303, format!("/imports/{folded}").as_str())
    );
    let reply = app.get("/?details=0").await.text();
    assert!(reply.contains("2 scheduled runs, nothing new"), "{reply}");
    assert!(reply.contains("<details open"), "{reply}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_tab_tells_what_runs_and_what_failed(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import("not JSON").await;
    assert_eq!(app.newest().await.status, ImportStatus::Failed);
    let html = app.get("/").await.text();
    assert!(
        html.contains("<title>(1 failed) Scheduler · NumWatch</title>"),
        "{html}"
    );
    app.post("/import-logs/1/dismiss").await;
    let html = app.get("/").await.text();
    assert!(
        html.contains("<title>Scheduler · NumWatch</title>"),
        "{html}"
    );
    app.stop().await;
}
