//! What the page of the history shows, and what it asks before something is done to all of it.

use super::asked::Asked;
use crate::{
    error::AppError,
    model::history::{Ask, Bulk, BulkKind, HistoryPage},
    server::{
        http::{params::Parameters, zone::ReadersZone},
        services::ServiceError,
        state::AppState,
    },
};

/// What is to be asked, and the work that is to be told of.
const ASK: &str = "ask";
const WORK: &str = "work";

/// Reads what the page shows that an address asks for.
///
/// # Errors
/// When a parameter is none that there is, or can't be read: a 400 that names it. When the database refuses.
pub async fn read_page(
    state: &AppState,
    parameters: &Parameters,
    zone: ReadersZone,
) -> Result<HistoryPage, AppError> {
    let asked = Asked::read(parameters, zone, &[ASK, WORK])?;
    let kinds = BulkKind::ALL.map(|kind| (kind.as_str(), kind));
    let asks = parameters.word(ASK, &kinds)?;
    let work = parameters.text(WORK).and_then(|work| work.parse().ok());
    let read = async {
        let (slice, matches) = state
            .history
            .page_and_count(&asked.filter, asked.from, asked.limit)
            .await?;
        let asks = match asks {
            Some(BulkKind::Remove) => {
                Some(Ask::Remove(state.history.removable(&asked.filter).await?))
            }
            Some(BulkKind::Retry) => Some(Ask::Retry(state.bulk.retryable(&asked.filter).await?)),
            None => None,
        };
        Ok::<_, ServiceError>((slice, matches, asks, state.bulk.told(work).await?))
    };
    let (slice, matches, asks, work) = read.await.map_err(|error| error.tell())?;
    let (newer, older) = asked.neighbours("/imports", &slice);
    let ask = |kind: BulkKind| asked.address("/imports", &[(ASK, kind.to_string())]) + "#ask";
    Ok(HistoryPage {
        slice,
        matches,
        newer,
        older,
        csv: asked.address_in_instants("/import-logs.csv"),
        bulk: Bulk {
            here: asked.address("/imports", &[]),
            ask_retry: ask(BulkKind::Retry),
            ask_remove: ask(BulkKind::Remove),
            action: asked.address("/imports/bulk", &[]),
            asks,
            work,
        },
        asked: asked.given,
        zone: zone.for_page(&state.clock),
    })
}

/// The page that tells of some work.
#[must_use]
pub fn telling_of(asked: &Asked, work: i32) -> String {
    asked.address("/imports", &[(WORK, work.to_string())])
}
