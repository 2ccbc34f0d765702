//! `numwatch user` and `numwatch token`, as their command lines are read, on a test's database.

use clap::Parser as _;
use secrecy::SecretString;
use sqlx::PgPool;

use super::{
    app::App,
    people::{sign_in, with_token},
};
use crate::server::cli::{Cli, Command, connect::Failure, password::Chosen};

/// What a command prints, or why it fails.
async fn run(app: &App, line: &str) -> Result<Vec<String>, String> {
    // Nobody types anything.
    let choose = |_: bool| -> Result<Chosen, Failure> { Chosen::generated() };
    let words = ["numwatch"].into_iter().chain(line.split(' '));
    let read = Cli::try_parse_from(words).map_err(|error| error.to_string())?;
    let told = match read.command {
        Command::User(user) => user.act(&app.access, choose).await,
        Command::Token(token) => token.act(&app.access).await,
        _ => panic!("{line} is another command"),
    };
    let told = told.map_err(|error| error.to_string())?;
    Ok(told.output().into_iter().map(str::to_owned).collect())
}

#[sqlx::test(migrations = false)]
async fn accounts_are_added_listed_and_changed(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let none = run(&app, "user list").await.unwrap();
    assert!(none[0].contains("numwatch user add"), "{none:?}");
    let added = run(&app, "user add Somchai --role operator --generate").await;
    let added = added.unwrap();
    let [password] = added.as_slice() else {
        panic!("the password stands alone: {added:?}");
    };
    assert!(sign_in(&app, "somchai", password).await.is_ok());
    let list = run(&app, "user list").await.unwrap();
    assert!(
        list[0].starts_with("NAME     ROLE      LAST SIGN-IN"),
        "{list:?}"
    );
    assert!(list[1].starts_with("somchai  operator  20") && list[1].ends_with(" UTC  active"));

    run(&app, "user role somchai admin").await.unwrap();
    run(&app, "user disable somchai").await.unwrap();
    let list = run(&app, "user list").await.unwrap();
    assert!(
        list[1].contains("admin") && list[1].contains("disabled 20"),
        "{list:?}"
    );
    assert!(sign_in(&app, "somchai", password).await.is_err());
    let reset = run(&app, "user reset somchai --generate").await.unwrap();
    assert!(sign_in(&app, "somchai", &reset[0]).await.is_ok());

    for (line, why) in [
        (
            "user add somchai --role viewer",
            "There is an account \"somchai\" already",
        ),
        (
            "user add a/b --role viewer",
            "is no name that can be signed in with",
        ),
        ("user disable nobody", "There is no account \"nobody\""),
        ("user reset nobody", "There is no account \"nobody\""),
        ("user role nobody viewer", "There is no account \"nobody\""),
        (
            "user role somchai king",
            "[possible values: viewer, operator, admin]",
        ),
        ("user add b", "--role"),
        (
            "user add b --role viewer --password secret",
            "unexpected argument",
        ),
    ] {
        let refused = run(&app, line).await.unwrap_err();
        assert!(refused.contains(why), "{line}: {refused}");
    }
    app.stop().await;
}

#[sqlx::test(migrations = false)]
async fn tokens_are_added_listed_and_revoked(pool: PgPool) {
    let app = App::idle(&pool, &[]).await;
    let status = async |token: &str| {
        let reply = with_token(&app, "/import-logs", token).await;
        reply.status.as_u16()
    };
    let added = run(&app, "token add grafana --role viewer").await.unwrap();
    assert_eq!((added.len(), status(&added[0]).await), (1, 200));
    let days = "SELECT extract(day FROM expires_at - created_at)::bigint FROM api_tokens ORDER BY id DESC LIMIT 1";
    assert_eq!(app.number(days).await, 90);
    let ever = run(&app, "token add ever --role viewer --expires never").await;
    assert_eq!(status(&ever.unwrap()[0]).await, 200);
    run(&app, "token revoke grafana").await.unwrap();
    assert_eq!(status(&added[0]).await, 401);
    let list = run(&app, "token list").await.unwrap();
    assert!(list[0].starts_with("NAME     ROLE    EXPIRES"), "{list:?}");
    assert!(list[1].starts_with("ever     viewer  never ") && list[1].ends_with("active"));
    assert!(list[2].contains("revoked 20"), "{list:?}");
    for (line, why) in [
        (
            "token add b --role viewer --expires 12w",
            "as 90d, or never",
        ),
        (
            "token add b --role viewer --expires 0d",
            "from 1 to 3650 days",
        ),
        (
            "token add grafana --role viewer",
            "There is or was a token \"grafana\"",
        ),
        ("token revoke nobody", "There is no token \"nobody\""),
    ] {
        let refused = run(&app, line).await.unwrap_err();
        assert!(refused.contains(why), "{line}: {refused}");
    }
    app.stop().await;
}

#[test]
fn what_was_generated_is_printed_and_what_was_typed_is_not() {
    let chosen = Chosen::generated().unwrap();
    let told = chosen.told("Done.".into());
    assert_eq!(told.output().len(), 1);
    assert!(!format!("{told:?}{chosen:?}").contains(told.output()[0]));
    let typed = Chosen::typed(SecretString::from("correct horse battery"));
    assert_eq!(typed.told("Done.".into()).output(), ["Done."]);
}
