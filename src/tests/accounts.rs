//! Accounts, sessions and tokens: who gets in, for how long, and what ends it.

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use sqlx::PgPool;

use super::{
    app::App,
    people::{PASSWORD, Person, add, person, sign_in, with_token},
    sequences::each_holds,
};
use crate::{
    model::{access::Role, import_log::Requester},
    server::{
        actor::{Actor, Who},
        services::access::{Credential, NewToken},
    },
};

/// As the service sees somebody who is signed in.
fn acts(person: &Person, id: i32, role: Role) -> Actor {
    let who = Who::Account {
        id,
        name: person.name.clone(),
        role,
    };
    Actor::new(Requester::Page, who, None)
}

#[sqlx::test(migrations = false)]
async fn whoever_was_added_signs_in_with_the_password_and_with_no_other(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let somchai = person(&app, " Somchai ", Role::Viewer).await;
    assert!(somchai.is_in(&app).await);
    assert!(sign_in(&app, "SOMCHAI", PASSWORD).await.is_ok());
    for (name, password) in [
        ("somchai", "correct horse batter"),
        ("somchai", ""),
        ("nobody", PASSWORD),
    ] {
        let refused = sign_in(&app, name, password).await.unwrap_err();
        assert_eq!(
            refused.message,
            "There is no such account, or the password is another one."
        );
    }
    let another = Person {
        session: "0".repeat(64),
        ..somchai
    };
    assert!(!another.is_in(&app).await);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn another_role_another_password_and_an_end_sign_an_account_out(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let by = Actor::terminal();
    let keeps = person(&app, "keeps", Role::Admin).await;
    let first = person(&app, "somchai", Role::Viewer).await;

    app.access
        .set_role("somchai", Role::Operator, &by)
        .await
        .unwrap();
    assert!(!first.is_in(&app).await, "the role is another one");

    let second = sign_in(&app, "somchai", PASSWORD).await.unwrap();
    app.access.disable_account("somchai", &by).await.unwrap();
    assert!(!second.is_in(&app).await, "it is disabled");
    assert!(sign_in(&app, "somchai", PASSWORD).await.is_err());

    let new = "another horse battery";
    let reset = app.access.reset_password("somchai", new.into(), &by);
    reset.await.unwrap();
    assert!(!second.is_in(&app).await, "no session comes back");
    assert!(sign_in(&app, "somchai", PASSWORD).await.is_err());
    let third = sign_in(&app, "somchai", new).await.unwrap();
    let reset = app.access.reset_password("somchai", PASSWORD.into(), &by);
    reset.await.unwrap();
    assert!(!third.is_in(&app).await, "the password is another one");
    assert!(keeps.is_in(&app).await, "others' sessions go on");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn the_last_admin_stays_one_but_at_a_terminal(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let boss = person(&app, "boss", Role::Admin).await;
    add(&app, "operator", Role::Operator).await;
    add(&app, "gone", Role::Admin).await;
    let terminal = Actor::terminal();
    app.access.disable_account("gone", &terminal).await.unwrap();

    let by = acts(&boss, 1, Role::Admin);
    for refused in [
        app.access.set_role("boss", Role::Operator, &by).await,
        app.access.disable_account("boss", &by).await,
    ] {
        let why = refused.unwrap_err().tell();
        assert!(why.message.contains("\"boss\" is the last admin"), "{why}");
    }
    assert!(boss.is_in(&app).await, "nothing was done");
    // It gives nothing up.
    let same = app.access.set_role("boss", Role::Admin, &by).await;
    same.unwrap();
    let demoted = app.access.set_role("boss", Role::Viewer, &terminal).await;
    demoted.unwrap();
    app.stop().await;
}

/// Both see that there are two.
#[sqlx::test(migrations = false)]
async fn of_two_admins_who_demote_one_another_at_once_one_is_left(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let a = person(&app, "a", Role::Admin).await;
    let b = person(&app, "b", Role::Admin).await;
    let mut held = app.pool.begin().await.unwrap();
    sqlx::query("SELECT id FROM accounts FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    let (a, b) = (acts(&a, 1, Role::Admin), acts(&b, 2, Role::Admin));
    let both = async {
        tokio::join!(
            app.access.set_role("b", Role::Viewer, &a),
            app.access.disable_account("a", &b),
        )
    };
    let release = async {
        app.until_held(2).await;
        held.rollback().await.unwrap();
    };
    let ((first, second), ()) = tokio::join!(both, release);
    assert!(first.is_ok() != second.is_ok(), "{first:?}, {second:?}");
    let admins = "SELECT count(*) FROM accounts WHERE role = 'admin' AND disabled_at IS NULL";
    assert_eq!(app.number(admins).await, 1);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_session_ends_when_nobody_uses_it_and_when_it_is_old(pool: PgPool) {
    let variables = [
        ("NUMWATCH_SESSION_IDLE_HOURS", "1"),
        ("NUMWATCH_SESSION_HOURS", "12"),
    ];
    let app = App::idle(&pool, &variables).await;
    let somchai = person(&app, "somchai", Role::Viewer).await;

    app.execute("UPDATE account_sessions SET used_at = now() - interval '59 minutes'")
        .await;
    assert!(somchai.is_in(&app).await, "an open page sees what there is");
    let unused =
        "SELECT count(*) FROM account_sessions WHERE used_at < now() - interval '20 minutes'";
    assert_eq!(
        app.number(unused).await,
        1,
        "but doesn't count as somebody who uses it"
    );
    assert_eq!(somchai.page(&app, "/account").await.status.as_u16(), 200);
    assert_eq!(app.number(unused).await, 0, "a person does");

    app.execute("UPDATE account_sessions SET used_at = now() - interval '61 minutes'")
        .await;
    let led = somchai.page(&app, "/imports").await;
    assert_eq!(led.header("location"), "/sign-in?next=%2Fimports");

    let somchai = sign_in(&app, "somchai", PASSWORD).await.unwrap();
    app.execute("UPDATE account_sessions SET created_at = now() - interval '11 hours 59 minutes'")
        .await;
    assert!(somchai.is_in(&app).await);
    app.execute("UPDATE account_sessions SET created_at = now() - interval '12 hours 1 minute'")
        .await;
    assert!(!somchai.is_in(&app).await, "however much it is used");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_token_lets_programs_in_until_it_expires_or_is_revoked(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let by = Actor::terminal();
    let new = |name, days| NewToken {
        name,
        role: Role::Viewer,
        days,
    };
    let good = app.access.add_token(&new("good", Some(90)), &by).await;
    let (good, other) = (good.unwrap(), new("other", None));
    let other = app.access.add_token(&other, &by).await.unwrap();
    let status = async |token: &str| {
        let reply = with_token(&app, "/import-logs", token).await;
        reply.status.as_u16()
    };
    for token in [&good, &other] {
        assert!(token.expose_secret().starts_with("nw_"));
        assert_eq!(status(token.expose_secret()).await, 200);
    }
    assert_eq!(status("nw_0123").await, 401);
    assert_eq!(app.get("/import-logs").await.status.as_u16(), 401);
    let tokens = app.access.tokens(&by).await.unwrap();
    assert!(tokens.iter().all(|token| token.used_at.is_some()));

    app.execute("UPDATE api_tokens SET expires_at = now() WHERE name = 'good'")
        .await;
    assert_eq!(status(good.expose_secret()).await, 401, "it has expired");
    app.access.revoke_token("Other", &by).await.unwrap();
    assert_eq!(status(other.expose_secret()).await, 401, "it is revoked");
    let again = app.access.add_token(&new("other", None), &by).await;
    let why = again.unwrap_err().tell().message;
    assert!(why.contains("There is or was a token \"other\""), "{why}");
    let kept =
        app.number("SELECT count(*) FROM api_tokens WHERE position('nw_' IN api_tokens::text) > 0");
    assert_eq!(kept.await, 0, "only the hash is kept");
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn who_signs_out_everywhere_else_or_changes_the_password_stays_in_here(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let here = person(&app, "somchai", Role::Viewer).await;
    let there = sign_in(&app, "somchai", PASSWORD).await.unwrap();
    let by = acts(&here, 1, Role::Viewer);
    let this = Credential::session(&here.session);

    let ended = app.access.sign_out_everywhere(Some(&this), &by).await;
    assert_eq!(ended.unwrap(), 1);
    assert!(here.is_in(&app).await && !there.is_in(&app).await);

    let there = sign_in(&app, "somchai", PASSWORD).await.unwrap();
    let change = async |present: &str, new: &str| {
        let changed = app
            .access
            .change_password(present.into(), new.into(), Some(&this), &by);
        changed.await.map_err(|error| error.tell().message)
    };
    let refused = change("wrong", "another horse battery").await;
    assert!(refused.unwrap_err().contains("present password"));
    let refused = change(PASSWORD, "short").await;
    assert!(refused.unwrap_err().contains("too short"));
    assert!(there.is_in(&app).await, "nothing was changed");
    change(PASSWORD, "another horse battery").await.unwrap();
    assert!(here.is_in(&app).await && !there.is_in(&app).await);
    assert!(sign_in(&app, "somchai", PASSWORD).await.is_err());
    assert!(
        sign_in(&app, "somchai", "another horse battery")
            .await
            .is_ok()
    );
    app.stop().await;
}

/// Whoever has come by a session must not find the password with it.
#[sqlx::test(migrations = false)]
async fn the_present_password_can_be_guessed_a_few_times_only(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let somchai = person(&app, "somchai", Role::Viewer).await;
    let by = acts(&somchai, 1, Role::Viewer);
    let guess = async |present: &str| {
        let new = "another horse battery".into();
        let changed = app.access.change_password(present.into(), new, None, &by);
        changed.await.unwrap_err().tell().kind.status()
    };
    for _ in 0..5 {
        assert_eq!(guess("wrong").await, 422);
    }
    assert_eq!(guess(PASSWORD).await, 429);
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn a_name_is_small_letters_digits_and_a_few_signs(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let by = Actor::terminal();
    let longest = "x".repeat(64);
    for (given, name) in [
        ("somchai", "somchai"),
        (" Somchai.K ", "somchai.k"),
        ("somchai@example.com", "somchai@example.com"),
        ("7-of_nine", "7-of_nine"),
        (longest.as_str(), longest.as_str()),
    ] {
        let added = app
            .access
            .add_account(given, Role::Viewer, PASSWORD.into(), &by);
        assert_eq!(added.await.unwrap(), name);
    }
    let again = app
        .access
        .add_account("SOMCHAI", Role::Admin, PASSWORD.into(), &by);
    assert_eq!(again.await.unwrap_err().tell().kind.status(), 409);
    let too_long = "x".repeat(65);
    for given in [
        "",
        " ",
        "สมชาย",
        "a b",
        "-a",
        ".a",
        "@a",
        "a/b",
        "a\u{202e}b",
        "a\0",
        "<b>",
        &too_long,
    ] {
        let added = app
            .access
            .add_account(given, Role::Viewer, PASSWORD.into(), &by);
        let why = added.await.unwrap_err().tell();
        assert_eq!(why.kind.status(), 422, "{given:?}");
        let token = NewToken {
            name: given,
            role: Role::Viewer,
            days: None,
        };
        assert!(
            app.access.add_token(&token, &by).await.is_err(),
            "{given:?}"
        );
    }
    for days in [0, -1, 3_651, i32::MAX] {
        let token = NewToken {
            name: "days",
            role: Role::Viewer,
            days: Some(days),
        };
        assert!(app.access.add_token(&token, &by).await.is_err(), "{days}");
    }
    app.stop().await;
}

// --- any sequence, against a plain model ---

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
enum Step {
    Role(usize, Role),
    Disable(usize),
    Reset(usize),
    SignIn(usize),
    SignOutElsewhere(usize),
}

/// What an account is, and whether its latest session lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    role: Role,
    enabled: bool,
    signed_in: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let who = 0..NAMES.len();
    let role = proptest::sample::select(Role::ALL.to_vec());
    let step = prop_oneof![
        3 => (who.clone(), role).prop_map(|(who, role)| Step::Role(who, role)),
        3 => who.clone().prop_map(Step::Disable),
        1 => who.clone().prop_map(Step::Reset),
        3 => who.clone().prop_map(Step::SignIn),
        1 => who.prop_map(Step::SignOutElsewhere),
    ];
    proptest::collection::vec(step, 1..14)
}

/// Does a step, if it may be done, and says whether it may.
fn apply(known: &mut [Known; 3], step: &Step) -> bool {
    let admins = |known: &[Known; 3]| {
        let may = known
            .iter()
            .filter(|it| it.enabled && it.role == Role::Admin);
        may.count()
    };
    let before = *known;
    match *step {
        Step::Role(who, role) => {
            known[who].role = role;
            known[who].signed_in = false;
        }
        Step::Disable(who) => {
            known[who].enabled = false;
            known[who].signed_in = false;
        }
        Step::Reset(who) => {
            known[who].enabled = true;
            known[who].signed_in = false;
        }
        Step::SignIn(who) => {
            known[who].signed_in = known[who].enabled;
            return known[who].enabled;
        }
        // The latest session is the one that asks.
        Step::SignOutElsewhere(_) => {}
    }
    let lost = admins(known) == 0;
    if lost {
        *known = before;
    }
    !lost
}

#[sqlx::test(migrations = false)]
async fn whatever_is_done_to_accounts_an_admin_is_left_and_sessions_end_as_they_should(
    pool: PgPool,
) {
    let app = App::idle(&pool, &[]).await;
    let who = Who::Account {
        id: 0,
        name: "another".into(),
        role: Role::Admin,
    };
    let by = Actor::new(Requester::Page, who, None);
    for name in NAMES {
        add(&app, name, Role::Admin).await;
    }
    each_holds(12, steps(), async |steps| {
        app.execute(
            "DELETE FROM account_sessions;
             UPDATE accounts SET role = 'admin', disabled_at = NULL",
        )
        .await;
        let mut known = [Known {
            role: Role::Admin,
            enabled: true,
            signed_in: false,
        }; 3];
        let mut sessions: [Option<Person>; 3] = [None, None, None];
        for (nth, step) in steps.iter().enumerate() {
            let access = &app.access;
            let done = match *step {
                Step::Role(who, role) => access.set_role(NAMES[who], role, &by).await.is_ok(),
                Step::Disable(who) => access.disable_account(NAMES[who], &by).await.is_ok(),
                Step::Reset(who) => {
                    let reset = access.reset_password(NAMES[who], PASSWORD.into(), &by);
                    reset.await.is_ok()
                }
                Step::SignIn(who) => {
                    // How often that may be tried is another rule.
                    app.execute("DELETE FROM sign_in_attempts").await;
                    let session = sign_in(&app, NAMES[who], PASSWORD).await.ok();
                    let done = session.is_some();
                    sessions[who] = session.or(sessions[who].take());
                    done
                }
                Step::SignOutElsewhere(who) => {
                    if let Some(person) = &sessions[who] {
                        let id = i32::try_from(who).unwrap() + 1;
                        let this = Credential::session(&person.session);
                        let by = acts(person, id, Role::Viewer);
                        access.sign_out_everywhere(Some(&this), &by).await.unwrap();
                    }
                    true
                }
            };
            let expected = apply(&mut known, step);
            let mut is_in = [false; 3];
            for (who, person) in sessions.iter().enumerate() {
                if let Some(person) = person {
                    is_in[who] = person.is_in(&app).await;
                }
            }
            let accounts = app.access.accounts(&by).await.unwrap();
            let found: Vec<_> = accounts
                .iter()
                .zip(is_in)
                .map(|(account, signed_in)| Known {
                    role: account.role,
                    enabled: account.disabled_at.is_none(),
                    signed_in,
                })
                .collect();
            if done != expected || found != known {
                return Err(format!(
                    "step {nth} of {steps:?}: done {done}, not {expected}; {found:?}, not {known:?}"
                ));
            }
        }
        Ok(())
    })
    .await;
    app.stop().await;
}
