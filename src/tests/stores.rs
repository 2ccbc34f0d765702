//! Uploads in stores of all kinds: what is said of them, what goes, and what stays.

use std::{
    fs::File,
    sync::Arc,
    time::{Duration, SystemTime},
};

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use object_store::{WriteMultipart, local::LocalFileSystem, path::Path};
use sqlx::PgPool;

use super::{
    app::{App, eventually},
    fixtures::{config, small_backup},
    flaky::Flaky,
    s3::S3,
};
use crate::server::{
    db::processes::{self, Presence},
    jobs::housekeeping::Housekeeping,
    payloads::{Payloads, checks::Ended},
};

/// The least that a store on the network takes as a part.
const PART: usize = 5 << 20;
const KEY: &str = "0198";

fn long_after() -> DateTime<Utc> {
    "2200-01-01T00:00:00Z".parse().unwrap()
}

fn long_before() -> DateTime<Utc> {
    "2000-01-01T00:00:00Z".parse().unwrap()
}

/// The folder of a store that NumWatch is told of as its operator does.
fn open(s3: &S3) -> Payloads {
    let folder = tempfile::tempdir().unwrap();
    let variables = s3.variables();
    let variables = variables
        .each_ref()
        .map(|(name, value)| (*name, value.as_str()));
    let config = config(folder.path(), &variables);
    Payloads::open(config.payloads.expose(), &config.payloads_options).unwrap()
}

async fn read(payloads: &Payloads) -> Vec<u8> {
    let stream = payloads.read(KEY).await.unwrap();
    stream.try_collect::<Vec<_>>().await.unwrap().concat()
}

/// Begins a payload, of which a part and a half are there.
async fn half_written(s3: &S3, payloads: &Payloads) -> WriteMultipart {
    let mut writer = payloads.write(KEY).await.unwrap();
    writer.write(&vec![b'a'; PART + PART / 2]);
    writer.wait_for_capacity(0).await.unwrap();
    assert_eq!(
        (s3.parts(), s3.objects("").len()),
        (1, 1),
        "a part, and its note"
    );
    writer
}

#[tokio::test]
async fn a_payload_in_an_object_store_is_written_in_parts_and_read_whole() {
    let s3 = S3::start();
    let payloads = open(&s3);
    let name = payloads.name().await.unwrap();
    assert_eq!(open(&s3).name().await.unwrap(), name, "it keeps its name");
    let written: Vec<u8> = (0..=250).cycle().take(2 * PART + 17).collect();
    let mut writer = payloads.write(KEY).await.unwrap();
    writer.write(&written);
    writer.finish().await.unwrap();
    assert!(read(&payloads).await == written);
    assert_eq!(payloads.keys().await.unwrap(), ["0198", "store-id"]);
    assert_eq!(
        (s3.parts(), s3.objects("").len()),
        (0, 2),
        "nothing else is left"
    );
    // What is settled once stays so.
    assert!(payloads.end_check(KEY, Ended::Imported(7)).await.unwrap());
    assert!(!payloads.end_check(KEY, Ended::Discarded).await.unwrap());
    payloads.delete(KEY).await.unwrap();
    payloads.delete(KEY).await.unwrap();
    assert_eq!(payloads.keys().await.unwrap(), ["store-id"]);
}

#[tokio::test]
async fn the_parts_of_an_upload_that_ends_early_go_whichever_way_it_ends() {
    let s3 = S3::start();
    let payloads = open(&s3);
    // It is refused.
    half_written(&s3, &payloads).await.abort().await.unwrap();
    assert_eq!((s3.parts(), s3.objects("").len()), (0, 0));
    // Whoever waited for it has left.
    drop(half_written(&s3, &payloads).await);
    eventually("its parts go, and its note", async || {
        (s3.parts() == 0 && s3.objects("").is_empty()).then_some(())
    })
    .await;
    // Its process was killed: as far as that process goes, nothing happens any more.
    std::mem::forget(half_written(&s3, &payloads).await);
    let another = open(&s3);
    another.drop_parts(long_before()).await.unwrap();
    assert_eq!(s3.parts(), 1, "it may still arrive");
    another.drop_parts(long_after()).await.unwrap();
    assert_eq!((s3.parts(), s3.objects("").len()), (0, 0));
}

#[tokio::test]
async fn a_store_that_lets_two_create_one_object_is_refused() {
    let store = Flaky::default();
    let payloads = Payloads::with_store(Arc::new(store.clone()), Path::default());
    let name = payloads.name().await.unwrap();
    store.write_over();
    let refused = payloads.name().await.unwrap_err().to_string();
    assert!(refused.contains("writes over what is there"), "{refused}");
    store.heed();
    assert_eq!(
        payloads.name().await.unwrap(),
        name,
        "nothing is lost by it"
    );
}

/// An object store says of an object when its upload began. What was never queued goes all the same, later.
#[sqlx::test(migrations = false)]
async fn an_upload_that_took_hours_is_left_alone_when_it_appears(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    // The same folder, but as a store that doesn't know when an upload came whole.
    let store = LocalFileSystem::new_with_prefix(app.folder.path()).unwrap();
    let housekeeping = Housekeeping {
        payloads: Payloads::with_store(Arc::new(store), Path::default()),
        ..app.housekeeping.clone()
    };
    let path = app.folder.path().join(KEY);
    let began = app.clock.now() - Duration::from_hours(3);
    let appears = || {
        std::fs::write(&path, small_backup()).unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::from(began)).unwrap();
    };
    appears();
    for (clock, is_there) in [
        ("2025-06-22T10:00:00Z", true),
        ("2025-06-22T10:09:59Z", true),
        ("2025-06-22T10:10:00Z", false),
    ] {
        app.set_clock(clock);
        housekeeping.tidy().await.unwrap();
        assert_eq!(path.is_file(), is_there, "{clock}");
    }
    // One that was in use in between is new when it no longer is.
    appears();
    housekeeping.tidy().await.unwrap();
    let id = app.queue(small_backup()).await;
    app.execute("UPDATE import_logs SET payload = '0198'").await;
    app.set_clock("2025-06-22T10:15:00Z");
    housekeeping.tidy().await.unwrap();
    app.execute("UPDATE import_logs SET payload = NULL").await;
    for (clock, is_there) in [
        ("2025-06-22T10:21:00Z", true),
        ("2025-06-22T10:31:00Z", false),
    ] {
        app.set_clock(clock);
        housekeeping.tidy().await.unwrap();
        assert_eq!(path.is_file(), is_there, "#{id}, {clock}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn that_processes_keep_uploads_in_different_stores_is_said_at_once(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let warning = async || app.get("/scheduler/status").await.json()["warning"].clone();
    app.presents_itself().await;
    assert!(warning().await.is_null());
    let another = Presence {
        id: uuid::Uuid::new_v4(),
        name: "numwatch worker on b (12)".into(),
        runs_imports: true,
        has_timer: true,
        store: Some("another".into()),
        feed: None,
    };
    processes::be_seen(&app.pool, &another).await.unwrap();
    let said = "numwatch worker on b (12) keeps uploads in another store than the process that answers here";
    assert!(warning().await.as_str().unwrap().starts_with(said));
    let page = app.page("/scheduler").await.text();
    assert!(page.contains(said), "the page doesn't say it");
    // Nobody is blamed for what a process did that is gone.
    app.execute("UPDATE processes SET seen_at = now() - interval '1 minute'")
        .await;
    assert!(warning().await.is_null());
    app.stop().await;
}
