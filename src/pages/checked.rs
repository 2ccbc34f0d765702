//! What an import of a file would do, before it is imported. It needs no scripts.

use leptos::prelude::*;

use crate::{
    components::{
        about::{Fact, FactList},
        calendar, checked_draws, differences, format,
        frame::Frame,
        history_table::local,
        needs::OPERATOR,
        reactive::fixed,
        rejects,
    },
    error::{AppError, ErrorKind},
    model::checked::{Checked, CheckedPage as Page, NewGame, ShownCheck},
};

/// The page, of what its context holds.
#[component]
pub fn CheckedFile() -> impl IntoView {
    let content = match expect_context::<Result<ShownCheck, AppError>>() {
        Ok(ShownCheck::Checked(page)) => view! { <Everything page=*page/> }.into_any(),
        Ok(ShownCheck::Imported(id)) => {
            let import = view! { <a class="btn btn-primary" href=format!("/imports/{id}")>{format!("Show import #{id}")}</a> };
            instead(
                "Imported",
                "status",
                "This file was imported.",
                import.into_any(),
            )
        }
        Ok(ShownCheck::Discarded) => instead(
            "Discarded",
            "status",
            "The checked file was let go. Nothing was imported.",
            ().into_any(),
        ),
        Err(error) => {
            // What was imported from there long ago is no longer known, either.
            let heading = match error.kind {
                ErrorKind::NotFound => "No longer kept",
                _ => "Nothing was imported",
            };
            instead(heading, "alert", &error.message, ().into_any())
        }
    };
    view! { <Frame here="/">{content}</Frame> }
}

/// What stands where there is no checked file to show.
fn instead(heading: &'static str, role: &'static str, sentence: &str, way: AnyView) -> AnyView {
    view! {
        <h1>"Check of a backup"</h1>
        <section class="panel card max-w-[60ch]" role=role>
            <h2>{heading}</h2>
            <p class="wrap-anywhere">{fixed(sentence)}</p>
            <div class="flex flex-wrap gap-2">
                {way}
                <a class="btn" href="/">"Go to the Scheduler"</a>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Everything(page: Page) -> impl IntoView {
    let Page {
        checked,
        zone,
        refused,
        others,
    } = page;
    let today = zone.today;
    let when = |at| calendar::full(local(at, zone), zone.offset_minutes(at));
    let name = checked.filename.clone();
    let name = name.unwrap_or_else(|| "A file without a name".to_owned());
    let about = about(&checked, when(checked.checked_at), when(checked.expires_at));
    let outcome = checked.outcome();
    let numbers = numbers(&checked);
    let actions = actions(&checked.checked);
    let differ = differing(&checked);
    let (rejected, shown) = (checked.records_rejected, checked.rejects.len());
    let rejects = checked
        .rejects
        .iter()
        .map(|reject| rejects::item(reject, today))
        .collect_view();
    let results = checked_draws::lists(&checked, today);
    let games = new_games(&checked);
    view! {
        <p class="text-[13px] print:hidden"><a class="link" href="/">"Scheduler"</a></p>
        <div class="flex flex-wrap items-center gap-3">
            <h1 class="min-w-0 wrap-anywhere" translate="no">{fixed(&name)}</h1>
            <span class="text-muted">"checked, not imported"</span>
        </div>
        {refused.map(|why| view! { <p role="alert" class="text-bad">{fixed(&why)}</p> })}
        {(others > 0).then(|| {
            let others = format::count(others.into(), "other file", "other files");
            view! { <p role="status">{format!("Only this file was checked. Check the {others} one at a time.")}</p> }
        })}
        <section class="panel card">
            <h2>"What an import would do"</h2>
            <p class="wrap-anywhere">{fixed(&outcome)}</p>
            <p class="text-muted">
                "Nothing was written. The data may have changed since: an import does what is right then, and “Check again” tells what that would be now."
            </p>
            {actions}
        </section>
        <div class="grid items-start gap-5 lg:grid-cols-2 print:grid-cols-2 print:gap-3">
            <section class="panel card">
                <h2>"Facts"</h2>
                <FactList facts=about/>
            </section>
            <section class="panel card">
                <h2>"In numbers"</h2>
                <FactList facts=numbers/>
            </section>
        </div>
        {(!checked.differences.0.is_empty()).then(|| view! {
            <section class="panel card imports">
                {differences::table(&differ.0, differ.1.as_deref(), "In the file", checked.differences, today)}
            </section>
        })}
        {results}
        {(shown > 0).then(|| view! {
            <section class="panel card">
                <h2>"Would be rejected"</h2>
                <p class="hint">{fixed(&which(rejected, shown, "record", "records"))}</p>
                <ul class="grid gap-2">{rejects}</ul>
            </section>
        })}
        {games}
    }
    .into_any()
}

/// What can be done with it.
fn actions(token: &str) -> AnyView {
    let form = |what: &str, class: &'static str, says: &'static str| {
        view! {
            <form method="post" action=format!("/checked/{token}/{what}") data-needs=OPERATOR>
                <button type="submit" class=class>{says}</button>
            </form>
        }
    };
    view! {
        <div class="flex flex-wrap gap-2 print:hidden">
            {form("import", "btn btn-primary", "Import it")}
            {form("again", "btn", "Check again")}
            {form("discard", "btn", "Discard")}
        </div>
    }
    .into_any()
}

/// What is known of the file.
fn about(checked: &Checked, at: String, until: String) -> Vec<Fact> {
    let size = |bytes: i64| format::bytes(u64::try_from(bytes).unwrap_or_default());
    let mut facts = vec![("Size", size(checked.file_size))];
    if checked.unpacked_size != checked.file_size {
        facts.push(("Unpacked", size(checked.unpacked_size)));
    }
    facts.extend([
        ("Checked", at),
        ("Kept until", until),
        ("SHA-256", checked.sha256.clone()),
    ]);
    facts
}

/// What its import would do, in numbers.
fn numbers(checked: &Checked) -> Vec<Fact> {
    let numbers = [
        ("Records", checked.records_processed),
        ("Games to add", checked.games_created),
        ("Results to add", checked.results_created),
        ("Results to complete", checked.results_updated),
        ("Stored just so", checked.results_unchanged),
        ("Differing", checked.results_differing),
        ("Duplicates", checked.duplicates),
        ("Rejected", checked.records_rejected),
    ];
    let told = |(name, number): (&'static str, i64)| (name, format::thousands(number));
    numbers.into_iter().map(told).collect()
}

/// How many there are, and how many of them are shown.
fn which(all: i64, shown: usize, one: &str, many: &str) -> String {
    let all_of_them = format::count(all, one, many);
    if i64::try_from(shown) == Ok(all) {
        format!("{all_of_them}.")
    } else {
        format!("The first {shown} of {all_of_them}.")
    }
}

/// What is said above the results that differ, and which of them are shown if not all.
fn differing(checked: &Checked) -> (String, Option<String>) {
    let (all, shown) = (checked.results_differing, checked.differences.0.len());
    let differ = format::count(all, "result differs", "results differ");
    let heading = format!("{differ} from the file and would stay as stored");
    let first = || format!("first {shown} of {}", format::thousands(all));
    (heading, (i64::try_from(shown) != Ok(all)).then(first))
}

/// The games that it would add.
fn new_games(checked: &Checked) -> AnyView {
    if checked.new_games.is_empty() {
        return ().into_any();
    }
    let which = which(
        checked.games_created,
        checked.new_games.len(),
        "game",
        "games",
    );
    let games = checked.new_games.iter().map(|game| {
        let NewGame {
            base_game_id,
            game_name,
            country_code,
        } = game;
        let country = country_code.as_ref().map(|code| format!(" · {code}"));
        let quiet = format!("{base_game_id}{}", country.unwrap_or_default());
        view! {
            <li class="min-w-0 wrap-anywhere" translate="no">
                {fixed(game_name)}
                " "
                <span class="text-muted">{fixed(&quiet)}</span>
            </li>
        }
    });
    view! {
        <section class="panel card">
            <h2>"New games"</h2>
            <p class="hint">{fixed(&which)}</p>
            <ul class="grid gap-x-8 gap-y-1 sm:grid-cols-2 lg:grid-cols-3">{games.collect_view()}</ul>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_many_are_shown() {
        assert_eq!(which(1, 1, "game", "games"), "1 game.");
        assert_eq!(
            which(1200, 100, "game", "games"),
            "The first 100 of 1,200 games."
        );
    }
}
