//! The sentences that say what is wrong with a record.

use std::fmt;

use serde_json::Value;

use super::record::fits;

/// How much of a wrong value a reason quotes, in characters.
const QUOTED_MAX: usize = 60;

/// The text, if a `varchar(max)` holds it.
pub fn fitting<'a>(name: &str, text: &'a str, max: usize) -> Result<&'a str, String> {
    if fits(text, max) {
        return Ok(text);
    }
    let length = text.chars().count();
    Err(if length > max {
        format!("{name} is {length} characters long; at most {max} fit.")
    } else {
        format!("{name} contains a NUL character, which the database cannot store.")
    })
}

/// The reason for a value that is not what it must be.
pub fn wrong(name: &str, value: &Value, must_be: &str) -> String {
    format!("{name} is {} but must be {must_be}.", Quoted(value))
}

/// A value as JSON, so that control characters are escaped, and cut to a readable length.
pub struct Quoted<'a>(pub &'a Value);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = self.0.to_string();
        match json.char_indices().nth(QUOTED_MAX) {
            Some((end, _)) => write!(f, "{}…", &json[..end]),
            None => f.write_str(&json),
        }
    }
}
