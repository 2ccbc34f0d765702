//! The history: what filters find, that paging loses nothing, and the files.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::PgPool;

use super::app::App;
use crate::{
    model::{
        history::{COUNTED, Filter, From, Place, Slice},
        import_log::{FailureKind, ImportLog, ImportStatus, ImportType, Requester},
    },
    server::services::history::History,
};

/// Logs of every kind, several of one second; written as programs of other versions or by hand could have.
const LOGS: &str = "
    INSERT INTO import_logs (import_type, filename, started_at, completed_at, status, failure_kind, error_message,
                             requested_by, results_created, resolved_by, dismissed_by, superseded_by,
                             records_rejected, results_updated, note)
    SELECT (ARRAY['backup', 'date_range', 'sample_data'])[1 + n % 3],
           CASE n % 3 WHEN 0 THEN 'Back-' || n || '.JSON' WHEN 1 THEN NULL ELSE 'ผลหวยเดือน' || n || '.json' END,
           timestamptz '2025-06-20 10:00+00' + (n / 7) * interval '1 hour', now(),
           CASE WHEN n % 4 = 0 THEN 'failed' ELSE 'success' END,
           CASE WHEN n % 4 = 0 THEN (ARRAY['cancelled', 'invalid_input', 'interrupted'])[1 + n % 3] END,
           CASE WHEN n % 4 = 0 THEN 'The file can''t be read: 50 % of it is _wrong_.' END,
           (ARRAY['page', 'api', 'cli', 'scheduler', NULL])[1 + n % 5], n % 2,
           CASE WHEN n % 8 = 0 THEN n END, CASE WHEN n % 28 = 4 THEN 'page' END, CASE WHEN n % 20 = 4 THEN n END,
           (n % 6) / 5, (n % 14) / 13,
           CASE WHEN n % 9 = 0 THEN 'The feed has no draws for this day.' END
    FROM generate_series(1, 200) AS n";

/// What a filter says of a log, plainly.
fn wants(filter: &Filter, log: &ImportLog) -> bool {
    let quiet = log.requested_by == Some(Requester::Scheduler)
        && log.status == ImportStatus::Success
        && log.results_created + log.results_updated + log.records_rejected == 0;
    let texts = [&log.filename, &log.error_message, &log.note];
    let says = |text: &String| {
        let mut said = texts.iter().filter_map(|said| said.as_ref());
        said.any(|said| said.to_lowercase().contains(&text.to_lowercase()))
    };
    filter.import_type.is_none_or(|it| it == log.import_type)
        && filter.status.is_none_or(|it| it == log.status)
        && filter
            .failure_kind
            .is_none_or(|it| Some(it) == log.failure_kind)
        && filter.unresolved.is_none_or(|it| it == log.open_failure)
        && filter
            .requested_by
            .is_none_or(|it| Some(it) == log.requested_by)
        && filter.from.is_none_or(|it| log.started_at >= it)
        && filter.until.is_none_or(|it| log.started_at < it)
        && filter.text.as_ref().is_none_or(says)
        && !(filter.hides_quiet && quiet)
}

fn filters() -> impl Strategy<Value = Filter> {
    let moment = proptest::option::weighted(0.3, 0..40_i64).prop_map(|hours| {
        let first: chrono::DateTime<chrono::Utc> = "2025-06-20T09:30:00Z".parse().unwrap();
        hours.map(|hours| first + chrono::TimeDelta::hours(hours))
    });
    let text = proptest::option::weighted(
        0.4,
        prop::sample::select(vec![
            "json",
            "back-1",
            "ผลหวย",
            "เดือน1",
            "wrong_",
            "50 %",
            "no draws",
            "zzz",
            "\\n.j",
        ]),
    );
    (
        proptest::option::weighted(0.3, prop::sample::select(ImportType::ALL.to_vec())),
        proptest::option::weighted(0.3, prop::sample::select(ImportStatus::ALL.to_vec())),
        proptest::option::weighted(0.2, prop::sample::select(FailureKind::ALL.to_vec())),
        proptest::option::weighted(0.2, any::<bool>()),
        proptest::option::weighted(0.3, prop::sample::select(Requester::ALL.to_vec())),
        moment.clone(),
        moment,
        text,
        any::<bool>(),
    )
        .prop_map(
            |(
                import_type,
                status,
                failure_kind,
                unresolved,
                requested_by,
                from,
                until,
                text,
                hides_quiet,
            )| Filter {
                import_type,
                status,
                failure_kind,
                unresolved,
                requested_by,
                from,
                until,
                text: text.map(ToOwned::to_owned),
                hides_quiet,
            },
        )
}

fn ids(slice: &Slice) -> Vec<i32> {
    slice.logs.iter().map(|log| log.id).collect()
}

/// All pages from the newest to the oldest, and back again.
async fn there_and_back(history: &History, filter: &Filter, limit: usize) -> (Vec<i32>, Vec<i32>) {
    let mut slice = history.page(filter, From::Newest, limit).await.unwrap();
    assert!(!slice.has_newer);
    let (mut there, mut last) = (ids(&slice), slice.clone());
    while slice.has_older {
        let from = From::After(Place::of(slice.logs.last().unwrap()));
        slice = history.page(filter, from, limit).await.unwrap();
        assert!(slice.has_newer);
        there.extend(ids(&slice));
        last = slice.clone();
    }
    let mut back = ids(&last);
    let mut first = last.logs.first().cloned();
    while let Some(log) = first {
        let from = From::Before(Place::of(&log));
        let slice = history.page(filter, from, limit).await.unwrap();
        back.splice(0..0, ids(&slice));
        first = slice.logs.first().cloned().filter(|_| slice.has_newer);
    }
    (there, back)
}

/// Each filter, alone or combined, finds just what a plain look at each log does, on pages of any size, there and back.
#[sqlx::test(migrations = false)]
async fn filters_find_what_they_say_page_by_page(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    let everything = app
        .state
        .history
        .page(&Filter::default(), From::Newest, 1000)
        .await
        .unwrap();
    assert_eq!(everything.logs.len(), 200);
    let mut runner = TestRunner::deterministic();
    for _ in 0..150 {
        let filter = filters().new_tree(&mut runner).unwrap().current();
        let wanted: Vec<i32> = everything
            .logs
            .iter()
            .filter(|log| wants(&filter, log))
            .map(|log| log.id)
            .collect();
        let limit = (1..=30_usize).new_tree(&mut runner).unwrap().current();
        let (there, back) = there_and_back(&app.state.history, &filter, limit).await;
        assert_eq!(there, wanted, "{filter:?}");
        assert_eq!(back, wanted, "{filter:?}, back");
        let (_, matches) = app
            .state
            .history
            .page_and_count(&filter, From::Newest, 1)
            .await
            .unwrap();
        assert_eq!(matches, wanted.len(), "{filter:?}");
    }
    app.stop().await;
}

/// A text that more logs have than are counted is walked for, not gathered.
#[sqlx::test(migrations = false)]
async fn what_many_logs_say_is_found_page_by_page_too(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, filename, started_at, completed_at, status)
         SELECT 'backup', 'many-' || n % 2 || '.json', timestamptz '2025-06-20 10:00+00' + (n / 100) * interval '1 second', now(), 'success'
         FROM generate_series(1, 20100) AS n",
    )
    .await;
    let filter = |text: &str| Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    let (slice, matches) = app
        .state
        .history
        .page_and_count(&filter("many"), From::Newest, 3)
        .await
        .unwrap();
    assert_eq!(
        (matches, ids(&slice)),
        (COUNTED + 1, vec![20_100, 20_099, 20_098])
    );
    let half = filter("many-1");
    let (there, back) = there_and_back(&app.state.history, &half, 997).await;
    let wanted: Vec<i32> = (1..=20_100).rev().filter(|id| id % 2 == 1).collect();
    assert!(there == wanted && back == wanted);
    let (_, none) = app
        .state
        .history
        .page_and_count(&filter("many-2"), From::Newest, 3)
        .await
        .unwrap();
    assert_eq!(none, 0);
    app.stop().await;
}

/// A text is looked for day by day: in many days at a time where few logs have it, in few where many do.
#[sqlx::test(migrations = false)]
async fn a_text_is_found_in_days_that_are_full_and_across_days_that_are_empty(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    // Three thousand of one day, some on each of a hundred days before, and the oldest of all years ago.
    app.execute(
        "INSERT INTO import_logs (import_type, filename, started_at, completed_at, status)
         SELECT 'backup', CASE n % 3 WHEN 0 THEN 'Full.json' ELSE 'other.json' END,
                CASE WHEN n <= 9000 THEN timestamptz '2025-06-20 00:00+00' + (n % 100) * interval '10 minutes'
                     ELSE timestamptz '2025-06-20 00:00+00' - (n - 9000) / 30 * interval '1 day' END, now(), 'success'
         FROM generate_series(1, 12000) AS n;
         INSERT INTO import_logs (import_type, filename, started_at, completed_at, status)
         SELECT 'backup', 'full of old', timestamptz '2019-01-01 00:00+00' + n * interval '1 hour', now(), 'success'
         FROM generate_series(1, 30) AS n",
    )
    .await;
    let wanted: Vec<i32> = sqlx::query_scalar(
        "SELECT id FROM import_logs WHERE lower(filename) LIKE '%full%' ORDER BY started_at DESC, id DESC",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let filter = |text: &str| Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    for limit in [700, 2999] {
        let (there, back) = there_and_back(&app.state.history, &filter("FULL"), limit).await;
        assert!(there == wanted && back == wanted, "pages of {limit}");
    }
    let old = filter("of OLD");
    let (there, back) = there_and_back(&app.state.history, &old, 7).await;
    assert!(there == back && there.len() == 30);
    let (_, matches) = app
        .state
        .history
        .page_and_count(&filter("full"), From::Newest, 1)
        .await
        .unwrap();
    assert_eq!(matches, wanted.len());
    app.stop().await;
}

/// What is one in any case is PostgreSQL's to say, of what is searched for as of what is searched.
#[sqlx::test(migrations = false)]
async fn a_search_in_capitals_finds_what_is_written_so(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, filename, completed_at, status) VALUES ('backup', 'ΟΔΟΣ.json', now(), 'success')",
    )
    .await;
    for text in ["ΟΔΟΣ", "οδοσ.json"] {
        let found = app.get(&format!("/import-logs?q={text}")).await.json();
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{text}");
    }
    app.stop().await;
}

/// While somebody pages through imports of one second, others of that second arrive.
#[sqlx::test(migrations = false)]
async fn paging_loses_and_doubles_nothing_while_others_arrive(pool: PgPool) {
    const MORE: &str = "INSERT INTO import_logs (import_type, started_at, completed_at, status)
        SELECT 'sample_data', '2025-06-20 10:00:00.5+00', now(), 'success' FROM generate_series(1, 100)";
    let app = App::idle(&pool, &[]).await;
    app.execute(MORE).await;
    let mut uri = Some("/import-logs?import_type=sample_data&limit=7".to_owned());
    let mut seen = Vec::new();
    while let Some(page) = uri {
        let reply = app.get(&page).await;
        let logs: Vec<ImportLog> = serde_json::from_value(reply.json()).unwrap();
        seen.extend(logs.iter().map(|log| log.id));
        uri = link(reply.header("link"), "next");
        app.execute(MORE).await;
    }
    let all: Vec<i32> = (1..=100).rev().collect();
    assert_eq!(seen, all);
    app.stop().await;
}

/// The address of a relation in a `Link` header.
fn link(header: &str, relation: &str) -> Option<String> {
    header.split(", ").find_map(|link| {
        let (address, rel) = link.split_once("; ")?;
        let address = address.strip_prefix('<')?.strip_suffix('>')?;
        (rel == format!("rel=\"{relation}\"")).then(|| address.to_owned())
    })
}

#[sqlx::test(migrations = false)]
async fn pages_are_linked(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    let first = app.get("/import-logs?q=ผลหวย&limit=5&status=success").await;
    assert_eq!(link(first.header("link"), "prev"), None);
    let next = link(first.header("link"), "next").unwrap();
    let second = app.get(&next).await;
    assert_eq!(second.json().as_array().unwrap().len(), 5);
    let back = app.get(&link(second.header("link"), "prev").unwrap()).await;
    assert_eq!(back.json(), first.json());
    let all = app.get("/import-logs?limit=200").await;
    assert_eq!(
        (all.json().as_array().unwrap().len(), all.header("link")),
        (200, "")
    );
    // Without parameters it is what it always was.
    let latest = app.get("/import-logs").await;
    assert_eq!(
        (
            latest.json().as_array().unwrap().len(),
            latest.header("link")
        ),
        (20, "")
    );
    assert_eq!(latest.json(), app.get("/import-logs?limit=20").await.json());
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_wrong_parameter_is_refused_and_named(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (query, says) in [
        (
            "statsu=failed",
            "There is no parameter \"statsu\" here. There are: import_type, status, ",
        ),
        (
            "status=broken",
            "status: \"broken\" is none of running, success, failed. Write one of them.",
        ),
        (
            "import_type=unknown",
            "import_type: \"unknown\" is none of backup, ",
        ),
        (
            "failure_kind=x",
            "failure_kind: \"x\" is none of cancelled, ",
        ),
        (
            "requested_by=me",
            "requested_by: \"me\" is none of page, api, cli, scheduler.",
        ),
        (
            "unresolved=yes",
            "unresolved: \"yes\" is none of true, false.",
        ),
        ("quiet=1", "quiet: \"1\" is none of hide, show."),
        ("q=ab%01c", "q: \"ab\u{1}c\" holds a control character."),
        (
            "q=ab",
            "q: \"ab\" is too short. Write at least 3 characters",
        ),
        (
            "from=yesterday",
            "from: \"yesterday\" is neither a day nor an instant.",
        ),
        (
            "to=-9999-01-01",
            "to: \"-9999-01-01\" is neither a day nor an instant.",
        ),
        (
            "from=2025-06-22&to=2025-06-21",
            "to: \"2025-06-21\" lies before \"from\".",
        ),
        (
            "limit=201",
            "limit is \"201\", which is no whole number from ",
        ),
        (
            "limit=0",
            "limit: \"0\" is no page. Ask for 1 to 200 imports.",
        ),
        ("after=3", "after: \"3\" is no place in the history."),
        (
            "after=2025-06-22T10:00:00Z,3&before=2025-06-22T10:00:00Z,3",
            "after: ",
        ),
    ] {
        let said = app.get(&format!("/import-logs?{query}")).await.problem(400);
        assert!(said.starts_with(says), "{query}: {said}");
    }
    // A form sends its empty fields, too.
    app.get("/import-logs?status=&q=&from=&to=&quiet=")
        .await
        .json();
    for file in ["csv", "ndjson"] {
        app.get(&format!("/import-logs.{file}?limit=3"))
            .await
            .problem(400);
    }
    app.stop().await;
}

/// A day is Bangkok's, from its midnight to the next; an instant of `to` is meant with itself.
#[sqlx::test(migrations = false)]
async fn days_are_bangkoks_and_ends_are_included(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, started_at, completed_at, status)
         SELECT 'sample_data', at, at, 'success' FROM unnest(ARRAY[
             timestamptz '2025-06-20 16:59:59.999999+00', '2025-06-20 17:00+00', '2025-06-21 16:59:59.999999+00', '2025-06-21 17:00+00']) AS at",
    )
    .await;
    for (query, wanted) in [
        ("from=2025-06-21&to=2025-06-21", vec![3, 2]),
        ("from=2025-06-21", vec![4, 3, 2]),
        ("to=2025-06-20", vec![1]),
        (
            "from=2025-06-20T17:00:00Z&to=2025-06-21T17:00:00Z",
            vec![4, 3, 2],
        ),
        (
            "from=2025-06-21T00:00:00%2B07:00&to=2025-06-21T23:59:59.999999%2B07:00",
            vec![3, 2],
        ),
    ] {
        let json = app.get(&format!("/import-logs?{query}")).await.json();
        let found: Vec<i64> = json
            .as_array()
            .unwrap()
            .iter()
            .map(|log| log["id"].as_i64().unwrap())
            .collect();
        assert_eq!(found, wanted, "{query}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn all_that_matches_is_to_be_had_as_a_file(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, filename, started_at, completed_at, status, error_message)
         SELECT 'backup', CASE n WHEN 1 THEN '=cmd|''/c calc''!A1' WHEN 2 THEN 'a \"b\", ดี' || E'\\n' ELSE 'x' || n END,
                timestamptz '2025-06-20 10:00+00' + n * interval '1 second', now(), 'failed', '+1'
         FROM generate_series(1, 2500) AS n",
    )
    .await;
    let reply = app.get("/import-logs.csv?import_type=backup").await;
    assert_eq!(
        reply.header("content-type"),
        "text/csv; charset=utf-8; header=present"
    );
    let text = reply.text();
    let mut table = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(&table.headers().unwrap()[1], "filename");
    let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2500);
    let ids: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!((ids[0], ids[2499]), ("2500", "1"));
    assert_eq!(
        (&rows[2499][1], &rows[2499][29]),
        ("'=cmd|'/c calc'!A1", "'+1")
    );
    assert_eq!(&rows[2498][1], "a \"b\", ดี\n");

    let lines = app.get("/import-logs.ndjson?q=x24").await.text();
    let logs: Vec<ImportLog> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(logs.len(), 111);
    assert_eq!(
        app.get("/import-logs.ndjson?status=running").await.text(),
        ""
    );
    app.stop().await;
}
