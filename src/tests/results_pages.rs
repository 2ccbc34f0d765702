//! Browsing the results: pages, filters, and all that matches as a file.

use chrono::{Days, NaiveDate};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::PgPool;

use super::{
    app::App,
    fixtures::{backup, game, result, small_backup},
    reply::Reply,
};
use crate::model::{
    game::ResultStatus,
    results::{Filter, From, Place},
};

/// The address that a link of this relation leads to.
fn link(reply: &Reply, rel: &str) -> Option<String> {
    let html = reply.text();
    let tag = html
        .split("<a ")
        .find(|tag| tag.contains(&format!("rel=\"{rel}\"")))?;
    let address = tag.split("href=\"").nth(1)?.split('"').next()?;
    Some(address.replace("&amp;", "&"))
}

#[sqlx::test(migrations = false)]
async fn the_results_come_with_their_games_their_filters_and_where_they_are_from(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import_named("good.json", small_backup()).await;
    app.execute("UPDATE results SET created_by = 1").await;
    let all = app.page("/results").await;
    assert_eq!(all.status.as_u16(), 200);
    all.shows(&[
        "<title>Results · NumWatch",
        "1 result",
        "Sun 22 Jun",
        "082-05",
        "completed",
        "ดาวโจนส์ L03-01",
        "href=\"/results/L03-01\"",
        "href=\"/results/L03-01?date=2025-06-22#2025-06-22\"",
        "href=\"/imports/1\"",
        "href=\"/results.csv\"",
        "aria-current=\"page\"",
    ]);
    app.execute("UPDATE results SET created_by = NULL").await;
    app.page("/results")
        .await
        .shows(&["from before NumWatch kept track of it"]);
    app.execute("UPDATE results SET created_by = 77").await;
    app.page("/results")
        .await
        .shows(&["#77 (its log was removed)"]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn games_are_searched_by_id_and_name_in_any_case_and_composition(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(backup(
        &[game(1, "L03-01"), game(2, "a%_\\b"), game(3, "NIKKEI")],
        &[
            result(1, "2025-06-20"),
            result(2, "2025-06-21"),
            result(3, "2025-06-22"),
        ],
    ))
    .await;
    // The name has a SARA AM in one piece; it is typed in two.
    app.execute("UPDATE games SET game_name = 'น้ำ Été' WHERE base_game_id = 'L03-01'")
        .await;
    for (typed, ids) in [
        ("%E0%B8%94%E0%B8%B2%E0%B8%A7", "a%_\\b,NIKKEI"),
        ("nikk", "NIKKEI"),
        ("l03", "L03-01"),
        ("n%C3%89", ""),
        ("%C3%A9T%C3%89", "L03-01"),
        ("%E0%B8%99%E0%B9%89%E0%B9%8D%E0%B8%B2", "L03-01"),
        ("%25_", "a%_\\b"),
        ("%5C", "a%_\\b"),
        ("_%25", ""),
    ] {
        let csv = app.get(&format!("/results.csv?game={typed}")).await;
        assert_eq!(csv.status.as_u16(), 200);
        let mut found: Vec<String> = Vec::new();
        for line in csv.text().lines().skip(1) {
            found.push(line.split("\",\"").next().unwrap()[1..].to_owned());
        }
        found.sort_unstable();
        let mut wanted: Vec<&str> = ids.split(',').filter(|id| !id.is_empty()).collect();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{typed}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn pages_lead_to_each_other_with_their_filters(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.execute(
        "INSERT INTO games (base_game_id, game_name) SELECT 'G' || g, 'Game ' || g FROM generate_series(1, 7) AS g;
         INSERT INTO results (game_id, result_date, status)
         SELECT id, date '2025-06-22' - back, CASE WHEN back < 20 THEN 'waiting' ELSE 'completed' END
         FROM games, generate_series(0, 39) AS back",
    )
    .await;
    let first = app.page("/results?status=waiting").await;
    first.shows(&["140 results", "Sun 22 Jun"]);
    assert_eq!(link(&first, "prev"), None);
    let second = app.page(&link(&first, "next").unwrap()).await;
    let third = app.page(&link(&second, "next").unwrap()).await;
    assert_eq!(link(&third, "next"), None);
    let rows = |reply: &Reply| reply.text().matches("class=\"d-game\"").count();
    assert_eq!((rows(&first), rows(&second), rows(&third)), (50, 50, 40));
    let back = app.page(&link(&third, "prev").unwrap()).await;
    let table = |reply: &Reply| {
        let html = reply.text();
        let rest = html.split_once("<tbody>").unwrap().1.to_owned();
        rest.split_once("</nav>").unwrap().0.to_owned()
    };
    assert!(table(&back) == table(&second), "it is the same page");
    let small = app.page("/results?limit=3").await;
    assert_eq!(
        link(&small, "next").unwrap(),
        "/results?after=2025-06-22%2C3&limit=3"
    );
    app.page("/results?status=waiting&after=2020-01-01,1")
        .await
        .shows(&[
            "There are no results on this page any more.",
            "href=\"/results?status=waiting\"",
        ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_cannot_be_asked_for_is_told_below_the_form_that_asks(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (query, says) in [
        (
            "status=odd",
            "is none of waiting, cancelled, completed, no_result",
        ),
        (
            "from=22.6.2025",
            "from: \"22.6.2025\" is no day. Write it as 2025-06-22.",
        ),
        ("from=2025-06-22&to=2025-06-21", "lies before \"from\""),
        ("game=%00", "holds a control character"),
        (
            "gane=x",
            "There is no parameter \"gane\" here. There are: game, ",
        ),
        ("after=x", "is no place among the results"),
        (
            "after=2025-06-22,1&before=2025-06-22,1",
            "can't stand beside \"before\"",
        ),
        ("limit=0", "Ask for 1 to 200 results."),
        ("to=%2B262142-12-31", "is no day"),
    ] {
        let page = app.page(&format!("/results?{query}")).await;
        assert_eq!(page.status.as_u16(), 400, "{query}");
        page.shows(&["role=\"alert\"", says, "Filter the results"]);
        let csv = app.get(&format!("/results.csv?{query}")).await;
        csv.problem(400);
    }
    let kept = app
        .page("/results?status=odd&game=%E0%B8%AB%E0%B8%A7%E0%B8%A2")
        .await;
    kept.shows(&["value=\"หวย\""]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_page_without_rows_leads_somewhere(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.page("/results")
        .await
        .shows(&["No results yet.", "Go to the Scheduler"]);
    app.page("/results?game=x")
        .await
        .shows(&["No results yet."]);
    app.import(small_backup()).await;
    app.page("/results?game=nothing").await.shows(&[
        "No result matches these filters.",
        "Show all results",
        "0 results",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn all_that_matches_is_to_be_had_as_a_table_whose_zeros_stay(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO games (base_game_id, game_name) VALUES ('A', '=1+1'), ('B', 'หุ้น, \"ไทย\"');
         INSERT INTO results (game_id, result_date, status, result_3up, result_2down, created_by)
         SELECT 1, date '2025-06-22' - back, 'completed', '082', '05', 3 FROM generate_series(0, 11999) AS back;
         INSERT INTO results (game_id, result_date, status) VALUES (2, '2025-06-22', 'waiting');
         INSERT INTO result_changes (import_id, game_id, result_date, old_status, new_3up, new_2down, new_status)
         VALUES (9, 1, '2025-06-22', 'waiting', '082', '05', 'completed');
         UPDATE results SET change_id = 1 WHERE game_id = 1 AND result_date = '2025-06-22'",
    )
    .await;
    let csv = app.get("/results.csv").await;
    assert_eq!(
        (
            csv.header("content-type"),
            csv.header("content-disposition")
        ),
        (
            "text/csv; charset=utf-8; header=present",
            "attachment; filename=\"results.csv\""
        )
    );
    let text = csv.text();
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(lines.len(), 1 + 12_001 + 1);
    assert_eq!(
        lines[..4],
        [
            r#""base_game_id","game_name","result_date","result_3up","result_2down","result_4up","status","created_by","changed_by""#,
            r#""A","'=1+1","2025-06-22","082","05","","completed","3","9""#,
            r#""B","หุ้น, ""ไทย""","2025-06-22","","","","waiting","","""#,
            r#""A","'=1+1","2025-06-21","082","05","","completed","3","""#,
        ]
    );
    let dates: Vec<_> = lines[1..12_002]
        .iter()
        .map(|line| line.split("\",\"").nth(2))
        .collect();
    assert!(dates.is_sorted_by(|one, next| one >= next));
    let none = app.get("/results.csv?game=none").await;
    assert_eq!(none.text().lines().count(), 1);
    let range = app.get("/results.csv?from=2025-06-20&to=2025-06-21").await;
    assert_eq!(range.text().lines().count(), 3);
    app.stop().await;
}

/// A result as the plain model has it: what the filters look at, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plain {
    date: NaiveDate,
    game_id: i32,
    status: ResultStatus,
}

/// Some results of six games, thick or thin: a game is drawn on each day of some stretch, or on few.
fn plains() -> impl Strategy<Value = Vec<Plain>> {
    let first: NaiveDate = "2025-06-01".parse().unwrap();
    let status = prop::sample::select(ResultStatus::ALL.to_vec());
    let draw = (0..12u64, 1..=6i32, status);
    let stretch = (0..12u64, 1..=6i32, 1..30u64);
    let all = (
        prop::collection::vec(draw, 0..30),
        prop::collection::vec(stretch, 0..3),
    );
    all.prop_map(move |(draws, stretches)| {
        let long = stretches.into_iter().flat_map(|(from, game, days)| {
            (from..from + days).map(move |day| (day, game, ResultStatus::Completed))
        });
        let mut plains: Vec<Plain> = Vec::new();
        for (day, game_id, status) in draws.into_iter().chain(long) {
            let date = first + Days::new(day);
            if plains
                .iter()
                .all(|it| (it.date, it.game_id) != (date, game_id))
            {
                plains.push(Plain {
                    date,
                    game_id,
                    status,
                });
            }
        }
        plains
    })
}

fn filters() -> impl Strategy<Value = (Filter, usize)> {
    let first: NaiveDate = "2025-06-01".parse().unwrap();
    let day = (0..20u64).prop_map(move |day| first + Days::new(day));
    let game = prop::sample::select(vec![None, None, Some("A"), Some("1"), Some("none")]);
    let status = prop::option::of(prop::sample::select(ResultStatus::ALL.to_vec()));
    let filter = (
        game,
        status,
        prop::option::of(day.clone()),
        prop::option::of(day),
    );
    let filter = filter.prop_map(|(game, status, from, to)| Filter {
        game: game.map(str::to_owned),
        status,
        from,
        to,
    });
    (filter, 1..9usize)
}

/// What matches, newest first.
fn expected(plains: &[Plain], filter: &Filter) -> Vec<Place> {
    let matches = |it: &&Plain| {
        // Games 1 to 3 are A1 to A3, the others B4 to B6.
        let name = format!("{}{}", if it.game_id < 4 { 'A' } else { 'B' }, it.game_id);
        filter.game.as_ref().is_none_or(|text| name.contains(text))
            && filter.status.is_none_or(|status| status == it.status)
            && filter.from.is_none_or(|from| from <= it.date)
            && filter.to.is_none_or(|to| it.date <= to)
    };
    let mut found: Vec<Place> = plains
        .iter()
        .filter(matches)
        .map(|it| Place {
            date: it.date,
            game_id: it.game_id,
        })
        .collect();
    found.sort_by_key(|place| (std::cmp::Reverse(place.date), place.game_id));
    found
}

/// Page by page, to the end and back again, are shown just the results that match, each once and in order.
#[sqlx::test(migrations = false)]
async fn any_page_of_any_filter_is_what_a_plain_model_says(pool: PgPool) {
    const CASES: usize = 120;
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO games (base_game_id, game_name)
         SELECT CASE WHEN nth < 4 THEN 'A' ELSE 'B' END || nth, 'g' FROM generate_series(1, 6) AS nth",
    )
    .await;
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let plains = plains().new_tree(&mut runner).unwrap().current();
        let (filter, limit) = filters().new_tree(&mut runner).unwrap().current();
        let ids: Vec<i32> = plains.iter().map(|it| it.game_id).collect();
        let dates: Vec<NaiveDate> = plains.iter().map(|it| it.date).collect();
        let statuses: Vec<&str> = plains.iter().map(|it| it.status.as_str()).collect();
        app.execute("DELETE FROM results").await;
        sqlx::query("INSERT INTO results (game_id, result_date, status) SELECT * FROM unnest($1::int[], $2::date[], $3::text[])")
            .bind(ids)
            .bind(dates)
            .bind(statuses)
            .execute(&app.pool)
            .await
            .unwrap();
        let expected = expected(&plains, &filter);
        let places = async |from| {
            let page = app.state.results.page(&filter, from, limit).await.unwrap();
            let places: Vec<Place> = page.slice.draws.iter().map(|it| it.0.place).collect();
            assert_eq!(page.matches, expected.len(), "case {case}: {filter:?}");
            (places, page.slice.has_newer, page.slice.has_older)
        };
        let mut seen: Vec<Place> = Vec::new();
        let mut from = From::Newest;
        loop {
            let (page, has_newer, has_older) = places(from).await;
            let about = format!("case {case}: {filter:?}, {limit} from {from:?}");
            assert_eq!(has_newer, from != From::Newest, "{about}");
            let rest = &expected[seen.len()..];
            assert_eq!(page, rest[..limit.min(rest.len())], "{about}");
            assert_eq!(has_older, rest.len() > limit, "{about}");
            // And back: the page before this one ends where this one begins.
            if let Some(place) = page.first() {
                let (before, has_newer, has_older) = places(From::Before(*place)).await;
                let begin = seen.len().saturating_sub(limit);
                assert_eq!(before, expected[begin..seen.len()], "back, {about}");
                assert_eq!((has_newer, has_older), (begin > 0, true), "back, {about}");
            }
            seen.extend(&page);
            let Some(last) = page.last().filter(|_| has_older) else {
                break;
            };
            from = From::After(*last);
        }
        assert_eq!(seen, expected, "case {case}");
    }
    app.stop().await;
}
