//! What happened to an import in words, step by step.

use chrono::{DateTime, Utc};

use super::{about::door_in_words, format};
use crate::model::{
    import_log::{ImportLog, ImportStatus, ImportType, Phase, Requester},
    timeline::{EventKind, ImportEvent},
};

/// A line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `None`: now.
    pub at: Option<DateTime<Utc>>,
    pub says: String,
    /// The other import that it tells of.
    pub other: Option<i32>,
    /// How long it took, or how long had passed.
    pub span: Option<String>,
}

/// From where somebody asked, and who that was: "from the page, by somchai".
fn from(door: Requester, name: Option<&str>) -> String {
    let by = name.map_or_else(String::new, |name| format!(", by {name}"));
    format!("from {}{by}", door_in_words(door))
}

const fn phase_in_words(phase: Option<Phase>) -> &'static str {
    match phase {
        Some(Phase::Reading) => "It was read",
        Some(Phase::Loading) => "It was merged into the data",
        Some(Phase::Finishing) => "It was committed",
        _ => "It went on",
    }
}

/// What it does now.
const fn now_in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Uploading => "The file arrives",
        Phase::Queued => "It waits in line for a worker",
        Phase::Fetching => "The feed is asked",
        Phase::Reading => "It is being read",
        Phase::Loading => "It is being merged into the data",
        Phase::Finishing => "It is being committed",
        Phase::Ended | Phase::Unknown => "It goes on",
    }
}

fn said(event: &ImportEvent) -> String {
    let detail = event.detail.as_deref();
    let from = || {
        let door = detail.map_or(Requester::Unknown, Requester::from);
        from(door, event.by.as_deref())
    };
    match event.kind {
        EventKind::Received => "The file had arrived, and waited in line".into(),
        EventKind::Begun if event.attempt == 1 => "A worker began it".into(),
        EventKind::Begun => format!("A worker began attempt {}", event.attempt),
        EventKind::Phase => phase_in_words(event.phase).into(),
        EventKind::HandedBack => match detail {
            Some(why) => format!(
                "Attempt {} did not succeed, and it went back in line: {why}",
                event.attempt
            ),
            None => "Its process was stopped, and handed it back unfinished".into(),
        },
        EventKind::CancelAsked => format!("It was asked to stop {}", from()),
        EventKind::Dismissed => {
            format!("It was dismissed {}: nobody will retry it", from())
        }
        EventKind::Undone => format!("What it brought was undone {}", from()),
        EventKind::Retried => format!("It was run again {}, as", from()),
        EventKind::Resolved => "What it lacked had come with".into(),
        EventKind::Unknown => "Something happened that only a newer version can name".into(),
    }
}

/// What comes after an import's end.
const fn is_afterwards(kind: EventKind) -> bool {
    matches!(
        kind,
        EventKind::Dismissed | EventKind::Undone | EventKind::Retried | EventKind::Resolved
    )
}

/// The steps of an import; of one without events those that its columns tell.
#[must_use]
pub fn steps(log: &ImportLog, events: &[ImportEvent]) -> Vec<Step> {
    let name = log.requested_by_name.as_deref();
    let accepted = match (log.requested_by, log.retry_of) {
        (Some(Requester::Scheduler), _) => "The scheduler started it".to_owned(),
        (Some(by), None) => format!("It was accepted {}", from(by, name)),
        (Some(by), Some(_)) => format!("It was started {}, as a retry of", from(by, name)),
        (None, None) => "It was accepted".to_owned(),
        (None, Some(_)) => "It was started as a retry of".to_owned(),
    };
    let mut steps = vec![Step {
        at: Some(log.started_at),
        says: accepted,
        other: log.retry_of,
        span: None,
    }];
    let during: Vec<_> = events.iter().filter(|it| !is_afterwards(it.kind)).collect();
    let mut since = log.started_at;
    for (nth, event) in during.iter().enumerate() {
        let next = during.get(nth + 1).map(|next| next.at);
        let span = |from, to| format::duration(to - from);
        let span = match event.kind {
            EventKind::Phase => next.or(log.completed_at).map(|end| span(event.at, end)),
            EventKind::Received => Some(format!("after {}", span(since, event.at))),
            EventKind::Begun => Some(format!("after {} in line", span(since, event.at))),
            _ => None,
        };
        since = event.at;
        steps.push(Step {
            at: Some(event.at),
            says: said(event),
            other: event.other,
            span,
        });
    }
    steps.push(match log.completed_at {
        Some(end) => Step {
            at: Some(end),
            says: match log.status {
                ImportStatus::Success => "It succeeded".into(),
                _ if log.is_cancelled() => "It was cancelled".into(),
                _ => "It failed".into(),
            },
            other: None,
            span: Some(format!("{} in all", format::duration(end - log.started_at))),
        },
        None => Step {
            at: None,
            says: match log.import_type {
                ImportType::DateRange if log.phase != Phase::Queued => {
                    "It asks for its days".into()
                }
                _ => now_in_words(log.phase).into(),
            },
            other: None,
            span: log.trouble.clone(),
        },
    });
    let afterwards = events.iter().filter(|it| is_afterwards(it.kind));
    steps.extend(afterwards.map(|event| Step {
        at: Some(event.at),
        says: said(event),
        other: event.other,
        span: None,
    }));
    steps
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::sample_log::ended;

    fn event(log: &ImportLog, millis: i64, kind: EventKind, attempt: i32) -> ImportEvent {
        ImportEvent {
            at: log.started_at + TimeDelta::milliseconds(millis),
            kind,
            attempt,
            phase: None,
            detail: None,
            by: None,
            other: None,
        }
    }

    fn told(steps: &[Step]) -> Vec<String> {
        let told = |step: &Step| match &step.span {
            Some(span) => format!("{}, {span}", step.says),
            None => step.says.clone(),
        };
        steps.iter().map(told).collect()
    }

    #[test]
    fn each_step_has_its_place_and_its_span() {
        let log = ended(ImportType::Backup);
        let log = ImportLog {
            completed_at: Some(log.started_at + TimeDelta::milliseconds(9000)),
            requested_by: Some(Requester::Page),
            ..log
        };
        let phase = |millis, attempt, phase| ImportEvent {
            phase: Some(phase),
            ..event(&log, millis, EventKind::Phase, attempt)
        };
        let events = [
            event(&log, 1000, EventKind::Received, 0),
            event(&log, 1500, EventKind::Begun, 1),
            phase(1500, 1, Phase::Reading),
            ImportEvent {
                detail: Some("The process that worked on it stopped.".into()),
                ..event(&log, 3000, EventKind::HandedBack, 1)
            },
            event(&log, 5000, EventKind::Begun, 2),
            phase(5000, 2, Phase::Reading),
            phase(7000, 2, Phase::Loading),
            phase(8900, 2, Phase::Finishing),
        ];
        assert_eq!(
            told(&steps(&log, &events)),
            [
                "It was accepted from the page",
                "The file had arrived, and waited in line, after 1.0 s",
                "A worker began it, after 0.5 s in line",
                "It was read, 1.5 s",
                "Attempt 1 did not succeed, and it went back in line: The process that worked on it stopped.",
                "A worker began attempt 2, after 2.0 s in line",
                "It was read, 2.0 s",
                "It was merged into the data, 1.9 s",
                "It was committed, 0.1 s",
                "It succeeded, 9.0 s in all",
            ]
        );
    }

    #[test]
    fn an_import_without_events_tells_what_its_columns_do() {
        let log = ended(ImportType::SampleData);
        let log = ImportLog {
            completed_at: Some(log.started_at + TimeDelta::milliseconds(40)),
            requested_by: None,
            retry_of: Some(3),
            ..log
        };
        let steps = steps(&log, &[]);
        assert_eq!(
            told(&steps),
            ["It was started as a retry of", "It succeeded, 40 ms in all"]
        );
        assert_eq!(steps[0].other, Some(3));
    }

    #[test]
    fn what_comes_after_the_end_leads_to_the_other_imports() {
        let log = ImportLog {
            status: ImportStatus::Failed,
            ..ended(ImportType::DateRange)
        };
        let after = |kind, detail: &str, other| ImportEvent {
            detail: Some(detail.into()),
            other,
            ..event(&log, -5000, kind, 0)
        };
        let events = [
            after(EventKind::CancelAsked, "api", None),
            after(EventKind::Retried, "page", Some(7)),
            after(EventKind::Resolved, "", Some(8)),
            after(EventKind::Dismissed, "page", None),
            event(&log, 0, EventKind::Unknown, 1),
        ];
        let steps = steps(&log, &events);
        let told: Vec<_> = steps
            .iter()
            .map(|it| (it.says.as_str(), it.other))
            .collect();
        assert_eq!(told[1], ("It was asked to stop from the API", None));
        assert_eq!(
            told[2].0,
            "Something happened that only a newer version can name"
        );
        assert_eq!(told[4], ("It was run again from the page, as", Some(7)));
        assert_eq!(told[5], ("What it lacked had come with", Some(8)));
        assert_eq!(
            told[6].0,
            "It was dismissed from the page: nobody will retry it"
        );
    }

    #[test]
    fn a_running_import_says_what_it_does() {
        let log = ImportLog {
            status: ImportStatus::Running,
            phase: Phase::Loading,
            completed_at: None,
            ..ended(ImportType::Backup)
        };
        let steps = steps(&log, &[]);
        assert_eq!(steps[1].says, "It is being merged into the data");
        assert_eq!(steps[1].at, None);
    }
}
