//! What the page of all accounts shows.

use axum::{extract::Request, response::Response};

use crate::{
    app,
    error::{AppError, ErrorKind},
    model::accounts::{Account, AccountsPage, Asks, Refused, Secret, Token},
    server::{
        actor::{Actor, Who},
        http::{
            params::{Parameters, with_query},
            site,
            zone::ReadersZone,
        },
        services::{ServiceError, in_time},
        state::AppState,
    },
};

/// Where it is.
pub const HERE: &str = "/accounts";

/// What is asked, or was done, and of whom.
const ASK: &str = "ask";
const DONE: &str = "done";
const NAME: &str = "name";

/// What can be asked and done.
#[derive(Clone, Copy)]
enum Change {
    Role,
    Reset,
    Disable,
    Revoke,
}

const ASKS: [(&str, Change); 4] = [
    ("role", Change::Role),
    ("reset", Change::Reset),
    ("disable", Change::Disable),
    ("revoke", Change::Revoke),
];
const DEEDS: [(&str, Change); 3] = [
    ("role", Change::Role),
    ("disabled", Change::Disable),
    ("revoked", Change::Revoke),
];

/// What a form's answer adds to the page.
pub enum More {
    Secret(Secret),
    Refused(Refused, ErrorKind),
}

impl More {
    /// The reason why something was not done, at the form that wanted it.
    pub fn refused(error: &ServiceError, of: impl FnOnce(String) -> Refused) -> Self {
        let error = error.tell();
        Self::Refused(of(error.message), error.kind)
    }
}

/// The address that tells of what was done.
pub fn telling(done: &str, name: &str) -> String {
    let given = [(DONE.to_owned(), done.to_owned())];
    let name = name.to_lowercase();
    with_query(HERE, &given, std::iter::once((NAME, name)))
}

/// The page as an address asks for it.
pub async fn asked(
    state: AppState,
    by: &Actor,
    zone: ReadersZone,
    parameters: &Parameters,
    request: Request,
) -> Response {
    let shown = async {
        let mut page = read(&state, by, zone).await?;
        parameters.only(&[ASK, DONE, NAME])?;
        let name = parameters.text(NAME).unwrap_or_default();
        if let Some(done) = parameters.word(DONE, &DEEDS)? {
            page.done = told(&page, done, name);
        }
        if let Some(change) = parameters.word(ASK, &ASKS)? {
            match ask(&state, &page, change, name, by).await {
                Ok(asks) => page.asks = Some(asks),
                Err(error) => page.refused = Some(Refused::Change(error.tell().message)),
            }
        }
        Ok(page)
    };
    let shown = shown.await;
    site::shown_page(state, shown, request, app::accounts).await
}

/// The page as a form's answer.
pub async fn answer(
    state: AppState,
    by: &Actor,
    zone: ReadersZone,
    more: More,
    request: Request,
) -> Response {
    let mut kind = None;
    let page = read(&state, by, zone).await.map(|page| match more {
        More::Secret(secret) => AccountsPage {
            secret: Some(secret),
            ..page
        },
        More::Refused(refused, why) => {
            kind = Some(why);
            AccountsPage {
                refused: Some(refused),
                ..page
            }
        }
    });
    let mut response = site::shown_page(state, page, request, app::accounts).await;
    if let Some(kind) = kind {
        site::set_status(&mut response, kind);
    }
    response
}

async fn read(state: &AppState, by: &Actor, zone: ReadersZone) -> Result<AccountsPage, AppError> {
    let read = in_time(async {
        let accounts = state.access.accounts(by).await?;
        let tokens = state.access.tokens(by).await?;
        Ok::<_, ServiceError>((accounts, tokens))
    });
    let (accounts, tokens) = read.await.map_err(|error| error.tell())?;
    let me = match &by.who {
        Who::Account { name, .. } => Some(name.clone()),
        Who::Anyone | Who::Token { .. } | Who::Terminal { .. } | Who::Scheduler => None,
    };
    Ok(AccountsPage {
        accounts,
        tokens,
        me,
        zone: zone.for_page(&state.clock),
        done: None,
        asks: None,
        secret: None,
        refused: None,
    })
}

fn account<'a>(page: &'a AccountsPage, name: &str) -> Option<&'a Account> {
    page.accounts.iter().find(|account| account.name == name)
}

fn token<'a>(page: &'a AccountsPage, name: &str) -> Option<&'a Token> {
    page.tokens.iter().find(|token| token.name == name)
}

/// What was done, as far as it is still so: an address may say anything.
fn told(page: &AccountsPage, done: Change, name: &str) -> Option<String> {
    Some(match done {
        Change::Role => {
            let account = account(page, name)?;
            format!(
                "{} has the role {} and was signed out.",
                account.name, account.role
            )
        }
        Change::Disable => {
            let account = account(page, name)?;
            account.disabled_at?;
            format!(
                "{} was signed out and can't sign in any more.",
                account.name
            )
        }
        Change::Revoke => {
            let token = token(page, name)?;
            token.revoked_at?;
            format!("The token {} lets nobody in any more.", token.name)
        }
        Change::Reset => return None,
    })
}

async fn ask(
    state: &AppState,
    page: &AccountsPage,
    change: Change,
    name: &str,
    by: &Actor,
) -> Result<Asks, ServiceError> {
    let lacks = |what| {
        let sentence = format!("There is no {what} \"{name}\". Look for it in the table.");
        AppError::new(ErrorKind::NotFound, sentence)
    };
    if matches!(change, Change::Revoke) {
        let token = token(page, name).ok_or_else(|| lacks("token"))?;
        return Ok(Asks::Revoke(token.clone()));
    }
    let account = account(page, name).ok_or_else(|| lacks("account"))?.clone();
    Ok(match change {
        Change::Role => Asks::Role(account),
        Change::Disable | Change::Revoke => Asks::Disable(account),
        Change::Reset => {
            let mark = state.access.password_mark(account.id, by).await?;
            Asks::Reset(account, mark)
        }
    })
}
