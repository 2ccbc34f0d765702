//! A log and a check for tests, in which nothing has happened but what a test says.

use chrono::{DateTime, NaiveDate};

use super::{
    checked::Checked,
    difference::Differences,
    import_log::{DateOutcome, ImportDate, ImportLog, ImportStatus, ImportType, Phase},
};

/// An import that succeeded and brought nothing.
#[must_use]
pub fn ended(import_type: ImportType) -> ImportLog {
    ImportLog {
        id: 1,
        filename: None,
        import_type,
        started_at: DateTime::UNIX_EPOCH,
        completed_at: Some(DateTime::UNIX_EPOCH),
        status: ImportStatus::Success,
        records_processed: 0,
        games_created: 0,
        results_created: 0,
        error_message: None,
        file_size: None,
        phase: Phase::Ended,
        progress: 0,
        progress_total: None,
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
        trouble: None,
        queue_position: None,
        attempt: 1,
        payload_sha256: None,
        range_start: None,
        range_end: None,
        successful_dates: None,
        failed_dates: None,
        retry_of: None,
        resolved_by: None,
        superseded_by: None,
        open_failure: false,
        dismissed: false,
        requested_by: None,
        requested_by_name: None,
        request_id: None,
        cancel_requested: false,
        retryable: false,
        undoable: false,
        undone_at: None,
        undone_by: None,
        undone: super::undone::Undone::default(),
    }
}

/// A day of a range that came to this, and brought nothing.
#[must_use]
pub fn day(date: NaiveDate, outcome: DateOutcome) -> ImportDate {
    ImportDate {
        date,
        outcome,
        records_processed: 0,
        games_created: 0,
        results_created: 0,
        results_updated: 0,
        results_corrected: 0,
        failure_kind: None,
        message: None,
    }
}

/// The check of a backup of 510 records, all of which are stored.
#[must_use]
pub fn checked() -> Checked {
    Checked {
        checked: String::new(),
        checked_at: DateTime::UNIX_EPOCH,
        expires_at: DateTime::UNIX_EPOCH,
        filename: None,
        file_size: 1,
        unpacked_size: 1,
        sha256: String::new(),
        records_processed: 510,
        games_created: 0,
        games_updated: 0,
        results_created: 0,
        results_updated: 0,
        results_corrected: 0,
        results_unchanged: 0,
        results_differing: 0,
        duplicates: 0,
        records_rejected: 0,
        created: Vec::new(),
        completed: Vec::new(),
        unchanged: Vec::new(),
        differences: Differences::default(),
        rejects: Vec::new(),
        new_games: Vec::new(),
        note: None,
    }
}
