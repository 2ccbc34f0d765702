//! What `POST /import-backup` answers.

use serde::Serialize;
use utoipa::ToSchema;

use crate::model::checked::Checked;

/// What a backup is answered.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum BackupAnswer {
    Imported(BackupImported),
    Checked(Box<CheckAnswer>),
}

/// What the import of a backup came to.
#[derive(Serialize, ToSchema)]
pub struct BackupImported {
    pub message: String,
    pub import_id: i32,
    pub games_created: i32,
    pub results_created: i32,
    pub records_processed: i32,
    pub records_rejected: i32,
    /// The import that had brought the very same file.
    pub same_as: Option<i32>,
}

/// That the import of a backup has begun.
#[derive(Serialize, ToSchema)]
pub struct BackupStarted {
    pub id: i32,
    /// The import that had brought the very same file.
    pub same_as: Option<i32>,
}

/// What a check answers, and that nothing was imported.
#[derive(Serialize, ToSchema)]
#[schema(as = BackupChecked)]
pub struct CheckAnswer {
    pub dry_run: bool,
    pub message: String,
    #[serde(flatten)]
    pub checked: Checked,
}
