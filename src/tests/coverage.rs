//! `/coverage`: which draws there are, and which lack, as a page and for programs.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{by, feed},
    reply::Reply,
};
use crate::{model::import_log::Requester, server::feed::simulator::Trouble};

/// Two games that are drawn each day from 1 April to 21 June 2025, the day before the tests' today, but for a few days; the
/// first only on weekends.
const DATA: &str = "
    INSERT INTO games (base_game_id, game_name) VALUES ('L01', 'หวย <ลาว>'), ('L02/ก', 'Dow \"Jones\"'), ('L03', 'ดาวโจนส์ VIP');
    INSERT INTO results (game_id, result_date, result_3up, status)
    SELECT id, day::date, '082', CASE WHEN day = '2025-06-19' THEN 'waiting' WHEN day = '2025-06-18' THEN 'cancelled'
                                      WHEN day = '2025-06-17' THEN 'no_result' ELSE 'completed' END
    FROM games, generate_series(timestamp '2025-04-01', '2025-06-21', '1 day') AS day
    WHERE base_game_id = 'L02/ก' AND day NOT IN ('2025-06-10', '2025-06-11')
       OR base_game_id = 'L03' AND day <> '2025-06-11'
       OR base_game_id = 'L01' AND extract(isodow FROM day) > 5 AND day <> '2025-06-14';
    INSERT INTO feed_days (date, succeeded, message)
    SELECT day::date, day <> '2025-06-14', CASE WHEN day = '2025-06-14' THEN 'The feed answered 500.' END
    FROM generate_series(timestamp '2025-06-01', '2025-06-21', '1 day') AS day WHERE day <> '2025-06-11';";

async fn post_form(app: &App, path: &str, body: &str) -> Reply {
    let request = Request::post(path)
        .header("accept", "text/html")
        .header("content-type", "application/x-www-form-urlencoded");
    app.send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

#[sqlx::test(migrations = false)]
async fn an_empty_database_says_what_to_do(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let page = app.page("/coverage").await;
    assert_eq!(page.status.as_u16(), 200);
    page.shows(&[
        "<title>Coverage",
        "There are no games yet.",
        "Start an import",
    ]);
    app.page("/coverage?year=2024")
        .await
        .shows(&["There are no games yet."]);
    let json = app.get("/coverage").await.json();
    assert_eq!(
        (&json["from"], &json["to"]),
        (&json!("2025-06-01"), &json!("2025-06-22"))
    );
    assert_eq!(json["games"], json!([]));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_month_shows_what_there_is_and_what_lacks(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(DATA).await;
    let page = app.page("/coverage").await;
    let varies = page.headers.get_all("vary").iter();
    assert!(varies.into_iter().any(|name| name == "accept"));
    page.shows(&[
        "Jun 2025",
        "3 games",
        // A cell leads to its result, by an id that is odd, too.
        "<td class=c><a href=\"/results/L02%2F%E0%B8%81?date=2025-06-09#2025-06-09\">completed</a>",
        "<td class=w><a href=\"/results/L03?date=2025-06-19#2025-06-19\">waiting</a>",
        "<td class=x><a href=\"/results/L03?date=2025-06-18#2025-06-18\">cancelled</a>",
        "<td class=n><a href=\"/results/L03?date=2025-06-17#2025-06-17\">no result</a>",
        // Asked and lacking is told from never asked.
        "<td class=m><i>missing</i>",
        "<td class=k><i>missing, not asked for</i>",
        "<td class=d><i>still to come</i>",
        "หวย &lt;ลาว&gt;",
        "Dow &quot;Jones&quot;",
        // Of three days something lacks; one has a draw that waits.
        "value=\"2025-06-10,2025-06-11,2025-06-14\"",
        "Fetch all 3 missing days",
        "aria-label=\"Fetch 19 Jun\"",
        "\u{2190} May 2025",
    ]);
    let text = page.text();
    assert_eq!(text.matches("<i>missing</i>").count(), 2);
    assert_eq!(text.matches("<i>missing, not asked for</i>").count(), 2);
    assert_eq!(text.matches("<i>still to come</i>").count(), 3, "today's");
    assert_eq!(text.matches("type=checkbox name=date").count(), 4);
    assert!(!text.contains("Jul 2025 \u{2192}"), "the future");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn games_are_searched_for_and_those_without_gaps_left_out(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(DATA).await;
    for (query, shown) in [
        ("q=dow", &["L02/ก"][..]),
        ("q=l0", &["L01", "L02/ก", "L03"]),
        ("q=ดาวโจนส์", &["L03"]),
        // Wide letters are the same letters, as on the Results page.
        ("q=ｖｉｐ", &["L03"]),
        ("q=%25", &[]),
        ("q=_", &[]),
        ("gaps=true", &["L01", "L02/ก", "L03"]),
        ("q=l0&gaps=true&month=2025-05", &[]),
        ("after=L02", &["L02/ก", "L03"]),
    ] {
        let page = app.page(&format!("/coverage?{query}")).await.text();
        for id in ["L01", "L02/ก", "L03"] {
            let is_there = page.contains(&format!("<small>{id}</small>"));
            assert_eq!(is_there, shown.contains(&id), "{query}: {id}");
        }
    }
    app.page("/coverage?q=nothing")
        .await
        .shows(&["No game matches."]);
    app.page("/coverage?gaps=true&month=2025-05")
        .await
        .shows(&["Of no game that matches a draw is missing."]);
    // A game that isn't active is expected to do nothing.
    app.execute("UPDATE games SET is_active = false WHERE base_game_id = 'L02/ก'")
        .await;
    let page = app.page("/coverage?q=dow").await.text();
    assert!(!page.contains("<i>missing"), "{page}");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_year_tells_week_by_week_how_many_draws_lack(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(DATA).await;
    let page = app.page("/coverage?year=2025").await;
    page.shows(&[
        "href=\"/coverage?month=2025-06\">Jun</a>",
        "<td class=c><i>complete</i>",
        "<td class=m2>2<i> missing, some not asked for</i>",
        "<td class=m>1<i> missing</i>",
        "<td class=k>1<i> missing, not asked for</i>",
        "<td class=w>1<i> waiting</i>",
        "<th scope=colgroup colspan=",
        "\u{2190} 2024",
    ]);
    app.execute("UPDATE results SET status = 'cancelled' WHERE result_date BETWEEN '2025-05-05' AND '2025-05-11'")
        .await;
    app.page("/coverage?year=2025").await.shows(&[
        "<td class=x>7<i> cancelled</i>",
        "<td class=x>2<i> cancelled</i>",
    ]);
    // A day that was asked in vain isn't one that nobody asked for: of its week that is just the 11th.
    let page = app.page("/coverage?year=2025").await.text();
    let (_, row) = page.split_once("Days not asked for").unwrap();
    let (row, _) = row.split_once("<tr>").unwrap();
    assert!(
        row.contains("<td class=k>6<td><td class=k>1<td><td>"),
        "{row}"
    );
    app.page("/coverage?year=2019")
        .await
        .shows(&["2020 \u{2192}"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn programs_are_told_the_same_day_by_day(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(DATA).await;
    let reply = app.get("/coverage?from=2025-06-09&to=2025-06-22").await;
    assert_eq!(reply.header("content-type"), "application/json");
    let json = reply.json();
    let days: Vec<Value> = json["days"].as_array().unwrap().clone();
    assert_eq!(days.len(), 14);
    let day = |nth: usize, member: &str| days[nth][member].clone();
    assert_eq!(day(0, "date"), "2025-06-09");
    assert_eq!(
        (day(0, "asked"), day(0, "answer"), day(0, "draws")),
        (json!(true), json!("answered"), json!(2))
    );
    assert_eq!((day(1, "missing"), day(1, "draws")), (json!(1), json!(1)));
    assert_eq!(
        (day(2, "asked"), day(2, "answer"), day(2, "missing")),
        (json!(false), json!("never"), json!(2))
    );
    assert_eq!(
        (day(5, "answer"), day(5, "missing")),
        (json!("failed"), json!(1))
    );
    assert_eq!(
        (day(0, "usual_low"), day(0, "usual_high")),
        (json!(0), json!(4))
    );
    let game = &json["games"][1];
    assert_eq!(game["base_game_id"], "L02/ก");
    assert_eq!(game["missing"], json!(["2025-06-10", "2025-06-11"]));
    assert_eq!(game["expected"].as_array().unwrap().len(), 14);
    assert_eq!(game["states"]["2025-06-10"], "missing");
    assert_eq!(game["states"]["2025-06-11"], "not_asked");
    assert_eq!(game["states"]["2025-06-17"], "no_result");
    assert_eq!(game["states"]["2025-06-22"], "due");
    let weekends = &json["games"][0];
    assert_eq!(
        weekends["expected"],
        json!(["2025-06-14", "2025-06-15", "2025-06-21", "2025-06-22"])
    );
    assert_eq!(weekends["states"].as_object().unwrap().len(), 4);
    // Browsers too, where the days are named as programs name them; page by page.
    let page = app
        .page("/coverage?from=2025-06-09&to=2025-06-09&limit=2&q=l0")
        .await;
    assert_eq!(page.json()["games"].as_array().unwrap().len(), 2);
    let next = "</coverage?from=2025-06-09&to=2025-06-09&q=l0&after=L02%2F%E0%B8%81&limit=2>; rel=\"next\"";
    assert_eq!(page.header("link"), next);
    assert_eq!(page.json()["more_after"], "L02/ก");
    assert_eq!(json["more_after"], json!(null));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn wrong_parameters_are_told_with_the_form_or_as_problems(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(DATA).await;
    for (query, says) in [
        (
            "month=2025-13",
            "month: \"2025-13\" is none from 1900 to 2100. Write it as 2026-11.",
        ),
        ("month=June", "month: \"June\" is none"),
        (
            "year=20255",
            "year: \"20255\" is none from 1900 to 2100. Write it as 2026.",
        ),
        ("year=2025&month=2025-06", "Give one of them."),
        ("gaps=yes", "gaps: \"yes\" is none of true, false."),
        ("q=%00", "holds a control character"),
        ("moth=2025-06", "There is no parameter \"moth\" here."),
    ] {
        let page = app.page(&format!("/coverage?{query}")).await;
        assert_eq!(page.status.as_u16(), 400, "{query}");
        page.shows(&[says, "role=\"search\"", "role=\"alert\""]);
    }
    for (query, says) in [
        (
            "from=2025-06-32&to=2025-07-01",
            "from: \"2025-06-32\" is no day",
        ),
        (
            "from=2025-06-02&to=2025-06-01",
            "to: \"2025-06-01\" lies before",
        ),
        (
            "from=2024-01-01&to=2025-02-04",
            "from: \"2024-01-01\" is more than 400 days before",
        ),
        (
            "from=2025-06-01&to=2025-06-02&month=2025-06",
            "There is no parameter \"month\" here.",
        ),
        (
            "from=2025-06-01&to=2025-06-02&limit=0",
            "limit: \"0\" is no page.",
        ),
        (
            "from=2025-06-01&to=2025-06-02&limit=1001",
            "limit is \"1001\"",
        ),
        ("from=2025-06-01&gaps=maybe", "gaps is \"maybe\"."),
    ] {
        let sentence = app.get(&format!("/coverage?{query}")).await.problem(400);
        assert!(sentence.starts_with(says), "{sentence}");
    }
    let most = app
        .get("/coverage?from=2024-01-01&to=2025-02-03")
        .await
        .json();
    assert_eq!(most["days"].as_array().unwrap().len(), 400);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_missing_is_fetched_from_the_page(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute(DATA).await;
    let here = "/coverage/fetch?month=2025-06";
    let sent = post_form(&app, here, "date=2025-06-10&date=2025-06-19").await;
    assert_eq!(sent.status.as_u16(), 303);
    let log = app.newest().await;
    assert_eq!(sent.header("location"), format!("/imports/{}", log.id));
    assert_eq!(
        (log.progress_total, log.requested_by),
        (Some(2), Some(Requester::Page))
    );
    app.ended(log.id).await;
    // Its column leads to it.
    let to_it = format!("href=\"/imports/{}\"><small>Tu </small>10</a>", log.id);
    app.page("/coverage?month=2025-06").await.shows(&[&to_it]);
    // The button for all says which.
    let all = "date=2025-06-10&all=2025-06-11,2025-06-14";
    let sent = post_form(&app, here, all).await;
    assert_eq!(sent.status.as_u16(), 303);
    app.ended(app.newest().await.id).await;
    let asked = app
        .get("/coverage?from=2025-06-11&to=2025-06-14")
        .await
        .json();
    assert_eq!(asked["days"][0]["answer"], "answered");
    assert_eq!(asked["days"][3]["answer"], "answered");

    for (body, status, says) in [
        ("", 422, "No day is chosen."),
        ("date=2025-06-23", 422, "2025-06-23 is in the future"),
        ("date=soon", 400, "The form can't be read."),
    ] {
        let refused = post_form(&app, here, body).await;
        assert_eq!(refused.status.as_u16(), status, "{body}");
        refused.shows(&[says, "Jun 2025", "<small>L03</small>"]);
    }
    let back = app.page(here).await;
    assert_eq!(back.header("location"), "/coverage?month=2025-06");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn days_that_are_being_fetched_say_so_and_their_page_follows(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::idle(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute(DATA).await;
    let still = app.page("/coverage").await.text();
    assert!(
        !still.contains("data-live=\""),
        "it stays while one chooses"
    );
    let days = vec!["2025-06-10".parse().unwrap()];
    let started = app
        .state
        .imports
        .start_days(days, &by(Requester::Page))
        .await
        .unwrap();
    let live = format!("data-live=\"{}\"", started.id);
    app.page("/coverage").await.shows(&[
        &live,
        "<i>being asked for</i>",
        "value=\"2025-06-11,2025-06-14\"",
    ]);
    app.stop().await;
    // Without a feed there is a failure, and its page says what to do.
    let app = App::idle(&pool, &[]).await;
    let sent = post_form(&app, "/coverage/fetch", "date=2025-06-14").await;
    let id = app.newest().await.id;
    assert_eq!(sent.header("location"), format!("/imports/{id}"));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_day_whose_latest_import_was_undone_can_be_fetched_again(pool: PgPool) {
    let feed = feed(Trouble::default()).await;
    let app = App::working(&pool, &[("EXTERNAL_API_URL", &feed.url)]).await;
    app.execute(DATA).await;
    let ask = async |days: &str| {
        let sent = post_form(&app, "/coverage/fetch?month=2025-06", days).await;
        assert_eq!(sent.status.as_u16(), 303);
        let log = app.newest().await;
        app.ended(log.id).await.id
    };
    let days = async || {
        let path = "/coverage?from=2025-06-09&to=2025-06-10";
        app.get(path).await.json()["days"].clone()
    };
    let latest = ask("date=2025-06-10").await;
    assert_eq!(days().await[1]["answer"], "answered");
    app.execute("UPDATE feed_days SET unusual = 'Odd.'").await;
    app.post(&format!("/import-logs/{latest}/undo")).await;
    let told = days().await;
    let undone = &told[1];
    assert_eq!(
        (&undone["asked"], &undone["answer"], &undone["import_id"]),
        (&json!(false), &json!("taken_back"), &json!(latest))
    );
    assert_eq!(undone["unusual"], json!(null));
    assert_eq!(
        (&told[0]["answer"], &told[0]["unusual"]),
        (&json!("answered"), &json!("Odd."))
    );
    let to_it = format!("href=\"/imports/{latest}\"><small>Tu </small>10</a>");
    let page = app.page("/coverage?month=2025-06").await;
    page.shows(&[
        &to_it,
        "<td class=k><i>taken back</i>",
        "aria-label=\"Fetch 10 Jun\"",
        "value=\"2025-06-10,2025-06-11,2025-06-14\"",
    ]);
    assert_eq!(
        page.text().matches("<i>missing, not asked for</i>").count(),
        3
    );
    // Asked again.
    ask("date=2025-06-10").await;
    assert_eq!(days().await[1]["answer"], "answered");
    app.stop().await;
}
