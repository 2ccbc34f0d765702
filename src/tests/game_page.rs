//! The page of one game: what is known of it, and the story of each of its results.

use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, game, result, small_backup},
};
use crate::model::results::game_address;

/// The page's text without its tags.
fn words(html: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for character in html.chars() {
        match character {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => words.push(character),
            _ => {}
        }
    }
    words
}

/// A game with a result of each kind of story, of imports 1 to 4, of which the log of 3 was removed.
async fn storied(pool: &PgPool) -> App {
    let app = App::idle(pool, &[]).await;
    app.execute(
        "INSERT INTO import_logs (import_type, status, completed_at)
         SELECT 'backup', 'success', now() FROM generate_series(1, 4);
         DELETE FROM import_logs WHERE id = 3;
         INSERT INTO games (base_game_id, game_name, country_code, created_by) VALUES ('L03-01', 'ดาวโจนส์ VIP', 'US', 1);
         INSERT INTO game_changes (at, import_id, game_id, old_name, new_name, new_country)
         VALUES ('2025-06-22 09:00+00', 2, 1, 'ดาวโจนส์', 'ดาวโจนส์ VIP', 'US');
         UPDATE games SET change_id = 1;
         INSERT INTO results (game_id, result_date, status, result_3up, result_2down, created_by) VALUES
             (1, '2025-06-16', 'waiting', NULL, NULL, NULL),
             (1, '2025-06-17', 'completed', '282', '05', 1),
             (1, '2025-06-18', 'completed', '282', '05', 1),
             (1, '2025-06-19', 'completed', '283', '05', NULL),
             (1, '2025-06-20', 'waiting', NULL, NULL, 3),
             (1, '2025-06-21', 'cancelled', NULL, NULL, 4);
         INSERT INTO result_changes (at, import_id, undoes, game_id, result_date, old_3up, old_2down, old_status, new_3up, new_2down, new_status) VALUES
             ('2025-06-22 09:30+00', 2, NULL, 1, '2025-06-18', NULL, NULL, 'waiting', '282', '05', 'completed'),
             ('2025-06-22 09:30+00', 3, NULL, 1, '2025-06-19', '282', '05', 'completed', '283', '05', 'completed'),
             ('2025-06-22 09:30+00', 4, NULL, 1, '2025-06-20', NULL, NULL, 'waiting', '1', '2', 'completed'),
             ('2025-06-22 09:40+00', 4, 3, 1, '2025-06-20', '1', '2', 'completed', NULL, NULL, 'waiting'),
             -- A former life of this one: both of its imports were undone.
             ('2025-06-22 09:30+00', 2, NULL, 1, '2025-06-21', NULL, NULL, 'waiting', '7', '7', 'completed'),
             ('2025-06-22 09:40+00', 2, 5, 1, '2025-06-21', '7', '7', 'completed', NULL, NULL, 'waiting');
         UPDATE results SET change_id = 1 WHERE result_date = '2025-06-18';
         UPDATE results SET change_id = 2 WHERE result_date = '2025-06-19'",
    )
    .await;
    app
}

#[sqlx::test(migrations = false)]
async fn each_result_tells_its_story(pool: PgPool) {
    let app = storied(&pool).await;
    let page = app.page("/results/L03-01").await;
    assert_eq!(page.status.as_u16(), 200);
    page.shows(&[
        "<title>ดาวโจนส์ VIP · NumWatch",
        "id=\"2025-06-18\"",
        "href=\"/imports/1\"",
        "href=\"/imports/2\"",
    ]);
    assert!(!page.text().contains("href=\"/imports/3\""));
    let said = words(&page.text());
    for (day, tells) in [
        (
            "Mon 16 Jun",
            "Mon 16 Jun–waitingfrom before NumWatch kept track of it",
        ),
        ("Tue 17 Jun", "Tue 17 Jun282-05completedfrom #1"),
        (
            "Wed 18 Jun",
            "Wed 18 Jun282-05completedwaiting, from #1; 282-05, from #2, 16:30:00",
        ),
        (
            "Thu 19 Jun",
            "Thu 19 Jun283-05completed282-05, from before NumWatch kept track of it; 283-05, from #3 (its log was removed), 16:30:00",
        ),
        (
            "Fri 20 Jun",
            "Fri 20 Jun–waitingwaiting, from #3 (its log was removed); 1-2, from #4, 16:30:00; put back to waiting: #4 was undone, 16:40:00",
        ),
        ("Sat 21 Jun", "Sat 21 Jun–cancelledfrom #4"),
    ] {
        // First and last draw stand among the facts, too.
        let at = said.rfind(day).unwrap_or_else(|| panic!("no {day}"));
        let found: String = said[at..].chars().take(140).collect();
        assert!(found.starts_with(tells), "{found}");
    }
    assert!(
        said.contains("ดาวโจนส์, from #1; ดาวโจนส์ VIP (US), from #2, 16:00:00"),
        "{said}"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_game_tells_its_facts(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    // Today is Sunday, 2025-06-22: 8 Sundays in 8 weeks, of which it lacks one, and the one before them, and 8 Fridays.
    app.execute(
        "INSERT INTO games (base_game_id, game_name, is_active) VALUES ('L03-01', 'ดาวโจนส์', false), ('N', 'None', true);
         INSERT INTO results (game_id, result_date, status)
         SELECT 1, day, 'completed' FROM generate_series(date '2024-12-01', '2025-06-22', '1 day') AS day
         WHERE extract(isodow FROM day) IN (5, 7) AND day NOT IN ('2025-04-27', '2025-06-01')",
    )
    .await;
    let page = app.page("/results/L03-01").await;
    page.shows(&[
        "not active",
        "57 results",
        "Sun 1 Dec 2024",
        "Sun 22 Jun",
        "Fri 8, Sun 7 in the last 8 weeks",
    ]);
    app.page("/results/N").await.shows(&[
        "This game has no results yet.",
        "no draws in the last 8 weeks",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_link_to_a_day_leads_to_the_page_that_has_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO games (base_game_id, game_name) VALUES ('A', 'A');
         INSERT INTO results (game_id, result_date, status)
         SELECT 1, day, 'completed' FROM generate_series(date '2025-01-01', '2025-06-22', '1 day') AS day WHERE day <> '2025-02-14'",
    )
    .await;
    let newest = app.page("/results/A").await;
    newest.shows(&["id=\"2025-06-22\"", "href=\"/results/A?after=2025-05-04\""]);
    for near in ["2025-06-22", "2025-06-18"] {
        let page = app.page(&format!("/results/A?date={near}")).await;
        page.shows(&[&format!("id=\"{near}\""), "id=\"2025-06-22\""]);
        assert!(!page.text().contains("rel=\"prev\""), "{near}");
    }
    let there = app.page("/results/A?date=2025-03-10").await;
    there.shows(&[
        "id=\"2025-03-10\"",
        "id=\"2025-03-15\"",
        "href=\"/results/A?before=2025-03-15\"",
        "rel=\"next\"",
    ]);
    assert!(!there.text().contains("id=\"2025-03-16\""));
    app.page("/results/A?before=2025-03-15")
        .await
        .shows(&["id=\"2025-03-16\"", "id=\"2025-05-04\""]);
    app.page("/results/A?date=2025-02-14").await.shows(&[
        "No draw of this game is stored for Fri 14 Feb.",
        "id=\"2025-02-15\"",
        "id=\"2025-02-13\"",
    ]);
    app.page("/results/A?after=2025-01-01").await.shows(&[
        "There are no results on this page any more.",
        "href=\"/results/A\"",
    ]);
    for (query, says) in [
        ("date=x", "date: \"x\" is no day"),
        ("date=2025-02-14&after=2025-02-14", "can't stand beside"),
        ("after=2025-02-14&before=2025-02-14", "can't stand beside"),
        ("day=2025-02-14", "There is no parameter \"day\" here."),
    ] {
        let wrong = app.page(&format!("/results/A?{query}")).await;
        assert_eq!(wrong.status.as_u16(), 400, "{query}");
        wrong.shows(&[says, "Show all results"]);
    }
    app.stop().await;
}

/// The API's path stays, whatever games are called, and each game has its page.
#[sqlx::test(migrations = false)]
async fn every_game_has_an_address_and_the_api_keeps_its_own(pool: PgPool) {
    const ODD: [&str; 13] = [
        "fast",
        "=fast",
        "..",
        ".",
        "a/b",
        "/a/",
        "a b",
        "50%",
        "%66ast",
        "หวย?#&+",
        "<b>\"'",
        "a\\b",
        "é;,:@",
    ];
    let app = App::working(&pool, &[]).await;
    let games: Vec<_> = (1..).zip(ODD).map(|(nth, id)| game(nth, id)).collect();
    let results: Vec<_> = (1..=13).map(|nth| result(nth, "2025-06-22")).collect();
    app.import(backup(&games, &results)).await;
    let all = app.page("/results").await.text();
    for id in ODD {
        let address = game_address(id);
        let page = app.page(&address).await;
        assert_eq!(page.status.as_u16(), 200, "{id} at {address}");
        let escaped = id
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        page.shows(&[&format!("<span>{escaped}</span>")]);
        assert!(all.contains(&format!("href=\"{address}\"")), "{address}");
    }
    assert!(app.get("/results/fast").await.json().is_array());
    app.page("/results/a/b").await.shows(&["<span>a/b</span>"]);
    for path in [
        "/results/none",
        "/results/%00",
        "/results/%FF",
        "/results/L03%2",
    ] {
        let none = app.page(path).await;
        assert_eq!(none.status.as_u16(), 404, "{path}");
        none.shows(&["There is no", "No such game", "href=\"/results\""]);
    }
    app.import(small_backup()).await;
    app.stop().await;
}
