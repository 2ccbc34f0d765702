//! The timeline: what happened to an import between its start and its end, and nothing of it slows or outlives it.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{StreamExt as _, stream};
use serde_json::json;
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{by, feed, small_backup},
};
use crate::{
    model::{
        import_log::{FailureKind, Phase, Requester},
        timeline::{EventKind, ImportEvent},
    },
    server::feed::simulator::Trouble,
};

async fn events(app: &App, id: i32) -> Vec<ImportEvent> {
    app.state.logs.events(id).await.unwrap()
}

/// The kinds with their attempts, without phases.
async fn kinds(app: &App, id: i32) -> Vec<(EventKind, i32)> {
    let events = events(app, id).await;
    let told = events.iter().filter(|it| it.kind != EventKind::Phase);
    told.map(|it| (it.kind, it.attempt)).collect()
}

/// The phases that an attempt went through, in order.
async fn phases(app: &App, id: i32, attempt: i32) -> Vec<Phase> {
    let events = events(app, id).await;
    let of = events.iter().filter(|it| it.attempt == attempt);
    of.filter_map(|it| it.phase).collect()
}

const ALL: [Phase; 3] = [Phase::Reading, Phase::Loading, Phase::Finishing];

#[sqlx::test(migrations = false)]
async fn an_upload_tells_when_it_had_come_when_it_was_begun_and_each_phase(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let all = events(&app, 1).await;
    assert!(all.is_sorted_by_key(|it| it.at), "{all:?}");
    assert_eq!(
        kinds(&app, 1).await,
        [(EventKind::Received, 0), (EventKind::Begun, 1)]
    );
    assert_eq!(phases(&app, 1, 1).await, ALL);
    app.imports
        .start_sample(&by(Requester::Page))
        .await
        .unwrap();
    app.ended(2).await;
    assert_eq!(kinds(&app, 2).await, [(EventKind::Begun, 1)]);
    assert_eq!(phases(&app, 2, 1).await, ALL);
    // The API tells the same.
    let told = &app.get("/import-logs/2").await.json()["events"];
    assert_eq!(
        (&told[0]["kind"], &told[0]["attempt"], &told[1]["phase"]),
        (&json!("begun"), &json!(1), &json!("reading"))
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_import_that_fails_tells_how_far_it_came(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.execute("ALTER TABLE results ADD CHECK (result_3up <> '082')")
        .await;
    app.import(small_backup()).await;
    assert_eq!(
        app.log(1).await.failure_kind,
        Some(FailureKind::Internal),
        "the database refused it"
    );
    assert_eq!(phases(&app, 1, 1).await, ALL[..1]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_lost_lease_and_a_stopped_process_are_told_apart(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    app.claim(id).await.unwrap();
    app.expire_leases().await;
    app.housekeeping.recover().await.unwrap();
    app.make_due().await;
    // The second attempt is held until its process stops.
    let held = app.hold_merges().await;
    let working = app.works();
    app.until_held(1).await;
    app.worker.shut_down(Duration::ZERO).await;
    drop(working);
    drop(held);
    let told = events(&app, id).await;
    let handed: Vec<_> = told
        .iter()
        .filter(|it| it.kind == EventKind::HandedBack)
        .map(|it| (it.attempt, it.detail.as_deref()))
        .collect();
    assert_eq!(
        handed,
        [
            (1, Some("The process that worked on it stopped.")),
            (2, None)
        ]
    );
    assert_eq!(
        kinds(&app, id).await,
        [
            (EventKind::Received, 0),
            (EventKind::Begun, 1),
            (EventKind::HandedBack, 1),
            (EventKind::Begun, 2),
            (EventKind::HandedBack, 2)
        ]
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_range_tells_no_phases_but_who_asked_it_to_stop(pool: PgPool) {
    let silent = Trouble {
        timeout_rate: 1.0,
        ..Trouble::default()
    };
    let feed = feed(silent).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    let range = "/scheduler/import-range?start_date=2025-06-20&end_date=2025-06-22";
    let asking = app.post(range);
    let stopping = async {
        let id = app.logged().await;
        eventually("it is begun", async || {
            (app.log(id).await.attempt == 1).then_some(())
        })
        .await;
        app.post(&format!("/import-logs/{id}/cancel")).await;
        app.ended(id).await;
        id
    };
    let (_, id) = tokio::join!(asking, stopping);
    assert_eq!(
        kinds(&app, id).await,
        [(EventKind::Begun, 1), (EventKind::CancelAsked, 1)]
    );
    assert!(phases(&app, id, 1).await.is_empty());
    let told = events(&app, id).await;
    assert_eq!(told[1].detail.as_deref(), Some("api"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_upload_that_is_stopped_tells_who_asked(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let begun =
        stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]).chain(stream::pending());
    let cancel = async {
        let id = app.logged().await;
        app.post(&format!("/import-logs/{id}/cancel")).await;
    };
    tokio::join!(app.import(Body::from_stream(begun)), cancel);
    assert_eq!(kinds(&app, 1).await, [(EventKind::CancelAsked, 0)]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn retries_and_what_settles_a_failure_are_told_with_their_numbers(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.refuse_small_backups().await;
    app.import(small_backup()).await;
    let again = app.post("/import-logs/1/retry").await.id("id");
    app.ended(again).await;
    app.post(&format!("/import-logs/{again}/dismiss")).await;
    let last = events(&app, again).await.pop().unwrap();
    assert_eq!(
        (last.kind, last.detail.as_deref()),
        (EventKind::Dismissed, Some("api"))
    );
    app.accept_all_backups().await;
    let good = app
        .post(&format!("/import-logs/{again}/retry"))
        .await
        .id("id");
    app.ended(good).await;
    let told = events(&app, again).await;
    let others: Vec<_> = told
        .iter()
        .filter_map(|it| Some((it.kind, it.other?)))
        .collect();
    assert!(others.contains(&(EventKind::Retried, good)), "{others:?}");
    assert!(others.contains(&(EventKind::Resolved, good)), "{others:?}");
    let first = events(&app, 1).await;
    assert!(first.iter().any(|it| it.other == Some(again)));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn it_goes_with_its_log_whoever_removes_that(pool: PgPool) {
    const LINES: &str = "SELECT count(*) FROM import_events";
    let app = App::working(&pool, &[]).await;
    for removal in ["clear", "retention", "one", "filtered"] {
        app.import(small_backup()).await;
        let id = app.newest().await.id;
        assert!(app.number(LINES).await > 0);
        match removal {
            "clear" => {
                app.delete("/import-logs").await;
            }
            "retention" => {
                app.execute("UPDATE import_logs SET completed_at = now() - interval '1 year'")
                    .await;
                app.retention.run(&by(Requester::Cli)).await.unwrap();
            }
            "one" => {
                app.delete(&format!("/import-logs/{id}")).await;
            }
            _ => {
                app.delete("/import-logs?status=success").await;
            }
        }
        assert_eq!(app.number(LINES).await, 0, "{removal}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn progress_and_leases_write_no_line(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let id = app.queue(small_backup()).await;
    app.claim(id).await.unwrap();
    let before = events(&app, id).await;
    app.execute(
        "UPDATE import_runs SET progress = progress + 1, lease_until = now() + interval '1 minute', records = 7",
    )
    .await;
    assert_eq!(events(&app, id).await, before);
    app.stop().await;
}
