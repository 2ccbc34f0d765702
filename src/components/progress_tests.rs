//! What a running import says of itself.

use chrono::DateTime;

use super::*;
use crate::model::{difference::Differences, import_log::ImportStatus};

fn running(phase: Phase, progress: i64) -> ImportLog {
    ImportLog {
        id: 1,
        filename: Some("backup.json".into()),
        import_type: ImportType::Backup,
        started_at: DateTime::UNIX_EPOCH,
        completed_at: None,
        status: ImportStatus::Running,
        records_processed: 812_000,
        games_created: 0,
        results_created: 0,
        error_message: None,
        file_size: Some(239_000_000),
        phase,
        progress,
        progress_total: Some(239_000_000),
        bytes_per_second: None,
        seconds_left: None,
        games_updated: 0,
        results_updated: 0,
        results_corrected: 0,
        results_unchanged: 0,
        results_differing: 0,
        differences: Differences::default(),
        duplicates: 0,
        records_rejected: 0,
        failure_kind: None,
        note: None,
        waits_until: None,
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

#[test]
fn it_says_what_is_known() {
    let log = running(Phase::Reading, 194_000_000);
    assert_eq!(
        line(&log),
        "Reading · 812,000 records · 194 MB of 239 MB",
        "nothing is known of its pace yet"
    );
    let log = ImportLog {
        bytes_per_second: Some(32_100_000),
        seconds_left: Some(2),
        ..log
    };
    assert_eq!(
        line(&log),
        "Reading · 812,000 records · 194 MB of 239 MB · 32.1 MB/s · 2 s left"
    );
    let chunked = ImportLog {
        records_processed: 0,
        progress_total: None,
        seconds_left: None,
        ..log.clone()
    };
    assert_eq!(line(&chunked), "Reading · 194 MB · 32.1 MB/s");
    let log = ImportLog {
        seconds_left: Some(200),
        ..log
    };
    assert!(line(&log).ends_with(" · 3 min left"), "{}", line(&log));
}

#[test]
fn a_phase_that_counts_nothing_has_no_share() {
    assert_eq!(fraction(&running(Phase::Reading, 119_500_000)), Some(500));
    let loading = running(Phase::Loading, 239_000_000);
    assert_eq!(fraction(&loading), None);
    assert_eq!(line(&loading), "Loading · 812,000 records");
}

#[test]
fn days_are_counted_from_one() {
    let log = ImportLog {
        progress_total: Some(7),
        import_type: ImportType::DateRange,
        records_processed: 0,
        seconds_left: Some(9),
        ..running(Phase::Fetching, 2)
    };
    assert_eq!(line(&log), "Asking the feed (day 3 of 7) · 9 s left");
    let log = ImportLog {
        attempt: 2,
        records_processed: 0,
        ..running(Phase::Queued, 0)
    };
    assert_eq!(line(&log), "Waiting for a worker · attempt 2");
}
