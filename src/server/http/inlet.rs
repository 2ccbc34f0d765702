//! What reads what anybody may send, before anything is known of who it is. In the open, so that `fuzz/` can feed it what
//! nobody would.

pub use super::{
    cookies::session,
    coverage::Asked as CoverageAsked,
    form::{is_cut_off, open},
    history::Asked as HistoryAsked,
    params::Parameters,
    results::Asked as ResultsAsked,
    zone::ReadersZone,
};
