//! A server function behind a real form: it works without JavaScript, and with it waits, answers and announces.

use leptos::{
    ev::SubmitEvent,
    form::FromFormData,
    prelude::*,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
};

use super::live::Live;
use crate::{
    error::{AppError, ErrorKind},
    model::import_log::Started,
};

/// An action of the page. Its good outcome is the sentence that announces it.
pub struct Command<S: 'static> {
    action: Action<S, Result<String, AppError>>,
}

impl<S> Clone for Command<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for Command<S> {}

impl<S: ServerFn + Clone + Send + Sync + 'static> Command<S> {
    /// An action that stands once on the page: it also shows its failure without JavaScript, which the address holds.
    pub fn new<W>(live: Live, run: impl Fn(S) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Result<String, AppError>> + Send + 'static,
    {
        let refused = use_context::<ServerActionError>()
            .filter(|error| error.path() == S::PATH)
            .map(|error| Err(ServerFnUrlError::<AppError>::decode_err(error.err())));
        Self::beginning(refused, live, run)
    }

    /// An action that stands on each row.
    pub fn on_row<W>(live: Live, run: impl Fn(S) -> W + Send + Sync + 'static) -> Self
    where
        W: Future<Output = Result<String, AppError>> + Send + 'static,
    {
        Self::beginning(None, live, run)
    }

    fn beginning<W>(
        first: Option<Result<String, AppError>>,
        live: Live,
        run: impl Fn(S) -> W + Send + Sync + 'static,
    ) -> Self
    where
        W: Future<Output = Result<String, AppError>> + Send + 'static,
    {
        let action = Action::new_with_value(first, move |input: &S| {
            let work = run(input.clone());
            async move {
                let outcome = work.await;
                if let Ok(sentence) = &outcome {
                    live.tell(sentence.clone());
                }
                live.refetch();
                outcome
            }
        });
        Self { action }
    }

    /// It was asked for and has not answered yet.
    #[must_use]
    pub fn pending(self) -> Memo<bool> {
        self.action.pending()
    }

    /// How often it has answered.
    #[must_use]
    pub fn answers(self) -> RwSignal<usize> {
        self.action.version()
    }

    /// Its latest answer, when that is an error.
    #[must_use]
    pub fn error(self) -> Option<AppError> {
        self.action.value().get().and_then(Result::err)
    }
}

/// The sentence for an import that has just started.
#[must_use]
pub fn started(import: Started) -> String {
    format!("Import #{} started.", import.id)
}

/// The form of a command.
#[component]
pub fn CommandForm<S>(
    command: Command<S>,
    #[prop(optional, into)] class: &'static str,
    children: Children,
) -> impl IntoView
where
    S: ServerFn + FromFormData + Clone + Send + Sync + 'static,
{
    let pending = command.pending();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if pending.get_untracked() {
            return;
        }
        match S::from_event(&event) {
            Ok(input) => {
                command.action.dispatch(input);
            }
            Err(_) => command.action.value().set(Some(Err(AppError::new(
                ErrorKind::Malformed,
                "These values can't be read. Check them and try again.",
            )))),
        }
    };
    view! {
        <form method="post" action=S::url() class=class on:submit=on_submit>
            {children()}
        </form>
    }
}

/// The button of a command's form. While the command waits it says so and can't be pressed, yet keeps the focus.
#[component]
pub fn CommandButton(
    #[prop(into)] pending: Signal<bool>,
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
    view! {
        <button
            type="submit"
            class=format!("btn {class}")
            aria-label=label
            aria-busy=move || pending.get().then_some("true")
            aria-disabled=move || pending.get().then_some("true")
            disabled=move || disabled.get()
        >
            {move || if pending.get() { waiting.to_owned() } else { says.get() }}
        </button>
    }
    .into_any()
}

/// The region near a control that says why it did not work.
#[component]
pub fn Problem<S>(command: Command<S>) -> impl IntoView
where
    S: ServerFn + Clone + Send + Sync + 'static,
{
    let pending = command.pending();
    let error = move || command.error().filter(|_| !pending.get());
    view! {
        <div role="alert" class="text-[13px] text-bad wrap-anywhere empty:hidden">
            {move || error().map(|error| view! { <p>{error.message}</p> })}
        </div>
    }
    .into_any()
}
