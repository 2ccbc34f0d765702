//! Imports the bundled sample.

use leptos::prelude::*;

use super::{
    board::Board,
    command::{Command, CommandButton, CommandForm, Problem, started},
    reactive::text,
};
use crate::server_fns::imports::ImportSample;

/// One button.
#[component]
pub fn SampleForm() -> impl IntoView {
    let board = expect_context::<Board>();
    let command = Command::new::<ImportSample>(started);
    let newcomer = board.part(|page| !page.has_results && page.logs.is_empty());
    let colour = move || {
        if newcomer.get() {
            "contents newcomer"
        } else {
            "contents"
        }
    };
    view! {
        <section class="panel card" aria-labelledby="sample-heading">
            <h2 id="sample-heading">"Sample data"</h2>
            <p class="hint">"One day of draws that ships with NumWatch, to look around."</p>
            <div class="mt-auto grid gap-2">
                <CommandForm command>
                    <span class=text(colour)>
                        <CommandButton pending=command.pending() says="Import sample" waiting="Starting…" class="min-w-34"/>
                    </span>
                </CommandForm>
                <Problem command/>
            </div>
        </section>
    }
}
