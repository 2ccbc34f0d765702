//! What NumWatch tells by itself, to whom, and whether it arrived. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        alert_words::{receivers, test_form},
        alerts_table::alerts_table,
        format::count,
        frame::Frame,
        reactive::fixed,
    },
    error::AppError,
    model::alert::{Alert, AlertState, Alerts, AlertsPage},
};

/// The page, of what its context holds.
#[component]
pub fn ShownAlerts() -> impl IntoView {
    let content = match expect_context::<Result<AlertsPage, AppError>>() {
        Ok(page) => shown(&page),
        Err(error) => refused(&error.message),
    };
    view! {
        <Frame here="">
            <div>
                <h1>"Alerts"</h1>
                <p class="hint mt-1">"What NumWatch tells a chat or a program by itself, and whether it arrived."</p>
            </div>
            {content}
        </Frame>
    }
}

fn shown(page: &AlertsPage) -> AnyView {
    let why = page.refused.as_deref();
    let why =
        why.map(|why| view! { <p role="alert" class="text-bad wrap-anywhere">{fixed(why)}</p> });
    let test = page.test.as_ref().map(test_told);
    view! {
        {why}
        {test}
        {whereto(&page.latest)}
        {alerts_table(&page.latest, page.zone)}
    }
    .into_any()
}

/// How a test went that was just sent.
fn test_told(test: &Alert) -> AnyView {
    let (role, says) = match (test.state, test.went()) {
        (AlertState::Delivered, Some(went)) => ("status", went),
        (AlertState::GivenUp, Some(went)) => ("alert", format!("{went} It is not tried again.")),
        (_, Some(went)) => ("alert", format!("{went} It is tried again by itself.")),
        (_, None) => (
            "status",
            "The test is on its way. Load the page anew in a moment to see whether it arrived."
                .to_owned(),
        ),
    };
    view! { <p role=role class="panel px-4.5 py-3 wrap-anywhere">{fixed(&says)}</p> }.into_any()
}

/// To whom, and what is told.
fn whereto(latest: &Alerts) -> AnyView {
    let is_on = !latest.receivers.is_empty();
    let to = if is_on {
        view! {
            <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
                <p>"Alerts are sent to "{receivers(&latest.receivers)}"."</p>
                {test_form()}
            </div>
        }
        .into_any()
    } else {
        view! {
            <p>
                "None are sent: no process has a webhook. Set "<code>"ALERT_WEBHOOK_URL"</code>
                " to the address of a chat's incoming webhook or of a program of yours, and "
                <code>"ALERT_WEBHOOK_SECRET"</code>
                " to a secret that you share with it, so that it knows a message to be from here. Then start NumWatch again."
            </p>
        }
        .into_any()
    };
    let overdue = match latest.overdue_hours {
        0 => "That a scheduled import is overdue is not told: ALERT_OVERDUE_HOURS is 0.".to_owned(),
        hours => format!(
            "No scheduled import has succeeded for {}: once, until one does.",
            count(hours, "hour", "hours")
        ),
    };
    view! {
        <section class="panel card" aria-labelledby="whereto-heading">
            <h2 id="whereto-heading">"To whom, and what"</h2>
            {to}
            <p class="hint">"What is told:"</p>
            <ul class="hint list-disc pl-5">
                <li>"An import has failed, unless somebody cancelled it. While the scheduler's imports keep failing in the same way, the first failure speaks for the others of the next 24 hours."</li>
                <li>"What a failed import lacked has come."</li>
                <li>"A day has brought far fewer draws than usual, or far more: once a day of draws."</li>
                <li>{fixed(&overdue)}</li>
            </ul>
            <p class="hint">"One that isn't taken is tried again, ever more seldom, for a day. At most 20 new messages are sent a minute; the last of them tells of what is beyond."</p>
        </section>
    }
    .into_any()
}

fn refused(why: &str) -> AnyView {
    view! {
        <section class="panel card max-w-[60ch]" role="alert">
            <h2 class="text-bad">"The alerts can't be shown"</h2>
            <p class="wrap-anywhere">{fixed(why)}</p>
            <p><a class="btn" href="/alerts">"Show the alerts"</a></p>
        </section>
    }
    .into_any()
}
