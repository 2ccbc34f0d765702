//! The API's description for people. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        api_operation::operation,
        api_types::{error_table, marked, type_table},
        frame::Frame,
        reactive::fixed,
    },
    error::AppError,
    model::api_docs::{ApiDocs, Group},
};

/// The page, of what its context holds.
#[component]
pub fn ShownApi() -> impl IntoView {
    let content = match expect_context::<Result<&'static ApiDocs, AppError>>() {
        Ok(docs) => shown(docs),
        Err(error) => refused(&error.message),
    };
    view! { <Frame here="">{content}</Frame> }
}

fn shown(docs: &'static ApiDocs) -> AnyView {
    let about = docs
        .about
        .iter()
        .map(|part| view! { <p>{marked(part)}</p> });
    let about = about.collect_view();
    let index = docs.groups.iter().map(indexed).collect_view();
    let groups = docs.groups.iter().map(group).collect_view();
    let types = docs.types.iter().map(type_table).collect_view();
    let errors = error_table(&docs.errors);
    view! {
        <div>
            <h1>"API"</h1>
            <p class="hint mt-1">
                "For programs the same is an OpenAPI 3.1 document: "
                <a class="link" href="/api/openapi.json">"/api/openapi.json"</a>
            </p>
        </div>
        <section class="panel card api-text" aria-label="About the API">{about}</section>
        <nav class="panel card" aria-label="On this page">
            <ul class="api-index">
                {index}
                <li>
                    <a class="link font-semibold" href="#errors">"Errors"</a>
                </li>
                <li>
                    <a class="link font-semibold" href="#types">"Types"</a>
                </li>
            </ul>
        </nav>
        {groups}
        <section class="panel" aria-labelledby="errors">
            <h2 class="api-head" id="errors">"Errors"</h2>
            {errors}
        </section>
        <section class="panel" aria-labelledby="types">
            <h2 class="api-head" id="types">"Types"</h2>
            {types}
        </section>
    }
    .into_any()
}

fn indexed(group: &Group) -> AnyView {
    let operations = group.operations.iter().map(|it| {
        view! { <li><a class="link" href=format!("#{}", it.id)>{it.summary.clone()}</a></li> }
    });
    view! {
        <li>
            <a class="link font-semibold" href=format!("#{}", anchor(group))>{group.name.clone()}</a>
            <ul>{operations.collect_view()}</ul>
        </li>
    }
    .into_any()
}

fn group(group: &Group) -> AnyView {
    let (id, heading) = (anchor(group), anchor(group));
    let operations = group.operations.iter().map(operation).collect_view();
    view! {
        <section class="panel" aria-labelledby=id>
            <div class="api-head">
                <h2 id=heading>{group.name.clone()}</h2>
                <p class="hint">{marked(&group.about)}</p>
            </div>
            {operations}
        </section>
    }
    .into_any()
}

fn anchor(group: &Group) -> String {
    format!("group-{}", group.name.to_lowercase().replace(' ', "-"))
}

fn refused(why: &str) -> AnyView {
    view! {
        <section class="panel card max-w-[60ch]" role="alert">
            <h1 class="text-bad">"The API's description can't be shown"</h1>
            <p class="wrap-anywhere">{fixed(why)}</p>
            <p><a class="btn" href="/api/docs">"Show the API's description"</a></p>
        </section>
    }
    .into_any()
}
