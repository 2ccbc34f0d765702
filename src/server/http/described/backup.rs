//! A backup, as the API's description shows it.

use chrono::{DateTime, NaiveDate, Utc};
use utoipa::ToSchema;

use crate::model::game::ResultStatus;

/// Games and results in a file. What else stands in it is left aside.
#[derive(ToSchema)]
#[expect(dead_code, reason = "backups are read and written piece by piece")]
pub struct Backup {
    games: Vec<BackupGame>,
    results: Vec<BackupResult>,
    /// When it was exported.
    export_date: Option<String>,
    version: Option<String>,
    source: Option<String>,
    stats: Option<BackupStats>,
}

/// A game in a backup.
#[derive(ToSchema)]
#[expect(dead_code, reason = "backups are read and written piece by piece")]
struct BackupGame {
    /// By this the results of the same file name it.
    id: i64,
    base_game_id: String,
    game_name: String,
    country_code: Option<String>,
    is_active: Option<bool>,
    created_at: Option<DateTime<Utc>>,
}

/// A result in a backup.
#[derive(ToSchema)]
#[expect(dead_code, reason = "backups are read and written piece by piece")]
struct BackupResult {
    id: Option<i64>,
    /// The `id` of a game of the same file.
    game_id: i64,
    full_game_code: Option<String>,
    result_date: NaiveDate,
    result_3up: Option<String>,
    result_2down: Option<String>,
    result_4up: Option<String>,
    status: ResultStatus,
    created_at: Option<DateTime<Utc>>,
}

/// How much there is in a backup.
#[derive(ToSchema)]
#[expect(dead_code, reason = "backups are read and written piece by piece")]
struct BackupStats {
    total_games: i64,
    total_results: i64,
}
