//! The types and errors of the API, in tables.

use leptos::prelude::*;

use crate::model::api_docs::{ErrorAnswer, Field, Kind, Type, Word};

/// Parameters or members.
pub fn field_table(fields: &[Field], with_place: bool) -> AnyView {
    let rows = fields.iter().map(|it| {
        let required = it.is_required && with_place;
        let place = with_place.then(|| {
            let required = required.then_some(", must be there");
            view! { <td>{it.place.clone()}{required}</td> }
        });
        view! {
            <tr>
                <th scope="row"><code class="wrap-anywhere">{it.name.clone()}</code></th>
                {place}
                <td class="wrap-anywhere">{kind_view(&it.kind)}</td>
                <td>{marked(&it.about)}</td>
            </tr>
        }
    });
    let place = with_place.then(|| view! { <th scope="col">"In"</th> });
    view! {
        <table class="api-table">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    {place}
                    <th scope="col">"What"</th>
                    <th scope="col">"Meaning"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// What a value is, with links to the types that stand on the page.
pub fn kind_view(kind: &Kind) -> AnyView {
    let words = kind.0.iter().map(|word| match word {
        Word::Text(text) => text.clone().into_any(),
        Word::Type(name) => {
            view! { <a class="link" href=format!("#type-{name}")>{name.clone()}</a> }.into_any()
        }
    });
    words.collect_view().into_any()
}

/// A type, folded until somebody opens it.
pub fn type_table(it: &Type) -> AnyView {
    let kind = (!it.kind.0.is_empty()).then(|| view! { <p>{kind_view(&it.kind)}</p> });
    let members = (!it.members.is_empty()).then(|| field_table(&it.members, false));
    view! {
        <details class="api-operation">
            <summary>
                <h3>{it.name.clone()}</h3>
            </summary>
            <div class="api-text" id=format!("type-{}", it.name)>
                <p>{marked(&it.about)}</p>
                {kind}
                {members}
            </div>
        </details>
    }
    .into_any()
}

/// The errors, each with when it comes.
pub fn error_table(errors: &[ErrorAnswer]) -> AnyView {
    let rows = errors.iter().map(|it| {
        view! {
            <tr id=format!("error-{}", it.status)>
                <th scope="row">{it.status.clone()}</th>
                <td>{marked(&it.about)}</td>
                <td class="wrap-anywhere">{it.example.clone()}</td>
            </tr>
        }
    });
    view! {
        <table class="api-table">
            <thead>
                <tr>
                    <th scope="col">"Status"</th>
                    <th scope="col">"When"</th>
                    <th scope="col">"What it says, for example"</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

/// Text in which `code` and **what matters** are marked.
pub fn marked(text: &str) -> AnyView {
    let parts = text.split("**").enumerate().map(|(nth, part)| {
        if nth % 2 == 1 {
            return view! { <b>{part.to_owned()}</b> }.into_any();
        }
        let parts = part
            .split('`')
            .enumerate()
            .map(|(nth, part)| match nth % 2 {
                1 => view! { <code class="wrap-anywhere">{part.to_owned()}</code> }.into_any(),
                _ => part.to_owned().into_any(),
            });
        parts.collect_view().into_any()
    });
    parts.collect_view().into_any()
}
