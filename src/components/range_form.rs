//! Imports a range of dates from the feed.

use chrono::{Days, NaiveDate};
use leptos::{html::Input, prelude::*};

use super::{
    board::Board,
    calendar,
    command::{Command, CommandButton, CommandForm, Problem, started},
    format,
    reactive::{maybe, memo, said, text, whether},
};
use crate::{
    model::{asked::Asked, import_log::LONGEST_RANGE},
    server_fns::imports::ImportRange,
};

/// What says why the days can't be asked for.
const HINT: &str = "range-hint";

/// What stands in the way of asking for these days, or how many they are.
fn judge(start: &str, end: &str, today: NaiveDate) -> Result<i64, String> {
    let (Some(start), Some(end)) = (calendar::read_day(start), calendar::read_day(end)) else {
        return Err("Give both days.".into());
    };
    let days = (end - start).num_days() + 1;
    if days < 1 {
        Err("The first day comes after the last.".into())
    } else if end > today {
        Err("The last day is in the future.".into())
    } else if days > LONGEST_RANGE {
        Err(format!("At most {LONGEST_RANGE} days at once."))
    } else {
        Ok(days)
    }
}

/// Two dates and a button that says how many days they are.
#[component]
pub fn RangeForm() -> impl IntoView {
    let board = expect_context::<Board>();
    let today = board.part(|page| page.today);
    // What was refused without JavaScript stands there as it was given.
    let given = use_context::<Asked>().and_then(|asked| asked.days);
    let start = Day::new(given.map(|(first, _)| first), move || {
        let today = today.get();
        today.checked_sub_days(Days::new(6)).unwrap_or(today)
    });
    let end = Day::new(given.map(|(_, last)| last), move || today.get());
    let command = Command::new::<ImportRange>(started);
    let judged = memo(move || judge(&start.get(), &end.get(), today.get()));
    let configured = board.part(|page| page.scheduler.external_api_configured);
    let wrong = maybe(move || judged.with(Result::is_err).then_some("true"));
    let says = text(move || {
        judged.get().map_or_else(
            |_| "Import".to_owned(),
            |days| format!("Import {}", format::count(days, "day", "days")),
        )
    });
    let hint = move || {
        if configured.get() {
            judged.get().err()
        } else {
            Some("No feed is configured: set EXTERNAL_API_URL.".to_owned())
        }
    };
    view! {
        <section class="panel card" aria-labelledby="range-heading">
            <h2 id="range-heading">"Date range"</h2>
            <p class="hint">"Asks the feed day by day; keeps the days that worked."</p>
            <CommandForm command class="mt-auto">
                <div class="flex flex-wrap items-center gap-2">
                    <div class="flex min-w-0 flex-[0_1_20rem] items-center gap-2">
                        <DayField name="start_date" label="First day" day=start wrong today/>
                        <span class="text-muted">"to"</span>
                        <DayField name="end_date" label="Last day" day=end wrong today/>
                    </div>
                    <CommandButton
                        pending=command.pending()
                        says
                        waiting="Starting…"
                        class="btn-primary min-w-32"
                        // Without JavaScript nothing would enable it again once the days are right.
                        disabled=whether(move || if given.is_some() { !configured.get() } else { hint().is_some() })
                    />
                </div>
                <div class="hint mt-2 has-[:empty]:mt-0" class:text-bad=whether(move || judged.get().is_err()) role="status" aria-label="Date range">
                    // The fields are described by what it says, not by its name.
                    <div id=HINT>{said(hint)}</div>
                </div>
            </CommandForm>
            <Problem command/>
        </section>
    }
}

/// A day of the form: what a person chose stays through refreshes, and until then the default goes with the days.
#[derive(Clone, Copy)]
struct Day {
    default: Memo<String>,
    chosen: RwSignal<Option<String>>,
}

impl Day {
    fn new(
        given: Option<NaiveDate>,
        default: impl Fn() -> NaiveDate + Send + Sync + 'static,
    ) -> Self {
        Self {
            default: memo(move || given.unwrap_or_else(&default).to_string()),
            chosen: RwSignal::new(None),
        }
    }

    fn get(self) -> String {
        self.chosen.get().unwrap_or_else(|| self.default.get())
    }
}

/// A day to choose.
#[component]
fn DayField(
    name: &'static str,
    label: &'static str,
    day: Day,
    /// Whether the two days are no range that can be asked for.
    wrong: Signal<Option<String>>,
    today: Memo<NaiveDate>,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    // A day may have been chosen before the page was hydrated.
    field.on_load(move |field| {
        if field.value() != field.default_value() {
            day.chosen.set(Some(field.value()));
        }
    });
    view! {
        <input
            node_ref=field
            type="date"
            class="field"
            name=name
            aria-label=label
            aria-invalid=wrong
            aria-describedby=HINT
            autocomplete="off"
            required
            value=day.default
            max=text(move || today.get().to_string())
            on:input=move |event| day.chosen.set(Some(event_target_value(&event)))
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_judged_before_they_are_asked_for() {
        let today = "2026-11-23".parse().expect("a date");
        assert_eq!(judge("2026-11-17", "2026-11-23", today), Ok(7));
        assert_eq!(judge("2026-11-23", "2026-11-23", today), Ok(1));
        assert!(judge("2026-11-24", "2026-11-23", today).is_err_and(|why| why.contains("after")));
        assert!(judge("2026-11-23", "2026-11-24", today).is_err_and(|why| why.contains("future")));
        assert!(judge("2025-11-22", "2026-11-23", today).is_err_and(|why| why.contains("366")));
        assert!(judge("", "2026-11-23", today).is_err_and(|why| why.contains("both")));
    }
}
