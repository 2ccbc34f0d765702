//! Which server functions have a form on each row.

use leptos::server_fn::ServerFn;

use super::imports::{CancelImport, DismissFailure, RetryImport};

/// A server function whose form stands on the row of an import.
pub trait OnRow: ServerFn {}

/// Declares which do, for those who ask by type and those who ask by path.
macro_rules! on_rows {
    ($($function:ty),+) => {
        $(impl OnRow for $function {})+

        /// Their paths.
        pub const ON_ROWS: [&str; [$(<$function>::PATH),+].len()] = [$(<$function>::PATH),+];
    };
}
on_rows!(RetryImport, CancelImport, DismissFailure);
