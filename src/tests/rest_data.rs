//! `/export-data`, `/games`, `/results/fast` and `/clear-data` (`formats.md` §2 and §3).

use axum::{body::Body, http::Request};
use futures::StreamExt as _;
use serde_json::{Value, json};
use sqlx::PgPool;
use tower::ServiceExt as _;

use super::{
    app::App,
    fixtures::{backup, game, generated, result, small_backup},
};

/// Games and results as far as a backup holds them, under names that outlive database ids.
async fn everything(app: &App) -> Value {
    let sql = "SELECT json_build_object(
                   'games', (SELECT json_agg(json_build_array(base_game_id, game_name, country_code, is_active, created_at) ORDER BY base_game_id) FROM games),
                   'results', (SELECT json_agg(json_build_array(base_game_id, result_date, result_3up, result_2down, result_4up, status, results.created_at)
                                               ORDER BY base_game_id, result_date) FROM results JOIN games ON games.id = game_id))";
    sqlx::query_scalar(sql).fetch_one(&app.pool).await.unwrap()
}

#[sqlx::test(migrations = false)]
async fn an_export_brings_everything_back(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.post("/import-sample-data").await;
    app.import(generated(2_000)).await;
    app.execute(
        "UPDATE games SET is_active = false, game_name = E'„ก\"\\\\' || chr(1) || '“' WHERE id = 3",
    )
    .await;
    let before = everything(&app).await;
    let (games, results) = app.data().await;
    let export = app.get("/export-data").await;

    let cleared = app.delete("/clear-data").await.json();
    assert_eq!(
        (&cleared["games_deleted"], &cleared["results_deleted"]),
        (&json!(games), &json!(results))
    );
    assert!(cleared["message"].is_string());
    assert_eq!(app.data().await, (0, 0));

    let json = app.import(export.body).await.json();
    assert_eq!(
        (&json["games_created"], &json["results_created"]),
        (&json!(games), &json!(results))
    );
    assert_eq!(everything(&app).await, before);
    app.stop().await;
}

/// Every stored column travels; of the keys, which are the database's own, what they stand for.
#[sqlx::test(migrations = false)]
async fn a_backup_carries_every_stored_column(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let export = app.get("/export-data").await.json();
    for (table, array) in [("games", "games"), ("results", "results")] {
        let columns: Vec<String> = sqlx::query_scalar(
            "SELECT column_name::text FROM information_schema.columns WHERE table_name = $1",
        )
        .bind(table)
        .fetch_all(&app.pool)
        .await
        .unwrap();
        assert!(columns.len() >= 6, "{columns:?}");
        let members = export[array][0].as_object().unwrap();
        // Which import something comes from is this database's own affair: elsewhere it is of the import of the backup.
        let own = ["created_by", "change_id"];
        for column in columns.into_iter().filter(|it| !own.contains(&it.as_str())) {
            assert!(
                members.contains_key(&column),
                "{table}.{column} doesn't travel"
            );
        }
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_export_has_the_members_of_the_format(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let reply = app.get("/export-data").await;
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(
        reply.header("content-disposition"),
        "attachment; filename=\"numwatch-backup-2025-06-22.json\""
    );
    let json = reply.json();
    assert_eq!(json["export_date"], "2025-06-22T10:00:00.000000");
    assert_eq!(json["version"], "1.0");
    assert!(json["source"].is_string());
    assert_eq!(
        json["stats"],
        json!({ "total_games": 1, "total_results": 1 })
    );
    let exported = &json["games"][0];
    assert_eq!(
        (&exported["base_game_id"], &exported["is_active"]),
        (&json!("L03-01"), &json!(true))
    );
    let exported_result = &json["results"][0];
    assert_eq!(exported_result["game_id"], exported["id"]);
    assert_eq!(exported_result["full_game_code"], "L03-01-20250622");
    let values = [
        "result_date",
        "result_3up",
        "result_2down",
        "result_4up",
        "status",
    ]
    .map(|name| exported_result[name].clone());
    assert_eq!(
        json!(values),
        json!(["2025-06-22", "082", "05", null, "completed"])
    );
    assert_eq!(
        exported_result["created_at"],
        "2025-06-22T10:00:00.000000+00:00"
    );
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn an_export_of_nothing_is_a_backup_too(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    let export = app.get("/export-data").await;
    assert_eq!(
        export.json()["stats"],
        json!({ "total_games": 0, "total_results": 0 })
    );
    assert_eq!(app.import(export.body).await.status.as_u16(), 200);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn games_are_an_array_of_games(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    assert_eq!(app.get("/games").await.json(), json!([]));
    app.import(backup(&[game(5, "B"), game(6, "A")], &[])).await;
    let games = app.get("/games").await.json();
    assert_eq!(games.as_array().unwrap().len(), 2);
    assert_eq!(
        (&games[0]["base_game_id"], &games[0]["game_name"]),
        (&json!("A"), &json!("ดาวโจนส์ A"))
    );
    for member in ["id", "country_code", "is_active", "created_at"] {
        assert!(games[0].get(member).is_some(), "{member}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn results_of_so_many_months_come_each_with_its_game(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    // Today is 2025-06-22.
    let dates = ["2025-06-22", "2025-02-22", "2025-02-21", "2024-01-01"];
    app.import(backup(
        &[game(1, "L03-01")],
        &dates.map(|date| result(1, date)),
    ))
    .await;
    let dates_of = async |uri: &str| -> Vec<String> {
        let reply = app.get(uri).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("content-type")),
            (200, "application/json")
        );
        let results = reply.json();
        results
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["result_date"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(dates_of("/results/fast?months=4").await, dates[..2]);
    assert_eq!(dates_of("/results/fast").await, dates[..2]);
    assert_eq!(dates_of("/results/fast?months=0").await, dates);
    assert_eq!(dates_of("/results/fast?months=5").await, dates[..3]);
    assert_eq!(
        dates_of("/results/fast?months=1200").await,
        dates,
        "more months than there ever were"
    );

    let first = &app.get("/results/fast").await.json()[0];
    assert_eq!(
        (&first["full_game_code"], &first["result_3up"]),
        (&json!("L03-01-20250622"), &json!("082"))
    );
    assert_eq!(first["game"]["base_game_id"], "L03-01");
    assert_eq!(first["game"]["id"], first["game_id"]);
    for months in ["-1", "four", "80880", "99999999999"] {
        app.get(&format!("/results/fast?months={months}"))
            .await
            .problem(400);
    }
    app.stop().await;
}

/// An import that commits while everything is cleared must not turn the clearing into an error.
#[sqlx::test(migrations = false)]
async fn clearing_waits_for_an_import_that_commits(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(small_backup()).await;
    let mut import = app.pool.begin().await.unwrap();
    sqlx::raw_sql("INSERT INTO results (game_id, result_date, status) SELECT id, '2025-06-23', 'waiting' FROM games")
        .execute(&mut *import)
        .await
        .unwrap();
    let commit = async {
        app.until_held(1).await;
        import.commit().await.unwrap();
    };
    let (reply, ()) = tokio::join!(app.delete("/clear-data"), commit);
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    assert_eq!(
        (&reply.json()["results_deleted"], app.data().await),
        (&json!(2), (0, 0))
    );
    app.stop().await;
}

/// A reader that goes away gives its connection back: more of them than may read at a time, and then one that stays.
#[sqlx::test(migrations = false)]
async fn an_export_ends_with_its_reader(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(generated(20_000)).await;
    for _ in 0..6 {
        let request = Request::get("/export-data").body(Body::empty()).unwrap();
        let answer = app.router.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let mut body = answer.into_body().into_data_stream();
        assert!(body.next().await.is_some_and(|piece| piece.is_ok()));
    }
    let export = app.get("/export-data").await.json();
    assert_eq!(export["stats"]["total_results"], 20_000);
    app.stop().await;
}

/// Readers that take nothing, or take it slowly, lock nobody out: neither from an export, nor from anything else.
#[sqlx::test(migrations = false)]
async fn slow_readers_of_an_export_lock_nobody_out(pool: PgPool) {
    let app = App::working(&pool, &[]).await;
    app.import(generated(20_000)).await;
    let mut slow = Vec::new();
    for _ in 0..20 {
        let request = Request::get("/export-data").body(Body::empty()).unwrap();
        let mut body = app
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_body()
            .into_data_stream();
        // One piece of it, and then nothing for as long as the test lasts.
        assert!(body.next().await.is_some_and(|piece| piece.is_ok()));
        slow.push(body);
    }
    assert_eq!(app.get("/import-logs").await.status, 200);
    let whole = app.get("/export-data").await;
    assert_eq!(whole.json()["results"].as_array().unwrap().len(), 20_000);
    // What the slow ones have begun is whole, too, whenever they take it.
    let mut rest = 0;
    while let Some(piece) = slow[0].next().await {
        rest += piece.unwrap().len();
    }
    assert!(
        rest > whole.body.len() / 2,
        "{rest} of {}",
        whole.body.len()
    );
    app.stop().await;
}
