//! What the pace comes to.

use super::*;
use crate::model::import_log::ImportStatus;

fn running(phase: Phase, progress: i64) -> ImportLog {
    ImportLog {
        id: 1,
        filename: Some("backup.json".into()),
        import_type: ImportType::Backup,
        started_at: at(0),
        completed_at: None,
        status: ImportStatus::Running,
        records_processed: 812_000,
        games_created: 0,
        results_created: 0,
        error_message: None,
        file_size: Some(1000),
        phase,
        progress,
        progress_total: Some(1000),
        results_updated: 0,
        results_unchanged: 0,
        duplicates: 0,
        records_rejected: 0,
        failure_kind: None,
        attempt: 1,
        payload_sha256: None,
        range_start: None,
        range_end: None,
        successful_dates: None,
        failed_dates: None,
        retry_of: None,
        resolved_by: None,
        requested_by: None,
        cancel_requested: false,
        retryable: false,
    }
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::seconds(seconds)
}

#[test]
fn two_sightings_tell_the_time_left() {
    let log = running(Phase::Reading, 480);
    let pace = Pace::seen(None, &log, at(60));
    assert_eq!(
        line(&log, pace),
        "Reading · 812,000 records · 48 %",
        "one sighting tells nothing"
    );
    let log = running(Phase::Reading, 680);
    let pace = Pace::seen(Some(pace), &log, at(62));
    assert_eq!(
        line(&log, pace),
        "Reading · 812,000 records · 68 % · 3 s left"
    );
}

#[test]
fn a_new_phase_begins_anew() {
    let uploaded = running(Phase::Uploading, 1000);
    let pace = Pace::seen(None, &uploaded, at(10));
    let reading = running(Phase::Reading, 100);
    assert_eq!(
        Pace::seen(Some(pace), &reading, at(11)).left(&reading),
        None
    );
}

#[test]
fn the_first_phase_may_count_from_the_start() {
    let log = running(Phase::Uploading, 250);
    assert_eq!(
        Pace::seen(None, &log, at(5)).left(&log),
        Some(Duration::seconds(15))
    );
}

#[test]
fn days_are_counted_from_one() {
    let log = ImportLog {
        progress: 2,
        progress_total: Some(7),
        import_type: ImportType::DateRange,
        ..running(Phase::Fetching, 2)
    };
    assert_eq!(phase_in_words(&log), "Asking the feed (day 3 of 7)");
    let log = ImportLog {
        phase: Phase::Queued,
        attempt: 2,
        records_processed: 0,
        ..running(Phase::Queued, 0)
    };
    assert_eq!(
        line(&log, Pace::seen(None, &log, at(1))),
        "Waiting for a worker · attempt 2"
    );
}
