//! A draw of which an import and the database held different values.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{game::ResultStatus, moment};

/// Of one import so many are kept; its counters count all.
pub const DIFFERENCES_KEPT: usize = 20;

/// What a draw came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct DrawValues {
    pub result_3up: Option<String>,
    pub result_2down: Option<String>,
    pub result_4up: Option<String>,
    pub status: ResultStatus,
}

/// Both values of a draw. A feed's have replaced the stored ones; a backup's were left aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Difference {
    pub base_game_id: String,
    pub game_name: String,
    #[serde(with = "moment")]
    pub result_date: NaiveDate,
    /// What the database held when the import came.
    pub stored: DrawValues,
    /// What the import brought.
    pub brought: DrawValues,
}

/// The first [`DIFFERENCES_KEPT`] of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Differences(pub Vec<Difference>);
