//! What answers look like, for example: by the operation's name and the answer's status. Tests hold them against the schemas.

use std::sync::LazyLock;

use serde_json::Value;

static ALL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// Those of an operation.
pub fn of(operation: &str) -> Option<&'static Value> {
    ALL.get(operation)
}
