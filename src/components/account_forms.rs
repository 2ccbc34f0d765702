//! What somebody can do to their own account: another password, and an end to all other sessions.

use leptos::prelude::*;

use super::{reactive::fixed, when::when_if_ever};
use crate::model::{
    accounts::{SHORTEST_PASSWORD, Session},
    history::Zone,
};

/// The form that changes the password.
#[must_use]
pub fn password_form(name: &str, refused: Option<&str>) -> AnyView {
    let why = refused.map(|why| {
        view! { <p id="password-error" role="alert" class="text-bad">{fixed(why)}</p> }
    });
    let described = if refused.is_some() {
        "password-error password-hint"
    } else {
        "password-hint"
    };
    let least = SHORTEST_PASSWORD.to_string();
    view! {
        <section class="panel card print:hidden" aria-labelledby="password-heading">
            <h2 id="password-heading">"Change the password"</h2>
            {why}
            <form method="post" action="/account/password" class="stacked">
                // For managers of passwords: whose this is.
                <input type="text" name="username" value=name.to_owned() autocomplete="username" hidden readonly/>
                <label>
                    "Present password"
                    <input type="password" name="present" class="field" autocomplete="current-password" required autofocus=refused.is_some()/>
                </label>
                <label>
                    "New password"
                    <input type="password" name="new" class="field" autocomplete="new-password" required minlength=least.clone() aria-describedby=described/>
                </label>
                <label>
                    "The new one again"
                    <input type="password" name="again" class="field" autocomplete="new-password" required minlength=least/>
                </label>
                <p id="password-hint" class="hint">
                    {format!("At least {SHORTEST_PASSWORD} characters. A few words that don't belong together are easy to keep. Wherever else you are signed in, you will have to sign in again.")}
                </p>
                <button type="submit" class="btn btn-primary">"Change the password"</button>
            </form>
        </section>
    }
    .into_any()
}

/// Where one is signed in, and the form that ends all of it but this.
#[must_use]
pub fn sessions(sessions: &[Session], zone: Zone, refused: Option<&str>) -> AnyView {
    let others = sessions.iter().filter(|session| !session.is_this).count();
    let end = (others > 0).then(|| {
        view! {
            <form method="post" action="/account/sign-out-elsewhere" class="ml-auto">
                <button type="submit" class="btn">"Sign out everywhere else"</button>
            </form>
        }
    });
    let why = refused.map(|why| {
        view! { <p role="alert" class="px-4.5 pt-3 text-bad">{fixed(why)}</p> }
    });
    let rows = sessions.iter().map(|session| row(session, zone));
    view! {
        <section class="panel" aria-labelledby="sessions-heading">
            <div class="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4.5 py-3.5">
                <h2 id="sessions-heading">"Where you are signed in"</h2>
                <span class="text-[13px] text-muted">"times and days of "<span translate="no">{zone.in_words()}</span></span>
                {end}
            </div>
            {why}
            <table class="imports" aria-labelledby="sessions-heading">
                <thead>
                    <tr>
                        <th scope="col">"With what"</th>
                        <th scope="col" class="w-48">"From where"</th>
                        <th scope="col" class="w-44">"Last used"</th>
                        <th scope="col" class="w-44">"Since"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(session: &Session, zone: Zone) -> AnyView {
    let kind = match session.kind.as_str() {
        "page" => "Browser",
        _ => "Program, through the API",
    };
    let this = session
        .is_this
        .then(|| view! { <span class="badge bg-line-soft px-2.5">"this one"</span> });
    let agent = session.agent.as_deref().map(|agent| {
        view! { <p class="tiny wrap-anywhere" translate="no">{fixed(agent)}</p> }
    });
    let address = session.address.as_deref().unwrap_or("not known");
    view! {
        <tr>
            <th scope="row" class="c-file">
                <p class="flex flex-wrap items-center gap-x-2 font-[550]">{kind}{this}</p>
                {agent}
            </th>
            <td class="c-type wrap-anywhere max-lg:whitespace-normal" translate="no">{fixed(address)}</td>
            <td class="c-started">{when_if_ever(Some(session.used_at), zone)}</td>
            <td class="text-[13px] text-muted max-lg:col-span-4 max-lg:row-start-4 lg:text-sm lg:text-text">
                <span class="lg:hidden">"since "</span>
                {when_if_ever(Some(session.created_at), zone)}
            </td>
        </tr>
    }
    .into_any()
}
