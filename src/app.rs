//! The documents. Nothing else.
//!
//! Above 300 lines, since each document says its few words in the same way.

use leptos::{prelude::*, tachys::html::InertElement};

use crate::{
    components::alerts_strip,
    error::AppError,
    model::{
        accounts::{AccountsPage, OwnPage},
        alert::{Alerts, AlertsPage},
        asked::Asked,
        audit::AuditPage,
        checked::ShownCheck,
        game_page::GamePage as Game,
        history::{HistoryPage, Zone},
        import_page::Shown,
        monitoring,
    },
    pages::{
        LivePage, account::ShownAccount, accounts::ShownAccounts, alerts::ShownAlerts,
        api_docs::ShownApi, audit::ShownAudit, checked::CheckedFile, coverage::CoveragePage,
        game::GamePage, import::ImportPage, imports::ImportsPage, monitoring::MonitoringPage,
        not_found::NotFound, results::ResultsPage, sign_in::SignInPage, unavailable::Unavailable,
    },
    wire::Packed,
};

/// The element that the browser takes over. What extensions put beside it into the body does no harm.
pub const ROOT: &str = "numwatch";

/// The attribute of that element which names the page.
pub const PAGE: &str = "data-page";

/// The style sheet of the pages that need no scripts.
const LIGHT: &str = "light";

/// Where the strip that says who is signed in comes to stand when a document is sent, in one that was rendered with this nonce.
#[must_use]
pub fn place_of_who(nonce: &str) -> String {
    format!("<!--who {nonce}-->")
}

/// What stands for the role of who is signed in until a document is sent, in one that was rendered with this nonce.
#[must_use]
pub fn place_of_role(nonce: &str) -> String {
    format!("role-{nonce}")
}

/// What the tab says of a page, when that is more than its name.
#[derive(Clone, Debug)]
pub struct Title(pub String);

/// The Scheduler's document, as the server sends it.
#[must_use]
pub fn scheduler(options: &LeptosOptions) -> AnyView {
    living(LivePage::Scheduler, options)
}

/// The document of a page that the browser takes over.
fn living(page: LivePage, options: &LeptosOptions) -> AnyView {
    let pkg = format!("/{}", options.site_pkg_dir);
    let name = options.output_name.to_string();
    let scripts = view! {
        <AutoReload options=options.clone()/>
        <link rel="modulepreload" href=format!("{pkg}/{name}.js") nonce=use_nonce()/>
        <link rel="preload" href=format!("{pkg}/{name}.wasm") r#as="fetch" r#type="application/wasm" crossorigin=""/>
    };
    let below = use_context::<Alerts>().map(|alerts| {
        view! {
            {alerts_strip::strip(&alerts)}
            <script nonce=use_nonce() inner_html=include_str!("browser/alerts.js")></script>
        }
    });
    let body = view! {
        <div id="plain" role="alert" hidden class="bg-amber-100 text-[13px] text-amber-900 dark:bg-amber-950 dark:text-amber-200">
            <div class="mx-auto flex max-w-page flex-wrap items-center gap-x-4 gap-y-2 px-5 py-2">
                <p class="min-w-0 flex-1 basis-80">
                    "This page can't update itself here: the browser, or an extension in it, kept it from starting. It is loaded afresh every 10 seconds while you change nothing on it, and all of it works."
                </p>
                <button type="button" class="btn">"Try again"</button>
            </div>
        </div>
        <div id=ROOT data-page=page.name()>{live(page)}</div>
        {below}
        <script nonce=use_nonce() data-pkg=pkg data-name=name.clone() inner_html=include_str!("browser/start.js")></script>
    };
    let title = use_context().map_or_else(
        || format!("{} · NumWatch", page.name()),
        |Title(title)| title,
    );
    document(&title, options, &name, scripts.into_any(), body.into_any())
}

/// The history's document. It needs no scripts: with them, what changes in it does so by itself.
#[must_use]
pub fn imports(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<HistoryPage, AppError>>();
    let shown = shown.and_then(Result::ok);
    let zone = shown.as_ref().map(|page| page.zone);
    // Without scripts it tells how far work on many logs is.
    let goes_on = shown.is_some_and(|page| page.bulk.asks.is_none() && page.bulk.goes_on());
    let refresh = goes_on.then(|| refresh("2"));
    let body = view! { <ImportsPage/> };
    light(
        "Imports",
        options,
        refresh.into_any(),
        zone,
        body.into_any(),
    )
}

/// Loads the page anew, where there are no scripts: after so many seconds, and another address if one is given.
fn refresh(after: &str) -> AnyView {
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"{after}\">");
    view! { <noscript inner_html=refresh></noscript> }.into_any()
}

/// The document of one import. It needs no scripts: while the import runs it comes anew by itself, or, with scripts, what
/// changes in it does.
#[must_use]
pub fn import(options: &LeptosOptions) -> AnyView {
    let (title, again, zone) = match use_context::<Result<Shown, AppError>>() {
        Some(Ok(Shown::Import(page))) => (
            page.title(),
            page.comes_again().map(str::to_owned),
            Some(page.zone),
        ),
        _ => ("Import".to_owned(), None, None),
    };
    let refresh = again.map(|address| refresh(&format!("5; url={address}")));
    let body = view! { <ImportPage/> };
    light(&title, options, refresh.into_any(), zone, body.into_any())
}

/// The document of a checked file. It needs no scripts.
#[must_use]
pub fn checked(options: &LeptosOptions) -> AnyView {
    let zone = match use_context::<Result<ShownCheck, AppError>>() {
        Some(Ok(ShownCheck::Checked(page))) => Some(page.zone),
        _ => None,
    };
    let body = view! { <CheckedFile/> };
    light(
        "Check of a backup",
        options,
        ().into_any(),
        zone,
        body.into_any(),
    )
}

/// The results' document. It needs no scripts.
#[must_use]
pub fn results(options: &LeptosOptions) -> AnyView {
    let body = view! { <ResultsPage/> };
    light("Results", options, ().into_any(), None, body.into_any())
}

/// The document of one game. It needs no scripts.
#[must_use]
pub fn game(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<Game, AppError>>().and_then(Result::ok);
    let (title, zone) = shown.map_or(("Game".to_owned(), None), |page| {
        (page.game.about.called.name, Some(page.zone))
    });
    let body = view! { <GamePage/> };
    light(&title, options, ().into_any(), zone, body.into_any())
}

/// The document of what the logs add up to. It needs no scripts: with them, what changes in it does so by itself.
#[must_use]
pub fn monitoring(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<monitoring::MonitoringPage, AppError>>();
    let zone = shown.and_then(Result::ok).map(|page| page.zone);
    let body = view! { <MonitoringPage/> };
    light("Monitoring", options, ().into_any(), zone, body.into_any())
}

/// The audit's document. It needs no scripts.
#[must_use]
pub fn audit(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<AuditPage, AppError>>();
    let zone = shown.and_then(Result::ok).map(|page| page.zone);
    let body = view! { <ShownAudit/> };
    light("Audit", options, ().into_any(), zone, body.into_any())
}

/// The alerts' document. It needs no scripts.
#[must_use]
pub fn alerts(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<AlertsPage, AppError>>();
    let zone = shown.and_then(Result::ok).map(|page| page.zone);
    let body = view! { <ShownAlerts/> };
    light("Alerts", options, ().into_any(), zone, body.into_any())
}

/// The document of the API's description. It needs no scripts.
#[must_use]
pub fn api_docs(options: &LeptosOptions) -> AnyView {
    let body = view! { <ShownApi/> };
    light("API", options, ().into_any(), None, body.into_any())
}

/// The document of one's own account. It needs no scripts.
#[must_use]
pub fn account(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<OwnPage, AppError>>();
    let zone = shown.and_then(Result::ok).map(|page| page.zone);
    let body = view! { <ShownAccount/> };
    light(
        "Your account",
        options,
        ().into_any(),
        zone,
        body.into_any(),
    )
}

/// The document of all accounts. It needs no scripts.
#[must_use]
pub fn accounts(options: &LeptosOptions) -> AnyView {
    let shown = use_context::<Result<AccountsPage, AppError>>();
    let zone = shown.and_then(Result::ok).map(|page| page.zone);
    let body = view! { <ShownAccounts/> };
    light("Accounts", options, ().into_any(), zone, body.into_any())
}

/// The document of a page that the server renders whenever something has changed. Its times and days are those of `zone`,
/// and the browser is to tell its own.
fn light(
    title: &str,
    options: &LeptosOptions,
    head: AnyView,
    zone: Option<Zone>,
    page: AnyView,
) -> AnyView {
    let zone = zone.map(|zone| zone.name);
    let head = view! {
        {head}
        <script nonce=use_nonce() data-zone=zone inner_html=include_str!("browser/zone.js")></script>
    };
    let body = view! {
        {page}
        <p id="said" role="status" class="sr-only"></p>
        <script nonce=use_nonce() inner_html=include_str!("browser/light.js")></script>
    };
    document(
        &format!("{title} · NumWatch"),
        options,
        LIGHT,
        head.into_any(),
        body.into_any(),
    )
}

/// The coverage's document. It needs no scripts.
#[must_use]
pub fn coverage(options: &LeptosOptions) -> AnyView {
    let body = view! { <CoveragePage/> };
    light("Coverage", options, ().into_any(), None, body.into_any())
}

/// The document where one signs in. It needs no scripts.
#[must_use]
pub fn sign_in(options: &LeptosOptions) -> AnyView {
    let body = view! { <SignInPage/> };
    document(
        "Sign in · NumWatch",
        options,
        LIGHT,
        ().into_any(),
        body.into_any(),
    )
}

/// The document where nobody can tell who asks. It needs no scripts.
#[must_use]
pub fn unavailable(options: &LeptosOptions) -> AnyView {
    let again = view! { <meta http-equiv="refresh" content="10"/> };
    document(
        "Not available · NumWatch",
        options,
        LIGHT,
        again.into_any(),
        view! { <Unavailable/> }.into_any(),
    )
}

/// The document where there is no page. It needs no scripts.
#[must_use]
pub fn not_found(options: &LeptosOptions) -> AnyView {
    document(
        "Not found · NumWatch",
        options,
        LIGHT,
        ().into_any(),
        view! { <NotFound/> }.into_any(),
    )
}

fn document(
    title: &str,
    options: &LeptosOptions,
    sheet: &str,
    scripts: AnyView,
    body: AnyView,
) -> AnyView {
    // cargo-leptos, which leaves what it builds in `pkg` itself, builds one sheet for all.
    let sheet = match &*options.site_pkg_dir {
        "pkg" => &options.output_name,
        _ => sheet,
    };
    let stylesheet = format!("/{}/{sheet}.css", options.site_pkg_dir);
    let nonce = use_nonce().map(|nonce| nonce.to_string());
    let nonce = nonce.unwrap_or_default();
    let who = InertElement::new(place_of_who(&nonce));
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // Numbers and days that are turned into links would change the document before it is taken over.
                <meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no"/>
                <meta name="description" content="Imports of lottery results, and what became of each."/>
                // No child: a title would show the comment that marks where its text ends.
                <title inner_html=title.to_owned()></title>
                <link rel="stylesheet" id="leptos" href=stylesheet/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {scripts}
            </head>
            <body data-role=place_of_role(&nonce)>{who}{body}</body>
        </html>
    }
    .into_any()
}

/// What the browser takes over: this page, with what its address asks for. There is no router: the server knows the
/// addresses.
pub fn live(page: LivePage) -> AnyView {
    let asked =
        SharedValue::<Asked, Packed>::new_with_encoding(|| use_context().unwrap_or_default());
    provide_context(asked.into_inner());
    page.view()
}
