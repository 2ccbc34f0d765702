//! A role, as the command line reads it.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::model::access::Role;

/// Reads one, and lists them all in the help and in errors.
pub fn role() -> impl TypedValueParser<Value = Role> {
    let words = Role::ALL.map(Role::as_str);
    PossibleValuesParser::new(words).try_map(|word| word.parse())
}
