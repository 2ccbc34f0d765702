//! What the page tells of an import besides its columns: values that differ, notes, waiting, rejects by their day.

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, feed, game, result, small_backup},
};
use crate::server::feed::simulator::Trouble;

/// The page with the details of import 1 open, without the marks that help the browser to take over.
async fn open(app: &App) -> String {
    app.page("/?details=1").await.text().replace("<!>", "")
}

/// Whether the page says these. What is there for translators alone is nobody's business here.
fn tells(html: &str, texts: &[&str]) {
    let plain = |text: &str| {
        let marks = ["<span>", "</span>", " translate=\"no\""];
        marks
            .iter()
            .fold(text.to_owned(), |text, mark| text.replace(mark, ""))
    };
    let html = plain(html);
    for text in texts {
        assert!(html.contains(&plain(text)), "{text} is missing in {html}");
    }
}

#[sqlx::test(migrations = false)]
async fn both_values_stand_in_the_row(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    app.execute(
        r#"UPDATE import_logs SET results_differing = 37, note = 'A note.', differences = '[{
             "base_game_id": "L03", "game_name": "ดาวโจนส์", "result_date": "2025-06-22",
             "stored": {"result_3up": "282", "result_2down": "05", "result_4up": null, "status": "completed"},
             "brought": {"result_3up": "283", "result_2down": "05", "result_4up": null, "status": "completed"}}]'"#,
    )
    .await;
    tells(
        &open(&app).await,
        &[
            "37 differ",
            "A note.",
            "<summary>37 results differ from the file and stay as stored</summary>",
            "ดาวโจนส์, 22 Jun: stored 282-05, file 283-05",
            "first 1 of 37",
            "Everything about import #1",
        ],
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_reject_names_its_day_and_all_of_them_are_a_click_away(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let results = [result(7, "2025-06-20"), result(1, "2025-06-21")];
    app.import(backup(&[game(7, "A")], &results)).await;
    assert!(!open(&app).await.contains("rejected records more"));
    app.execute("UPDATE import_rejects SET date = '2025-06-22'")
        .await;
    app.execute("UPDATE import_logs SET records_rejected = 2000")
        .await;
    tells(
        &open(&app).await,
        &[
            "Rejected: 2025-06-22, results 2: ",
            "And 1,999 rejected records more.",
            "/imports/1\"",
        ],
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_feed_that_asked_to_wait_is_named_with_the_moment(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.queue(small_backup()).await;
    let waiting = "The feed asked to wait until";
    assert!(!open(&app).await.contains(waiting), "it doesn't wait");
    app.execute(
        "UPDATE import_runs SET waits_until = '2025-06-22 12:05:30+00', phase = 'fetching'",
    )
    .await;
    tells(
        &open(&app).await,
        &[waiting, "datetime=\"2025-06-22T12:05:30Z\""],
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_success_with_rejects_does_not_look_like_one_without(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    assert!(!open(&app).await.contains("badge-odd"), "it used all");
    let results = [result(17, "2025-06-20"), result(1, "2025-06-21")];
    app.import(backup(&[game(17, "A")], &results)).await;
    tells(&open(&app).await, &["badge-odd\">1 rejected</span>"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn committed_days_show_while_their_range_runs(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, games_created, results_created)
         VALUES ('date_range', 'running', 2, 231), ('backup', 'running', 0, 0)",
    )
    .await;
    let cell = |label: &str, number: &str| {
        format!("<td data-label=\"{label}\" class=\"num\">{number}</td>")
    };
    let html = open(&app).await;
    for (label, number) in [
        ("games", "2"),
        ("results", "231"),
        ("games", "–"),
        ("results", "–"),
    ] {
        tells(&html, &[&cell(label, number)]);
    }
    app.stop().await;
}

/// The range's first and last day say nothing of those in between.
#[sqlx::test(migrations = false)]
async fn a_retried_range_shows_the_days_that_it_asks_for(pool: PgPool) {
    let bad = ["2025-06-18", "2025-06-20"].map(|day| day.parse().unwrap());
    let feed = feed(Trouble {
        bad_dates: bad.to_vec(),
        ..Trouble::default()
    })
    .await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.post("/scheduler/import-range?start_date=2025-06-18&end_date=2025-06-20")
        .await;
    tells(
        &open(&app).await,
        &["18–20 Jun</p><p class=\"tiny\">#1 · 2 of 3 days failed"],
    );
    let again = app.post("/import-logs/1/retry").await.id("id");
    app.ended(again).await;
    tells(
        &open(&app).await,
        &["18–20 Jun</p><p class=\"tiny\">#2 · 2 of 2 days failed · retry of #1"],
    );
    app.stop().await;
}
