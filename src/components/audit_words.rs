//! The audit in words: one home for what each deed, actor and detail is called.

use chrono::NaiveDate;

use super::{
    calendar,
    format::{count, thousands},
    import_row::type_in_words,
};
use crate::model::{
    access::Action,
    audit::{ActorKind, AuditLine, Deed, Detail},
    import_log::ImportType,
};

/// A deed as somebody did it, and as somebody tried to.
const fn words(deed: Deed) -> (&'static str, &'static str) {
    match deed {
        Deed::Of(action) => match action {
            Action::See => ("Looked at a page", "look at a page"),
            Action::OwnAccount => ("Changed their own account", "change their own account"),
            Action::Import => ("Asked for an import", "ask for an import"),
            Action::Check => ("Checked a file", "check a file"),
            Action::Retry => ("Ran failed imports again", "run failed imports again"),
            Action::Cancel => ("Stopped an import", "stop an import"),
            Action::Dismiss => ("Dismissed a failure", "dismiss a failure"),
            Action::Undo => ("Undid an import", "undo an import"),
            Action::Trigger => (
                "Let the scheduler run at once",
                "let the scheduler run at once",
            ),
            Action::SwitchScheduler => ("Switched the scheduler", "switch the scheduler"),
            Action::RemoveLogs => ("Removed logs", "remove logs"),
            Action::ClearData => (
                "Cleared all games and results",
                "clear all games and results",
            ),
            Action::ManageAccounts => ("Changed an account", "change an account"),
            Action::ManageTokens => ("Changed an API token", "change an API token"),
            Action::TestAlerts => ("Sent a test alert", "send a test alert"),
            Action::ReadAudit => ("Read the audit", "read the audit"),
        },
        Deed::SignIn => ("Signed in", "sign in"),
        Deed::SignOut => ("Signed out", "sign out"),
        Deed::Unknown => (
            "Did what only a newer version can name",
            "do what only a newer version can name",
        ),
    }
}

/// A deed in words.
#[must_use]
pub const fn deed_in_words(deed: Deed) -> &'static str {
    words(deed).0
}

/// What a line says that was done, or tried.
#[must_use]
pub fn sentence(line: &AuditLine) -> String {
    let (did, tried) = words(line.action);
    let state = match line.detail.on {
        Some(true) => " on",
        Some(false) => " off",
        None => "",
    };
    if line.refused {
        format!("Tried to {tried}{state}")
    } else {
        format!("{did}{state}")
    }
}

/// What somebody is, in words.
#[must_use]
pub const fn kind_in_words(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Anyone => "nobody",
        ActorKind::Account => "an account",
        ActorKind::Token => "an API token",
        ActorKind::Terminal => "a terminal",
        ActorKind::Scheduler => "the scheduler",
        ActorKind::Unknown => "known to a newer version",
    }
}

/// Who did it: what they are called, and, where that doesn't say it, what they are.
#[must_use]
pub fn who(line: &AuditLine) -> (String, Option<&'static str>) {
    let kind = match line.actor_kind {
        ActorKind::Anyone => "without an account",
        ActorKind::Account => "account",
        ActorKind::Token => "API token",
        ActorKind::Terminal => "terminal",
        ActorKind::Scheduler => "scheduler",
        ActorKind::Unknown => "known to a newer version",
    };
    match (&line.actor_name, line.actor_kind) {
        (Some(name), _) => (name.clone(), Some(kind)),
        (None, ActorKind::Scheduler) => ("The scheduler".into(), None),
        (None, ActorKind::Anyone) => ("Somebody".into(), Some(kind)),
        (None, _) => ("Unnamed".into(), Some(kind)),
    }
}

/// What more there is to say, a word or two each.
#[must_use]
pub fn details(detail: &Detail, today: NaiveDate) -> Vec<String> {
    let number = |number: Option<i64>, one, many| number.map(|it| count(it, one, many));
    let said = [
        detail.what.as_deref().map(what),
        detail.name.clone(),
        detail.role.map(|role| format!("role {role}")),
        detail
            .days
            .map(|(first, last)| calendar::days(first, last, today)),
        number(detail.logs, "log", "logs"),
        number(detail.games, "game", "games"),
        number(detail.results, "result", "results"),
        detail.filter.as_ref().map(|filter| {
            let wanted = filter.replace('&', ", ");
            format!("those with {wanted}")
        }),
        detail.why.clone(),
    ];
    said.into_iter().flatten().collect()
}

/// What in particular was done; the type of an import in words.
fn what(word: &str) -> String {
    match ImportType::from(word) {
        ImportType::Unknown => word.to_owned(),
        kind => type_in_words(kind).to_owned(),
    }
}

/// How many lines there are of those that were counted; `most` counts no further.
#[must_use]
pub fn lines(matches: usize, most: usize) -> String {
    let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    if matches > most {
        format!("over {} lines", thousands(whole(most)))
    } else {
        count(whole(matches), "line", "lines")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{access::Role, import_log::Requester};

    fn line(deed: Deed) -> AuditLine {
        AuditLine {
            id: 1,
            at: chrono::DateTime::UNIX_EPOCH,
            action: deed,
            refused: false,
            actor_kind: ActorKind::Account,
            actor_id: Some(7),
            actor_name: Some("somchai".into()),
            door: Requester::Page,
            address: None,
            import_id: None,
            detail: Detail::default(),
        }
    }

    #[test]
    fn no_two_deeds_are_called_alike() {
        let mut said: Vec<_> = Deed::all()
            .flat_map(|it| <[_; 2]>::from(words(it)))
            .collect();
        let many = said.len();
        said.sort_unstable();
        said.dedup();
        assert_eq!(said.len(), many);
    }

    #[test]
    fn what_was_refused_was_only_tried() {
        let switched = AuditLine {
            detail: Detail {
                on: Some(false),
                ..Detail::default()
            },
            ..line(Deed::Of(Action::SwitchScheduler))
        };
        assert_eq!(sentence(&switched), "Switched the scheduler off");
        let refused = AuditLine {
            refused: true,
            ..line(Deed::Of(Action::ClearData))
        };
        assert_eq!(sentence(&refused), "Tried to clear all games and results");
    }

    #[test]
    fn the_type_of_an_import_is_told_in_words() {
        for kind in ImportType::ALL {
            assert_eq!(what(kind.as_str()), type_in_words(kind));
        }
        assert_eq!(what("disabled"), "disabled");
    }

    #[test]
    fn details_are_told_one_by_one() {
        let day = |text: &str| text.parse().expect("a day");
        let detail = Detail {
            what: Some("role changed".into()),
            name: Some("ผลหวย.json".into()),
            role: Some(Role::Operator),
            days: Some((day("2025-06-20"), day("2025-06-22"))),
            filter: Some("status=failed&from=2025-06-22".into()),
            logs: Some(1),
            games: Some(0),
            results: Some(12_345),
            ..Detail::default()
        };
        let said = details(&detail, day("2025-06-30")).join(" · ");
        assert_eq!(
            said,
            "role changed · ผลหวย.json · role operator · 20–22 Jun · 1 log · 0 games · 12,345 results · those with status=failed, from=2025-06-22"
        );
    }
}
