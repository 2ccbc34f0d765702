//! A server function behind a real form: it works without JavaScript, and with it waits, answers and announces.

use std::sync::Arc;

use leptos::{
    ev::SubmitEvent, prelude::*, server_fn::ServerFn, task::spawn_local, wasm_bindgen::JsCast as _,
    web_sys::HtmlFormElement,
};
use serde::de::DeserializeOwned;

use super::{
    live::Live,
    needs::OPERATOR,
    notices::News,
    reactive::{maybe, said, words},
};
use crate::{
    browser,
    error::AppError,
    model::{asked::Asked, import_log::Started},
    server_fns::on_rows::OnRow,
    wire::unpack,
};

/// What there is to announce of a server function's answer.
type Told = Arc<dyn Fn(&[u8]) -> Result<News, AppError> + Send + Sync>;

/// An action of the page.
#[derive(Clone, Copy)]
pub struct Command {
    live: Live,
    path: &'static str,
    told: StoredValue<Told>,
    pending: RwSignal<bool>,
    error: RwSignal<Option<String>>,
}

impl Command {
    /// An action that stands once on the page: it also shows its failure without JavaScript, which the address holds.
    pub fn new<S>(told: impl Fn(S::Output) -> News + Send + Sync + 'static) -> Self
    where
        S: ServerFn,
        S::Output: DeserializeOwned,
    {
        let asked = use_context::<Asked>().unwrap_or_default();
        let told = move |answer: &[u8]| Ok(told(unpack(answer)?));
        Self::shared(S::PATH, Arc::new(told), asked.why_refused(S::PATH))
    }

    /// An action that stands on each row.
    pub fn on_row<S>(told: impl Fn(S::Output) -> News + Send + Sync + 'static) -> Self
    where
        S: OnRow,
        S::Output: DeserializeOwned,
    {
        let told = move |answer: &[u8]| Ok(told(unpack(answer)?));
        Self::shared(S::PATH, Arc::new(told), None)
    }

    fn shared(path: &'static str, told: Told, refused: Option<String>) -> Self {
        Self {
            live: expect_context::<Live>(),
            path,
            told: StoredValue::new(told),
            pending: RwSignal::new(false),
            error: RwSignal::new(refused),
        }
    }

    /// It was asked for and has not answered yet.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Asks what the form asks, unless it still waits.
    fn ask(self, form: &HtmlFormElement) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.error.set(None);
        let answer = browser::post(self.path, browser::fields(form));
        // The row may be gone when the answer comes; it is told all the same.
        let told = self.told.get_value();
        spawn_local(async move {
            let answer = answer.await;
            self.pending.try_set(false);
            match answer.and_then(|bytes| told(&bytes)) {
                Ok(news) => self.live.tell(news),
                Err(error) => {
                    self.error.try_set(Some(error.message));
                }
            }
            self.live.refetch();
        });
    }
}

/// What there is to announce of an import that has just started.
#[must_use]
pub fn started(import: Started) -> News {
    News::started(import.id)
}

/// The form of a command.
#[component]
pub fn CommandForm(
    command: Command,
    #[prop(optional, into)] class: &'static str,
    /// For controls that stand elsewhere and belong to it.
    #[prop(optional, into)]
    id: Option<&'static str>,
    /// The least role that can use it; it isn't shown to others.
    #[prop(default = OPERATOR)]
    needs: &'static str,
    children: Children,
) -> impl IntoView {
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(form) = event.target().and_then(|form| form.dyn_into().ok()) {
            command.ask(&form);
        }
    };
    view! {
        <form method="post" action=command.path class=class id=id data-needs=needs on:submit=on_submit>
            {children()}
        </form>
    }
}

/// The button of a command's form. While the command waits it says so and can't be pressed, yet keeps the focus.
#[component]
pub fn CommandButton(
    pending: Signal<bool>,
    /// What it says.
    #[prop(into)]
    says: Signal<String>,
    /// What it says while it waits.
    waiting: &'static str,
    #[prop(optional, into)] class: &'static str,
    /// For what gives it the focus.
    #[prop(optional, into)]
    id: Option<&'static str>,
    /// The name for those who can't see what it stands beside.
    #[prop(optional, into)]
    label: Option<String>,
    /// It can't be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
) -> impl IntoView {
    let waits = maybe(move || pending.get().then_some("true"));
    view! {
        <button
            type="submit"
            id=id
            class=format!("btn {class}")
            aria-label=label
            aria-busy=waits
            aria-disabled=waits
            disabled=disabled
        >
            {words(move || if pending.get() { waiting.to_owned() } else { says.get() })}
        </button>
    }
}

/// The region near a control that says why it did not work.
#[component]
pub fn Problem(command: Command) -> impl IntoView {
    view! {
        <div role="alert" class="text-[13px] text-bad wrap-anywhere empty:hidden">
            {said(move || command.error.get())}
        </div>
    }
}
