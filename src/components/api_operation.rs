//! One operation of the API: what it takes, and what it answers. Folded until somebody opens it.

use leptos::prelude::*;

use super::api_types::{field_table, kind_view, marked};
use crate::model::api_docs::{Answer, Content, Operation};

/// The operation.
pub fn operation(it: &Operation) -> AnyView {
    let about = it.about.iter().map(|part| view! { <p>{marked(part)}</p> });
    let about = about.collect_view();
    let role = match it.role.as_deref() {
        None => Some("Open to everybody."),
        Some("viewer") => Some("Takes the role viewer."),
        // The text says so.
        Some(_) => None,
    };
    let role = role.map(|said| view! { <p>{said}</p> });
    let parameters = (!it.parameters.is_empty()).then(|| {
        view! {
            <h4>"Parameters"</h4>
            {field_table(&it.parameters, true)}
        }
    });
    let body = it.body.as_ref().map(|body| {
        view! {
            <h4>"Body"</h4>
            {content(body)}
        }
    });
    let answers = it.answers.iter().map(answer).collect_view();
    let errors = it.errors.iter().map(|status| {
        view! { <a class="link" href=format!("#error-{status}")>{status.clone()}</a>" " }
    });
    view! {
        <details class="api-operation">
            <summary>
                <span class="api-method" data-method=it.method.clone()>{it.method.clone()}</span>
                <code class="wrap-anywhere">{it.path.clone()}</code>
                <h3>{it.summary.clone()}</h3>
            </summary>
            // Whoever comes for it finds it open.
            <div class="api-text" id=it.id.clone()>
                {about}
                {role}
                <pre tabindex="0" role="region" aria-label=format!("{} in a shell", it.id)>{it.curl.clone()}</pre>
                {parameters}
                {body}
                <h4>"Answers"</h4>
                {answers}
                <p>"Errors: "{errors.collect_view()}</p>
            </div>
        </details>
    }
    .into_any()
}

fn answer(it: &Answer) -> AnyView {
    let headers = it
        .headers
        .iter()
        .map(|header| view! { <p class="hint">{marked(header)}</p> });
    view! {
        <div>
            <p>
                <b>{it.status.clone()}</b>
                " "
                {marked(&it.content.about)}
            </p>
            {headers.collect_view()}
            {held(&it.content)}
        </div>
    }
    .into_any()
}

fn content(it: &Content) -> AnyView {
    view! {
        <p>{marked(&it.about)}</p>
        {held(it)}
    }
    .into_any()
}

/// What it holds, if it holds anything.
fn held(it: &Content) -> Option<AnyView> {
    let media = it.media.join(", ");
    let example = it.example.as_ref().map(|example| {
        view! {
            <details>
                <summary class="link">"Example"</summary>
                <pre tabindex="0" role="region" aria-label="Example">{example.clone()}</pre>
            </details>
        }
    });
    (!media.is_empty()).then(|| {
        view! {
            <p>
                <code>{media.clone()}</code>
                ": "
                {kind_view(&it.kind)}
            </p>
            {example}
        }
        .into_any()
    })
}
