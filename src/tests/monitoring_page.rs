//! The Monitoring page, as the server sends it: each number leads to what it counts.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::{app::App, fixtures::small_backup};
use crate::components::format::thousands;

/// Logs of every kind over 100 days, some of them in the last hours, one in the first quarter of an hour of the last 24.
const LOGS: &str = "
    INSERT INTO import_logs (import_type, filename, started_at, completed_at, status, failure_kind, error_message, requested_by,
                             records_processed, resolved_by, dismissed_by)
    SELECT (ARRAY['backup', 'date_range', 'sample_data'])[1 + n % 3], 'ผลหวย-' || n || '.json', at,
           CASE WHEN n < 397 THEN at + n * interval '31 ms' END,
           CASE WHEN n >= 397 THEN 'running' WHEN n % 4 = 0 THEN 'failed' ELSE 'success' END,
           CASE WHEN n < 397 AND n % 4 = 0 THEN (ARRAY['cancelled', 'invalid_input', 'interrupted'])[1 + n % 3] END,
           CASE WHEN n < 397 AND n % 4 = 0 THEN 'The file could not be read.' END, 'page', n,
           CASE WHEN n < 397 AND n % 8 = 0 THEN n END, CASE WHEN n < 397 AND n % 28 = 4 THEN 'page' END
    FROM (SELECT n, timestamptz '2025-06-22 10:00+00'
                    - CASE WHEN n % 4 < 2 THEN (400 - n) * interval '6 hours 7 minutes 11 seconds' ELSE n % 97 * interval '15 minutes' END AS at
          FROM generate_series(1, 400) AS n) AS made";

async fn of(app: &App, zone: &str, path: &str) -> String {
    let request = Request::get(path)
        .header("accept", "text/html")
        .header("cookie", format!("zone={zone}"));
    let reply = app.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(reply.status.as_u16(), 200, "{path}: {}", reply.text());
    reply.text()
}

/// All links of a page: address and text.
fn all_links(html: &str) -> Vec<(String, String)> {
    let links = html.split("<a ").skip(1).filter_map(|link| {
        let (tag, rest) = link.split_once('>')?;
        let (_, address) = tag.split_once("href=\"")?;
        let (address, _) = address.split_once('"')?;
        let (text, _) = rest.split_once("</a>")?;
        // Without the tags in it.
        let text = text
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        Some((address.replace("&amp;", "&"), text.collect()))
    });
    links.collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|it| it.is_ascii_digit() || it == ',')
}

/// Links to the history with the number that each shows, in tables and as marks.
fn links(html: &str) -> BTreeSet<(String, String)> {
    let links = all_links(html);
    let (mut in_tables, mut marks) = (BTreeSet::new(), BTreeSet::new());
    for (address, text) in links
        .into_iter()
        .filter(|(address, _)| address.starts_with("/imports"))
    {
        // `12 Nov: 3 failed, open`
        let marked = text
            .rsplit_once(": ")
            .and_then(|(_, says)| says.split_once(' '));
        if let Some((number, _)) = marked.filter(|(number, _)| is_number(number)) {
            marks.insert((address, number.to_owned()));
        } else if is_number(&text) {
            in_tables.insert((address, text));
        }
    }
    assert!(marks.len() > 5, "there are marks: {html}");
    let strange: Vec<_> = marks.difference(&in_tables).collect();
    assert!(
        strange.is_empty(),
        "what is drawn stands in a table, too: {strange:?}"
    );
    in_tables
}

/// How many imports the history says that it shows.
fn shown(history: &str) -> Option<String> {
    let (before, _) = history
        .split_once(" · times and days of")
        .or_else(|| history.split_once("<!> · times and days of"))?;
    let before = before.trim_end_matches("<!>");
    let (before, _) = before.rsplit_once(" import")?;
    let number = before
        .rsplit(|it: char| !(it.is_ascii_digit() || it == ','))
        .next()?;
    Some(number.to_owned())
}

/// Follows each link of the page, in zones whose days begin at different times: the history shows as many as the link says.
#[sqlx::test(migrations = false)]
async fn each_number_leads_to_just_what_it_counts(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    // Some of it is folded.
    app.execute("SELECT fold_import_log_deltas(150)").await;
    for (zone, days) in [
        ("Asia/Bangkok", 1),
        ("Asia/Bangkok", 90),
        ("Asia/Kathmandu", 1),
        ("Asia/Kathmandu", 7),
        ("America/St_Johns", 30),
        ("UTC", 7),
    ] {
        let html = of(&app, zone, &format!("/monitoring?days={days}")).await;
        let (imports, _) = html.split_once(">Records a").unwrap();
        let (_, after) = html.split_once("id=\"durations\"").unwrap();
        let mut followed = 0;
        for (address, number) in links(&format!("{imports}{after}")) {
            let history = of(&app, zone, &address).await;
            assert_eq!(shown(&history), Some(number), "{zone}, {days}: {address}");
            followed += 1;
        }
        assert!(followed > 20, "only {followed} links followed");
    }
    app.stop().await;
}

/// A day's records are those of the imports that the history shows for it.
#[sqlx::test(migrations = false)]
async fn records_are_those_of_the_imports_that_are_shown(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LOGS).await;
    let html = of(&app, "Asia/Kathmandu", "/monitoring?days=30").await;
    let (_, records) = html.split_once("Records a day as a table").unwrap();
    let (records, _) = records.split_once("</table>").unwrap();
    let mut days = 0;
    for (address, number) in all_links(records) {
        let (_, day) = address.split_once("from=").unwrap();
        let (day, _) = day.split_once('&').unwrap();
        let plain: i64 = sqlx::query_scalar(
            "SELECT sum(records_processed) FROM import_logs WHERE (started_at AT TIME ZONE 'Asia/Kathmandu')::date = $1",
        )
        .bind(day.parse::<chrono::NaiveDate>().unwrap())
        .fetch_one(&app.pool)
        .await
        .unwrap();
        assert_eq!(thousands(plain), number, "{day}");
        days += 1;
    }
    assert!(days > 20, "only {days} days: {records}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_says_when_there_is_nothing(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.page("/monitoring").await.shows(&[
        "<title>Monitoring",
        "No imports yet.",
        "Start an import",
    ]);
    // It was long ago.
    app.execute("INSERT INTO import_logs (import_type, started_at, completed_at, status) VALUES ('backup', '2024-06-22', '2024-06-22', 'success')")
        .await;
    app.page("/monitoring?days=90").await.shows(&[
        "No import has started in the last 24 hours.",
        "No import has started in this time.",
        "No import of this time has ended.",
        "No import of this time has failed.",
        "No import has failed.",
        "100.00\u{a0}%",
    ]);
    app.set_clock("2024-06-22T10:00:00Z");
    app.page("/monitoring")
        .await
        .shows(&["22 Jun: 1 succeeded"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_failure_is_shown_with_its_reason_and_leads_to_its_log(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("bad%3Cb%3E.json", "[]".to_owned()).await;
    app.import_named("good.json", small_backup()).await;
    app.execute("UPDATE import_logs SET started_at = '2025-06-22 09:59+00', completed_at = '2025-06-22 09:59+00'")
        .await;
    let page = app.page("/monitoring?days=1").await;
    page.shows(&[
        "bad&lt;b&gt;.json",
        "href=\"/imports/1\"",
        "the data can't be imported",
        "1 failed, open",
        "50.00\u{a0}%",
        "aria-current=\"true\"",
        "/imports?failure_kind=invalid_input&amp;from=",
        "Imports an hour as a table",
    ]);
    assert!(!page.text().contains("href=\"/imports/2\""));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_wrong_parameter_is_named_and_the_spans_stay_at_hand(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (wrong, says) in [
        ("days=5", "is none of 1, 7, 30, 90. Write one of them."),
        ("days=week", "is none of 1, 7, 30, 90. Write one of them."),
        ("day=7", "There is no parameter \"day\" here."),
    ] {
        let page = app.page(&format!("/monitoring?{wrong}")).await;
        assert_eq!(page.status.as_u16(), 400, "{wrong}");
        page.shows(&["Monitoring can't be shown", "/monitoring?days=30"]);
        assert!(
            page.text().replace("&quot;", "\"").contains(says),
            "{wrong}: {}",
            page.text()
        );
    }
    assert_eq!(app.page("/monitoring?days=").await.status.as_u16(), 200);
    app.stop().await;
}
