//! Which server functions may take their time.

use leptos::server_fn::ServerFn as _;

use super::imports::ClearImportLogs;

/// The functions whose work grows with what is stored: they are given the time that it takes. All others answer
/// within seconds.
pub const PATIENT: [&str; 1] = [ClearImportLogs::PATH];
