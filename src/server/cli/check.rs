//! `numwatch import backup FILE --dry-run`: what the import would do.

use std::{path::Path, process::ExitCode};

use super::{backup_file, connect::Failure, parts::Parts, print};
use crate::{
    model::{checked::Checked, difference::DrawValues},
    server::{actor::Actor, services::ServiceError},
};

/// Checks the file, and says what was found. Ends well when the file could be imported.
///
/// # Errors
/// When it could not be, or the check fails: a sentence.
pub async fn run(parts: &Parts, file: &Path) -> Result<ExitCode, Failure> {
    let told = |error: ServiceError| error.tell();
    let by = Actor::terminal();
    let (announced, body) = backup_file::open(file).await?;
    let checked = parts
        .checks
        .check(announced, body, &by)
        .await
        .map_err(told)?;
    // Nobody is going to import it from there.
    parts
        .checks
        .discard(&checked.checked, &by)
        .await
        .map_err(told)?;
    for line in lines(&checked) {
        print::line(&line)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What there is to say: a sentence, the counters, and the first of what stays and of what would be rejected.
fn lines(checked: &Checked) -> Vec<String> {
    let mut lines = vec![
        checked.outcome(),
        format!(
            "{} records, {} rejected; games: {} created, {} updated; results: {} created, {} updated, {} unchanged, {} differing, {} duplicates.",
            checked.records_processed,
            checked.records_rejected,
            checked.games_created,
            checked.games_updated,
            checked.results_created,
            checked.results_updated,
            checked.results_unchanged,
            checked.results_differing,
            checked.duplicates,
        ),
    ];
    lines.extend(checked.differences.0.iter().map(|difference| {
        let [stored, brought] = [&difference.stored, &difference.brought].map(values);
        let (name, date) = (&difference.game_name, difference.result_date);
        format!("Differs: {name}, {date}: stored {stored}, file {brought}")
    }));
    lines.extend(checked.rejects.iter().map(|reject| {
        let (section, position) = (&reject.section, reject.position);
        format!("Rejected: {section} {position}: {}", reject.reason)
    }));
    lines.push("Nothing was imported.".into());
    lines
}

/// The values of a draw, and its status: `282-05-– completed`.
fn values(draw: &DrawValues) -> String {
    let values = [&draw.result_3up, &draw.result_2down, &draw.result_4up];
    let values = values.map(|value| value.as_deref().unwrap_or("–"));
    format!("{} {}", values.join("-"), draw.status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{import_log::ImportReject, sample_log};

    #[test]
    fn it_tells_what_would_be_counted_and_what_would_be_rejected() {
        let reject = ImportReject {
            section: "results".into(),
            position: 3,
            date: None,
            reason: "game_id 9 is the id of no game in this file.".into(),
            record: "{}".into(),
        };
        let checked = Checked {
            results_created: 2,
            results_unchanged: 507,
            records_rejected: 1,
            rejects: vec![reject],
            ..sample_log::checked()
        };
        assert_eq!(
            lines(&checked),
            [
                "An import would add 2 results. 1 of 510 records would be rejected.",
                "510 records, 1 rejected; games: 0 created, 0 updated; results: 2 created, 0 updated, 507 unchanged, 0 differing, 0 duplicates.",
                "Rejected: results 3: game_id 9 is the id of no game in this file.",
                "Nothing was imported.",
            ]
        );
    }
}
