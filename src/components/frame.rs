//! What stands around each page: skip link, header, navigation.

use leptos::prelude::*;

/// The pages there are: address and name.
const PAGES: [(&str, &str); 5] = [
    ("/", "Scheduler"),
    ("/imports", "Imports"),
    ("/results", "Results"),
    ("/coverage", "Coverage"),
    ("/monitoring", "Monitoring"),
];

/// The frame of a page.
#[component]
pub fn Frame(
    /// The page's own address in the navigation; empty when it isn't there.
    here: &'static str,
    /// What the header says at its end.
    #[prop(optional, into)]
    aside: ViewFnOnce,
    /// What stands right below the header.
    #[prop(optional, into)]
    below: ViewFnOnce,
    children: Children,
) -> impl IntoView {
    let links = PAGES.map(|(address, name)| {
        view! {
            <a href=address aria-current=(address == here).then_some("page")>
                {name}
            </a>
        }
    });
    view! {
        <header class="sticky top-0 z-10 border-b border-line bg-panel">
            // Within the header: what comes before it, who is signed in, stands in a place of its own.
            <a href="#main" class="skip">"Skip to content"</a>
            <div class="mx-auto flex min-h-13 max-w-page flex-wrap items-center gap-x-3 px-4 max-sm:py-1 sm:gap-x-6 sm:px-5">
                <a href="/" class="flex min-h-8 shrink-0 items-center gap-2 font-bold tracking-tight">
                    <img src="/favicon.svg" alt="" width="18" height="18"/>
                    "NumWatch"
                </a>
                <nav aria-label="Pages" class="nav">{links.collect_view()}</nav>
                {aside.run()}
            </div>
            {below.run()}
        </header>
        <main id="main" tabindex="-1" class="mx-auto grid max-w-page grid-cols-[minmax(0,1fr)] gap-5 px-4 pt-6 pb-20 outline-none sm:px-5">
            {children()}
        </main>
    }
}
