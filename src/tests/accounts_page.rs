//! The pages of accounts, as the server sends them, and their forms.

use axum::{body::Body, http::Request};
use sqlx::PgPool;

use super::{
    app::App,
    people::{PASSWORD, Person, add, anyone_sends, person, sign_in, with_token},
    reply::Reply,
};
use crate::{
    model::access::Role,
    server::{actor::Actor, services::access::NewToken},
};

/// What stands between two texts of a page.
#[track_caller]
fn between<'a>(html: &'a str, begin: &str, end: &str) -> &'a str {
    let (_, rest) = html.split_once(begin).expect(begin);
    rest.split_once(end).expect(end).0
}

/// What a page shows this once.
#[track_caller]
fn secret(reply: &Reply) -> String {
    assert_eq!(reply.status.as_u16(), 200, "{}", reply.text());
    assert_eq!(reply.header("cache-control"), "no-store");
    reply.shows(&["It is shown this once"]);
    let html = reply.text();
    let code = between(&html, "<code id=\"secret\"", "</code>");
    between(code, ">", "<").to_owned()
}

/// The mark that the question holds whether a password is to be reset.
async fn mark(app: &App, by: &Person, name: &str) -> String {
    let asked = format!("/accounts?ask=reset&name={name}");
    let html = by.page(app, &asked).await.text();
    between(&html, "name=\"mark\" value=\"", "\"").to_owned()
}

/// Whether somebody can sign in.
async fn lets_in(app: &App, name: &str, password: &str) -> bool {
    sign_in(app, name, password).await.is_ok()
}

#[sqlx::test(migrations = false)]
async fn the_first_account_is_added_by_anyone_and_closes_the_door_behind_it(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let open = app.page("/accounts").await;
    open.shows(&[
        "There is no account yet",
        "<option value=\"admin\" selected",
        "Add an account first",
    ]);
    let own = app.page("/account").await;
    own.shows(&["Nobody has to sign in here yet", "href=\"/accounts\""]);

    let fields = [("name", "Boss"), ("role", "admin")];
    let added = anyone_sends(&app, "/accounts/add", &fields).await;
    added.shows(&["Added the account boss", "It has the role admin"]);
    let password = secret(&added);
    assert_eq!(app.page("/accounts").await.status.as_u16(), 303);
    let refused = anyone_sends(&app, "/accounts/add", &fields).await;
    assert_eq!(refused.status.as_u16(), 401);

    let boss = sign_in(&app, "boss", &password).await.unwrap();
    let page = boss.page(&app, "/accounts").await;
    page.shows(&["1 account<", "you<", "Add a token"]);
    assert!(!page.text().contains(&password));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn only_admins_see_and_change_accounts(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    add(&app, "boss", Role::Admin).await;
    for role in [Role::Viewer, Role::Operator] {
        let other = person(&app, &format!("the-{role}"), role).await;
        let page = other.page(&app, "/accounts").await;
        assert_eq!(page.status.as_u16(), 403);
        page.shows(&[
            "may not manage accounts: that takes an admin",
            "Show your own account",
        ]);
        assert!(!page.text().contains("boss"), "it says nothing of others");
        for path in [
            "add",
            "role",
            "reset",
            "disable",
            "tokens/add",
            "tokens/revoke",
        ] {
            let fields = [
                ("name", "boss"),
                ("role", "viewer"),
                ("days", "90"),
                ("mark", ""),
            ];
            let path = format!("/accounts/{path}");
            let refused = other.sends(&app, &path, &fields).await;
            assert_eq!(refused.status.as_u16(), 403, "{path}");
        }
        let own = other.page(&app, "/account").await;
        own.shows(&["Change the password"]);
        assert!(!own.text().contains("href=\"/accounts\""));
    }
    assert!(lets_in(&app, "boss", PASSWORD).await);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_refused_account_stays_in_its_form_with_what_was_typed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    for (name, role, status, says) in [
        (
            "สมชาย",
            "operator",
            422,
            "is no name that can be signed in with",
        ),
        (
            "Boss",
            "operator",
            409,
            "There is an account \"boss\" already",
        ),
        ("somchai", "king", 422, "No role was chosen"),
        ("<b>", "viewer", 422, "\"&lt;b&gt;\" is no name"),
    ] {
        let fields = [("name", name), ("role", role)];
        let refused = boss.sends(&app, "/accounts/add", &fields).await;
        assert_eq!(refused.status.as_u16(), status, "{name}");
        let html = refused.text();
        assert!(html.contains(says), "{name}: {html}");
        let form = between(&html, "action=\"/accounts/add\"", "</form>");
        assert!(form.contains("role=\"alert\"") && form.contains("aria-invalid=\"true\""));
        let typed = name.replace('<', "&lt;").replace('>', "&gt;");
        assert!(form.contains(&format!("value=\"{typed}")), "{form}");
        if role == "operator" {
            assert!(form.contains("<option value=\"operator\" selected"));
        }
    }
    let cut = Request::post("/accounts/add")
        .header("host", "localhost")
        .header("cookie", format!("numwatch={}", boss.session))
        .header("content-type", "application/json");
    let cut = app.send(cut.body(Body::from("{}")).unwrap()).await;
    assert_eq!(cut.status.as_u16(), 400);
    cut.shows(&["The form can't be read"]);
    assert_eq!(app.number("SELECT count(*) FROM accounts").await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_shown_once_is_not_made_again_by_loading_it_anew(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    let fields = [("name", "somchai"), ("role", "viewer")];
    let first = secret(&boss.sends(&app, "/accounts/add", &fields).await);
    let again = boss.sends(&app, "/accounts/add", &fields).await;
    assert_eq!(again.status.as_u16(), 409);
    assert!(lets_in(&app, "somchai", &first).await);

    let asked = mark(&app, &boss, "somchai").await;
    let fields = [("name", "somchai"), ("mark", asked.as_str())];
    let second = secret(&boss.sends(&app, "/accounts/reset", &fields).await);
    let again = boss.sends(&app, "/accounts/reset", &fields).await;
    assert_eq!(again.status.as_u16(), 409);
    again.shows(&["was changed since this was asked"]);
    assert!(!again.text().contains("id=\"secret\""));
    assert!(lets_in(&app, "somchai", &second).await, "it stays");
    assert!(!lets_in(&app, "somchai", &first).await);
    assert_ne!(mark(&app, &boss, "somchai").await, asked);

    let fields = [("name", "Grafana"), ("role", "viewer"), ("days", "30")];
    let token = secret(&boss.sends(&app, "/accounts/tokens/add", &fields).await);
    assert_eq!(with_token(&app, "/import-logs", &token).await.status, 200);
    let again = boss.sends(&app, "/accounts/tokens/add", &fields).await;
    assert_eq!(again.status.as_u16(), 409);
    let html = again.text();
    let form = between(&html, "action=\"/accounts/tokens/add\"", "</form>");
    assert!(form.contains("value=\"Grafana\""));
    assert!(form.contains("<option value=\"30\" selected"));

    let page = boss.page(&app, "/accounts").await.text();
    for secret in [first, second, token] {
        assert!(!page.contains(&secret));
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn what_is_taken_from_somebody_is_asked_first_and_told_afterwards(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    let somchai = person(&app, "somchai", Role::Viewer).await;
    let token = NewToken {
        name: "grafana",
        role: Role::Viewer,
        days: Some(90),
    };
    let token = app.access.add_token(&token, &Actor::terminal()).await;
    assert!(token.is_ok());
    for (ask, name, says) in [
        ("role", "somchai", "Another role for somchai"),
        ("reset", "somchai", "Another password for somchai?"),
        ("disable", "somchai", "Disable somchai?"),
        ("revoke", "grafana", "Revoke the token grafana?"),
    ] {
        let address = format!("/accounts?ask={ask}&name={name}");
        boss.page(&app, &address).await.shows(&[says, "Leave it"]);
        let address = format!("/accounts?ask={ask}&name=nobody");
        boss.page(&app, &address)
            .await
            .shows(&["role=\"alert\"", "\"nobody\". Look for it in the table."]);
    }
    assert!(somchai.is_in(&app).await, "asking does nothing");

    let to = async |path: &str, fields: &[(&str, &str)]| {
        let reply = boss.sends(&app, path, fields).await;
        assert_eq!(reply.status.as_u16(), 303, "{}", reply.text());
        boss.page(&app, reply.header("location")).await
    };
    let role = [("name", "Somchai"), ("role", "operator")];
    let told = to("/accounts/role", &role).await;
    told.shows(&[
        "role=\"status\"",
        "somchai has the role operator and was signed out.",
    ]);
    assert!(!somchai.is_in(&app).await);
    let told = to("/accounts/disable", &[("name", "somchai")]).await;
    told.shows(&["somchai was signed out and can", "disabled "]);
    assert!(!told.text().contains("ask=disable&amp;name=somchai"));
    let told = to("/accounts/tokens/revoke", &[("name", "grafana")]).await;
    told.shows(&["The token grafana lets nobody in any more.", "revoked "]);

    // An address can't tell what isn't so.
    for forged in [
        "/accounts?done=disabled&name=boss",
        "/accounts?done=revoked&name=boss",
        "/accounts?done=role&name=Call+0123",
    ] {
        let page = boss.page(&app, forged).await;
        assert_eq!(page.status.as_u16(), 200, "{forged}");
        assert!(
            !page.text().contains("role=\"status\" class=\"panel"),
            "{forged}"
        );
    }
    for odd in ["/accounts?done=odd", "/accounts?ask=odd", "/accounts?x=1"] {
        assert_eq!(boss.page(&app, odd).await.status.as_u16(), 400, "{odd}");
    }

    for (path, fields) in [
        ("/accounts/role", [("name", "boss"), ("role", "viewer")]),
        ("/accounts/disable", [("name", "boss"), ("x", "")]),
    ] {
        let refused = boss.sends(&app, path, &fields).await;
        assert_eq!(refused.status.as_u16(), 409, "{path}");
        refused.shows(&["role=\"alert\"", "is the last admin"]);
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_form_that_is_loaded_by_its_address_leads_back(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    for (path, back) in [
        ("/account/password", "/account"),
        ("/account/sign-out-elsewhere", "/account"),
        ("/accounts/add", "/accounts"),
        ("/accounts/role", "/accounts"),
        ("/accounts/reset", "/accounts"),
        ("/accounts/disable", "/accounts"),
        ("/accounts/tokens/add", "/accounts"),
        ("/accounts/tokens/revoke", "/accounts"),
    ] {
        let led = app.page(path).await;
        assert_eq!(led.status.as_u16(), 303, "{path}");
        assert_eq!(led.header("location"), back, "{path}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn everybody_changes_their_own_password_on_their_page(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let here = person(&app, "somchai", Role::Viewer).await;
    let there = sign_in(&app, "somchai", PASSWORD).await.unwrap();
    let page = here.page(&app, "/account").await;
    page.shows(&[
        "this one<",
        "A browser of the test",
        "192.0.2.7",
        "Sign out everywhere else",
        "autocomplete=\"username\"",
        "autocomplete=\"current-password\"",
        "autocomplete=\"new-password\"",
        "At least 12 characters",
    ]);
    assert_eq!(page.text().matches("this one<").count(), 1);

    let new = "another horse battery";
    for (present, new, again, status, says) in [
        (
            "wrong horse battery",
            new,
            new,
            422,
            "The present password is another one",
        ),
        (
            PASSWORD,
            new,
            "another horse batter",
            422,
            "typed in two ways",
        ),
        (PASSWORD, "short", "short", 422, "too short"),
        (PASSWORD, "", "", 422, "too short"),
    ] {
        let fields = [("present", present), ("new", new), ("again", again)];
        let refused = here.sends(&app, "/account/password", &fields).await;
        assert_eq!(refused.status.as_u16(), status, "{says}");
        refused.shows(&["role=\"alert\"", says]);
        let html = refused.text();
        for typed in [present, new, again] {
            let shown = typed.len() > 5 && html.contains(typed);
            assert!(!shown, "a page never shows a password");
        }
    }
    assert!(there.is_in(&app).await);
    let fields = [("present", PASSWORD), ("new", new), ("again", new)];
    let changed = here.sends(&app, "/account/password", &fields).await;
    assert_eq!(changed.header("location"), "/account?done=password");
    let told = here.page(&app, "/account?done=password").await;
    told.shows(&["The password was changed."]);
    assert!(
        !told.text().contains("Sign out everywhere else"),
        "nowhere else"
    );
    assert!(!there.is_in(&app).await && lets_in(&app, "somchai", new).await);

    let ended = here.sends(&app, "/account/sign-out-elsewhere", &[]).await;
    assert_eq!(ended.header("location"), "/account?done=sessions");
    assert!(here.is_in(&app).await);
    let odd = here.page(&app, "/account?done=odd").await;
    assert_eq!(odd.status.as_u16(), 400);

    // After too many tries it says when to try again, to programs too.
    for _ in 0..6 {
        let fields = [("present", "wrong"), ("new", new), ("again", new)];
        here.sends(&app, "/account/password", &fields).await;
    }
    let fields = [("present", new), ("new", PASSWORD), ("again", PASSWORD)];
    let refused = here.sends(&app, "/account/password", &fields).await;
    assert_eq!(refused.status.as_u16(), 429);
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=900).contains(&wait));
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_token_has_a_page_that_says_what_it_is(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    let fields = [("name", "grafana"), ("role", "viewer"), ("days", "never")];
    let token = secret(&boss.sends(&app, "/accounts/tokens/add", &fields).await);
    let own = with_token(&app, "/account", &token).await;
    own.shows(&["the token grafana: role viewer, never expires"]);
    for odd in ["", "soon", "-1", "99999", "12w"] {
        let fields = [("name", "other"), ("role", "viewer"), ("days", odd)];
        let refused = boss.sends(&app, "/accounts/tokens/add", &fields).await;
        assert_eq!(refused.status.as_u16(), 422, "{odd}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn hundreds_of_accounts_stand_in_one_table(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    app.execute(
        "INSERT INTO accounts (name, role, password, created_by)
         SELECT rpad('u' || n, 64, 'x'), 'viewer', '-', 'boss' FROM generate_series(1, 200) n",
    )
    .await;
    let page = boss.page(&app, "/accounts").await;
    page.shows(&["201 accounts", " by boss"]);
    assert_eq!(page.text().matches("ask=disable").count(), 201);
    app.stop().await;
}
