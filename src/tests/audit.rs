//! The audit: what is noted, what filters find, that paging loses nothing, the page, and the files.

use axum::{body::Body, http::Request};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use sqlx::PgPool;

use super::app::App;
use crate::{
    model::{
        access::{Action, Role},
        audit::{ActorKind, AuditLine, Deed, Detail, Filter, Page},
        import_log::Requester,
    },
    server::{
        actor::{Actor, Who},
        db::audit::{self, Entry},
    },
};

/// Lines of every kind, several of one moment; also what a newer version could have written.
const LINES: &str = "
    INSERT INTO audit (at, action, refused, actor_kind, actor_id, actor_name, door, address, import_id, detail)
    SELECT timestamptz '2025-06-20 10:00+00' + (n / 5) * interval '1 hour',
           (ARRAY['import', 'undo', 'sign_in', 'clear_data', 'fly'])[1 + n % 5], n % 7 = 0,
           (ARRAY['account', 'token', 'scheduler', 'balloon'])[1 + n % 4], CASE WHEN n % 4 < 2 THEN n % 3 END,
           CASE WHEN n % 4 < 2 THEN (ARRAY['somchai', 'anong', 'ส้ม'])[1 + n % 3] END,
           (ARRAY['page', 'api', 'cli', 'scheduler'])[1 + n % 4], CASE WHEN n % 2 = 0 THEN '2001:db8::' || n END,
           CASE WHEN n % 3 = 0 THEN n % 10 END, CASE n % 3 WHEN 0 THEN '{\"logs\": 3, \"wings\": 2}' ELSE '{}' END::jsonb
    FROM generate_series(1, 200) AS n";

/// What a filter says of a line, plainly.
fn wants(filter: &Filter, line: &AuditLine) -> bool {
    filter.action.is_none_or(|it| it == line.action)
        && (filter.actor.is_none() || filter.actor == line.actor_name)
        && filter.kind.is_none_or(|it| it == line.actor_kind)
        && (filter.import_id.is_none() || filter.import_id == line.import_id)
        && filter.refused.is_none_or(|it| it == line.refused)
        && filter.from.is_none_or(|it| line.at >= it)
        && filter.until.is_none_or(|it| line.at < it)
}

fn filters() -> impl Strategy<Value = Filter> {
    let moment = proptest::option::weighted(0.3, 0..45_i64).prop_map(|hours| {
        let first: chrono::DateTime<chrono::Utc> = "2025-06-20T09:00:00Z".parse().unwrap();
        hours.map(|hours| first + chrono::TimeDelta::hours(hours))
    });
    let names = ["somchai", "anong", "ส้ม", "nobody"].map(ToOwned::to_owned);
    (
        proptest::option::weighted(0.3, prop::sample::select(Deed::all().collect::<Vec<_>>())),
        proptest::option::weighted(0.3, prop::sample::select(names.to_vec())),
        proptest::option::weighted(0.2, prop::sample::select(ActorKind::ALL.to_vec())),
        proptest::option::weighted(0.2, 0..10),
        proptest::option::weighted(0.3, any::<bool>()),
        moment.clone(),
        moment,
    )
        .prop_map(
            |(action, actor, kind, import_id, refused, from, until)| Filter {
                action,
                actor,
                kind,
                import_id,
                refused,
                from,
                until,
            },
        )
}

fn anyone() -> Actor {
    Actor::new(Requester::Page, Who::Anyone, None)
}

fn account(role: Role) -> Actor {
    let who = Who::Account {
        id: 7,
        name: "somchai".into(),
        role,
    };
    Actor::new(Requester::Api, who, Some("192.0.2.7".into()))
}

#[sqlx::test(migrations = false)]
async fn pages_lead_there_and_back_over_just_what_a_filter_wants(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LINES).await;
    let by = anyone();
    let read = async |filter: &Filter, from, limit| {
        let page = app.state.audit.page_and_count(&by, filter, from, limit);
        page.await.unwrap()
    };
    let (all, matches) = read(&Filter::default(), Page::Newest, 500).await;
    assert_eq!((all.lines.len(), matches), (200, 200));
    let mut runner = TestRunner::deterministic();
    for _ in 0..150 {
        let filter = filters().new_tree(&mut runner).unwrap().current();
        let limit = (1..40_usize).new_tree(&mut runner).unwrap().current();
        let wanted = all.lines.iter().filter(|line| wants(&filter, line));
        let wanted: Vec<i64> = wanted.map(|line| line.id).collect();
        let (mut slice, matches) = read(&filter, Page::Newest, limit).await;
        assert_eq!(matches, wanted.len(), "{filter:?}");
        assert!(!slice.has_newer);
        let ids = |lines: &[AuditLine]| lines.iter().map(|line| line.id).collect::<Vec<_>>();
        let mut there = ids(&slice.lines);
        while slice.has_older {
            let last = slice.lines.last().unwrap().id;
            (slice, _) = read(&filter, Page::After(last), limit).await;
            there.extend(ids(&slice.lines));
        }
        assert_eq!(there, wanted, "{filter:?}, {limit}");
        let mut back = ids(&slice.lines);
        while slice.has_newer {
            let first = slice.lines.first().unwrap().id;
            (slice, _) = read(&filter, Page::Before(first), limit).await;
            back.splice(..0, ids(&slice.lines));
        }
        assert_eq!(back, wanted, "back: {filter:?}, {limit}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_noted_is_told(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let (admin, viewer) = (account(Role::Admin), account(Role::Viewer));
    let permit = admin.permit(Action::ClearData).unwrap();
    let cleared = Detail {
        games: Some(140),
        results: Some(10_000),
        ..Detail::default()
    };
    let mut tx = app.pool.begin().await.unwrap();
    audit::note(&mut *tx, &permit, None, cleared.clone())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    // What is taken back was not done.
    let mut tx = app.pool.begin().await.unwrap();
    audit::note(&mut *tx, &permit, None, Detail::default())
        .await
        .unwrap();
    tx.rollback().await.unwrap();
    let refused = Entry {
        actor: &viewer,
        deed: Deed::Of(Action::Undo),
        refused: true,
        import_id: Some(12),
        detail: Detail::default(),
    };
    audit::add(&app.pool, &refused).await.unwrap();
    let read = app
        .state
        .audit
        .page_and_count(&admin, &Filter::default(), Page::Newest, 10)
        .await;
    let (slice, matches) = read.unwrap();
    assert_eq!(matches, 2);
    let [second, first] = slice.lines.as_slice() else {
        panic!("{slice:?}");
    };
    assert_eq!(first.action, Deed::Of(Action::ClearData));
    assert_eq!(
        (first.actor_kind, first.actor_id),
        (ActorKind::Account, Some(7))
    );
    assert_eq!(
        (first.door, first.address.as_deref()),
        (Requester::Api, Some("192.0.2.7"))
    );
    assert_eq!((first.refused, &first.detail), (false, &cleared));
    assert_eq!((second.refused, second.import_id), (true, Some(12)));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn only_admins_read_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for role in Role::ALL {
        let by = account(role);
        let page = app
            .state
            .audit
            .page_and_count(&by, &Filter::default(), Page::Newest, 1)
            .await;
        assert_eq!(page.is_ok(), role == Role::Admin, "{role}");
        let all = app.state.audit.all(&by, Filter::default());
        assert_eq!(all.is_ok(), role == Role::Admin, "{role}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_page_tells_its_lines_and_leads_to_others(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.page("/audit")
        .await
        .shows(&["<title>Audit", "Nothing was noted yet."]);
    app.execute(LINES).await;
    let first = app.page("/audit").await;
    assert_eq!(first.status.as_u16(), 200);
    first.shows(&[
        "200 lines",
        "Asked for an import",
        "Tried to sign in",
        "Did what only a newer version can name",
        "known to a newer version",
        "2001:db8::200",
        "/imports/6\"",
        "3 logs",
        "rel=\"next\"",
        "href=\"/audit.csv\"",
    ]);
    assert!(!first.text().contains("rel=\"prev\""));
    let named = app
        .page("/audit?actor=%E0%B8%AA%E0%B9%89%E0%B8%A1&kind=&limit=20")
        .await;
    named.shows(&[
        "34 lines",
        "actor=%E0%B8%AA%E0%B9%89%E0%B8%A1&amp;after=",
        "limit=20",
        "value=\"ส้ม\"",
    ]);
    app.page("/audit?action=undo&refused=true&import=%231")
        .await
        .shows(&["1 line", "import #1<"]);
    app.page("/audit?actor=nobody")
        .await
        .shows(&["No line matches these filters.", "Show the whole audit"]);
    app.page("/audit?action=undo&after=9999").await.shows(&[
        "There are no lines on this page.",
        "href=\"/audit?action=undo\"",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_cant_be_asked_for_is_told_below_the_form(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (query, says) in [
        ("action=fly", "is none of see, own_account"),
        ("kind=balloon", "is none of anyone, account, token"),
        ("import=twelve", "is no import"),
        ("refused=perhaps", "is none of true, false"),
        ("from=yesterday", "is neither a day nor an instant"),
        ("from=2025-06-22&to=2025-06-21", "lies before"),
        ("after=x", "is no line of the audit"),
        ("after=1&before=2", "Give one of them"),
        ("limit=0", "Ask for 1 to 200 lines"),
        ("actor=%00", "holds a control character"),
        ("act=undo", "There is no parameter"),
    ] {
        let page = app.page(&format!("/audit?{query}")).await;
        assert_eq!(page.status.as_u16(), 400, "{query}");
        page.shows(&["The audit can't be shown", "Filter the audit", says]);
        if !query.starts_with("after") && !query.starts_with("limit") {
            let told = app.get(&format!("/audit.csv?{query}")).await.problem(400);
            assert!(told.contains(says), "{told}");
        }
    }
    app.stop().await;
}

/// Days are those of the reader's zone; files are asked for by instants, which are read alike everywhere.
#[sqlx::test(migrations = false)]
async fn days_are_the_readers(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO audit (at, action, actor_kind, door)
         SELECT at, 'sign_out', 'anyone', 'page' FROM unnest(ARRAY[
             timestamptz '2025-03-29 22:59:59.999999+00', '2025-03-29 23:00+00', '2025-03-30 21:59:59+00', '2025-03-30 22:00+00']) AS at",
    )
    .await;
    let request =
        Request::get("/audit?from=2025-03-30&to=2025-03-30").header("accept", "text/html");
    let request = request
        .header("cookie", "zone=Europe/Berlin")
        .body(Body::empty());
    let berlin = app.send(request.unwrap()).await;
    berlin.shows(&[
        "2 lines",
        "Europe/Berlin",
        "id=\"line-2\"",
        "id=\"line-3\"",
        "/audit.csv?from=2025-03-29T23%3A00%3A00Z&amp;to=2025-03-30T21%3A59%3A59.999999Z",
    ]);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn all_that_matches_is_a_table_that_no_spreadsheet_runs_and_lines_of_json(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(
        "INSERT INTO audit (action, actor_kind, actor_name, door, detail)
         SELECT 'sign_in', 'terminal', '=HYPERLINK(\"x\")', 'cli', '{\"name\": \"ผลหวย\"}' FROM generate_series(1, 1500);
         INSERT INTO audit (action, actor_kind, door) VALUES ('undo', 'scheduler', 'scheduler')",
    )
    .await;
    let table = app.get("/audit.csv?kind=terminal").await;
    assert_eq!(
        table.header("content-disposition"),
        "attachment; filename=\"audit.csv\""
    );
    let text = table.text();
    let mut lines = text.split("\r\n");
    assert_eq!(
        lines.next(),
        Some(
            "\"id\",\"at\",\"action\",\"refused\",\"actor_kind\",\"actor_id\",\"actor_name\",\"door\",\"address\",\"import_id\",\"detail\""
        )
    );
    let first = lines.next().unwrap();
    assert!(first.starts_with("1500,"), "{first}");
    assert!(
        first.contains("\"'=HYPERLINK(\"\"x\"\")\"") && first.contains("ผลหวย"),
        "{first}"
    );
    assert_eq!(lines.filter(|line| !line.is_empty()).count(), 1499);
    let text = app.get("/audit.ndjson?action=sign_in").await.text();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 1500);
    assert_eq!(lines[0]["id"], 1500);
    assert_eq!(lines[1499]["detail"]["name"], "ผลหวย");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_line_is_neither_changed_nor_removed_by_its_owner(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    app.execute(LINES).await;
    for sql in [
        "UPDATE audit SET refused = false WHERE id = 1",
        "DELETE FROM audit WHERE id = 1",
        "TRUNCATE audit",
        "SET session_replication_role = replica; DELETE FROM audit",
    ] {
        let mut db = pool.acquire().await.unwrap();
        let told = sqlx::raw_sql(sql)
            .execute(&mut *db)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("lines of audit are added, never changed or removed"),
            "{sql}: {told}"
        );
        db.detach();
    }
    let owned = app.number(
        "SELECT count(*) FROM pg_class, unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS right_to, aclexplode(relacl) AS given
         WHERE oid = 'audit'::regclass AND privilege_type = right_to",
    );
    assert_eq!(owned.await, 0);
    assert_eq!(app.number("SELECT count(*) FROM audit").await, 200);
    app.stop().await;
}
