//! The strip above each page that says who is signed in. It stands outside of what the browser takes over, and comes into a
//! document when that is sent: so documents can be rendered for all readers at once.

use leptos::prelude::*;

use crate::model::access::{Action, Role, SignedIn};

/// The strip. `None`: nobody has an account, and nobody needs one.
#[must_use]
pub fn strip(signed_in: Option<&SignedIn>) -> AnyView {
    let Some(SignedIn { name, role }) = signed_in else {
        return view! {
            <div class="who" role="region" aria-label="Accounts">
                <p>
                    "There are no accounts: whoever uses this computer may do everything. "
                    <code>"numwatch user add NAME --role admin"</code>" adds the first."
                </p>
            </div>
        }
        .into_any();
    };
    let may = |action: Action| role.is_at_least(action.least());
    let links = [
        (Action::OwnAccount, "/account", "Account"),
        (Action::ManageAccounts, "/accounts", "Accounts"),
        (Action::ReadAudit, "/audit", "Audit"),
    ];
    let links: Vec<_> = links
        .into_iter()
        .filter(|(action, ..)| may(*action))
        .map(|(_, address, called)| view! { <a href=address>{called}</a> })
        .collect();
    view! {
        <div class="who" role="region" aria-label="Who is signed in">
            <span class="wrap-anywhere">"Signed in as "<b>{name.clone()}</b>{said(*role)}</span>
            {links}
            <form method="post" action="/sign-out">
                <button type="submit">"Sign out"</button>
            </form>
        </div>
    }
    .into_any()
}

/// What a role may do.
const fn said(role: Role) -> &'static str {
    match role {
        Role::Viewer => ", who may look but change nothing (viewer)",
        Role::Operator => " (operator)",
        Role::Admin => " (admin)",
    }
}
