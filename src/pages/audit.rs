//! The audit: who did what, filtered and page by page. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        audit_filters::audit_filters, audit_table::AuditTable, frame::Frame, reactive::fixed,
    },
    error::AppError,
    model::audit::AuditPage,
};

/// The page, of what its context holds.
#[component]
pub fn ShownAudit() -> impl IntoView {
    let content = match expect_context::<Result<AuditPage, AppError>>() {
        Ok(page) => shown(page),
        Err(error) => refused(&error.message),
    };
    view! {
        <Frame here="">
            <div>
                <h1>"Audit"</h1>
                <p class="hint mt-1">
                    "Who did what, and who was refused what. Lines are added and stay: no page and no request changes one."
                </p>
            </div>
            {content}
        </Frame>
    }
}

fn shown(page: AuditPage) -> AnyView {
    let filters = audit_filters(&page);
    let filtered = !page.asked.is_empty();
    let found = match page.found {
        Ok(found) => view! { <AuditTable found filtered zone=page.zone/> }.into_any(),
        Err(why) => refused(&why),
    };
    view! {
        {filters}
        {found}
    }
    .into_any()
}

fn refused(why: &str) -> AnyView {
    view! {
        <section class="panel card max-w-[60ch]" role="alert">
            <h2 class="text-bad">"The audit can't be shown"</h2>
            <p class="wrap-anywhere">{fixed(why)}</p>
            <p><a class="btn" href="/audit">"Show the whole audit"</a></p>
        </section>
    }
    .into_any()
}
