//! What a running import says of itself.

use super::*;
use crate::model::{import_log::ImportStatus, sample_log::ended};

fn running(phase: Phase, progress: i64) -> ImportLog {
    ImportLog {
        completed_at: None,
        status: ImportStatus::Running,
        records_processed: 812_000,
        file_size: Some(239_000_000),
        phase,
        progress,
        progress_total: Some(239_000_000),
        ..ended(ImportType::Backup)
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

#[test]
fn one_that_waits_for_a_worker_knows_its_place() {
    let log = ImportLog {
        records_processed: 0,
        queue_position: Some(2),
        ..running(Phase::Queued, 0)
    };
    assert_eq!(line(&log), "Waiting for a worker · 2nd in line");
}

#[test]
fn trouble_is_told_while_it_lasts() {
    let now = DateTime::UNIX_EPOCH;
    let log = ImportLog {
        trouble: Some("2025-06-04: HTTP 503. Try 3 of 4.".into()),
        waits_until: Some(now + chrono::Duration::seconds(2)),
        ..running(Phase::Fetching, 2)
    };
    assert_eq!(
        waiting(&log, now).as_deref(),
        Some("2025-06-04: HTTP 503. Try 3 of 4. Again in 2 s.")
    );
    let asked_to_wait = ImportLog {
        trouble: None,
        ..log.clone()
    };
    assert_eq!(waiting(&asked_to_wait, now), None, "the feed asked it to");
    let later = ImportLog {
        phase: Phase::Queued,
        ..asked_to_wait
    };
    assert_eq!(
        waiting(&later, now).as_deref(),
        Some("It is tried again in 2 s.")
    );
    let over = ImportLog {
        trouble: None,
        waits_until: None,
        ..log
    };
    assert_eq!(waiting(&over, now), None);
}
