//! A server function behind a real form: it works without JavaScript, and with it waits, answers and announces.

use std::{pin::Pin, sync::Arc};

use leptos::{
    ev::SubmitEvent,
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
    task::spawn_local,
};

use super::{
    live::Live,
    reactive::{maybe, said, text},
};
use crate::{error::AppError, model::import_log::Started};

/// What a command comes to: the sentence that announces it, or why it did not work.
type Outcome = Result<String, AppError>;
type Run = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync>;

/// An action of the page.
#[derive(Clone, Copy)]
pub struct Command {
    live: Live,
    path: &'static str,
    run: StoredValue<Run>,
    pending: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
}

impl Command {
    /// An action that stands once on the page: it also shows its failure without JavaScript, which the address holds.
    pub fn new<S: ServerFn, W>(live: Live, run: impl Fn() -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Outcome> + Send + 'static,
    {
        let refused = use_context::<ServerActionError>()
            .filter(|error| error.path() == S::PATH)
            .map(|error| ServerFnUrlError::<AppError>::decode_err(error.err()));
        let command = Self::on_row::<S, W>(live, run);
        Self {
            error: RwSignal::new(refused),
            ..command
        }
    }

    /// An action that stands on each row.
    pub fn on_row<S: ServerFn, W>(live: Live, run: impl Fn() -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Outcome> + Send + 'static,
    {
        let run: Run = Arc::new(move || Box::pin(run()));
        Self {
            live,
            path: S::PATH,
            run: StoredValue::new(run),
            pending: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// It was asked for and has not answered yet.
    #[must_use]
    pub fn pending(self) -> Signal<bool> {
        self.pending.into()
    }

    /// Asks, unless it still waits.
    fn ask(self) {
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        self.error.set(None);
        let work = self.run.with_value(|run| run());
        spawn_local(async move {
            let outcome = work.await;
            self.pending.try_set(false);
            match outcome {
                Ok(sentence) => self.live.tell(sentence),
                Err(error) => {
                    self.error.try_set(Some(error));
                }
            }
            self.live.refetch();
        });
    }
}

/// The sentence for an import that has just started.
#[must_use]
pub fn started(import: Started) -> String {
    format!("Import #{} started.", import.id)
}

/// The form of a command.
#[component]
pub fn CommandForm(
    command: Command,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView {
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        command.ask();
    };
    view! {
        <form method="post" action=command.path class=class on:submit=on_submit>
            {children()}
        </form>
    }
    .into_any()
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
            class=format!("btn {class}")
            aria-label=label
            aria-busy=waits
            aria-disabled=waits
            disabled=disabled
        >
            {text(move || if pending.get() { waiting.to_owned() } else { says.get() })}
        </button>
    }
    .into_any()
}

/// The region near a control that says why it did not work.
#[component]
pub fn Problem(command: Command) -> impl IntoView {
    view! {
        <div role="alert" class="text-[13px] text-bad wrap-anywhere empty:hidden">
            {said(move || command.error.get().map(|error| error.message))}
        </div>
    }
    .into_any()
}
