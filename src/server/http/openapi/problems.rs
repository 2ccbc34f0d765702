//! The errors that the API answers: when each comes, and one as an example.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::super::problem::Problem;

/// An error: its status, when it comes, and what it says for example.
struct Told {
    status: u16,
    when: &'static str,
    says: &'static str,
}

const fn told(status: u16, when: &'static str, says: &'static str) -> Told {
    Told { status, when, says }
}

const ALL: [Told; 17] = [
    told(
        400,
        "The request can't be read.",
        "limit is \"many\", which is no whole number from 0 to 200. Write it as limit=20.",
    ),
    told(
        401,
        "Nobody is signed in, or not any more.",
        "Nobody is signed in, or not any more. Sign in, and try again.",
    ),
    told(
        403,
        "Whoever asks may not do this.",
        "token nightly has the role viewer and may not run imports: that takes an operator. Ask an admin to do it, or for the role.",
    ),
    told(
        404,
        "There is no such thing.",
        "There is no import #12. Its log may have been cleared.",
    ),
    told(
        406,
        "No answer can be given that the `Accept` or `Accept-Encoding` header takes. Nothing was done.",
        "Answers are JSON (application/json), as they are or packed with gzip, and the Accept or Accept-Encoding header takes neither. Nothing was done.",
    ),
    told(
        408,
        "The body did not arrive in time. Nothing was done.",
        "The request's body did not arrive within 30 s (NUMWATCH_BODY_IDLE_SECONDS). Nothing was done; send it again.",
    ),
    told(
        409,
        "It can't be done in the present state.",
        "Import #12 has ended already (success); there is nothing to cancel.",
    ),
    told(
        413,
        "The body is larger than this server takes.",
        "The request's body is too long: 1048576 bytes is the most that is accepted (NUMWATCH_MAX_BODY_BYTES). Nothing was done. A backup goes to POST /import-backup.",
    ),
    told(
        414,
        "The address is too long.",
        "The address is too long: 9000 bytes, and 8192 is the most that is accepted (NUMWATCH_MAX_URL_BYTES). Ask for less at once.",
    ),
    told(
        415,
        "The body is of a kind that no import reads.",
        "A backup is JSON, as it is or packed with gzip, and this was sent as \"text/csv\". Send it as application/json or application/gzip.",
    ),
    told(
        421,
        "The server isn't known by the name that it was asked under.",
        "This server isn't known by the name that it was asked under. NUMWATCH_HOSTS lists the names that it has besides localhost and its own address.",
    ),
    told(
        422,
        "It can be read, but its content can't be used.",
        "Not a backup: the file ends in the middle of a record (byte 48,213). It looks like a download that was cut off; download it again.",
    ),
    told(
        429,
        "Too much of it in too short a time. `Retry-After` says after how many seconds to try again.",
        "100 imports of yours wait already, and no more may (NUMWATCH_MAX_WAITING). Try again when some of them have ended.",
    ),
    told(
        431,
        "The request's headers are too many or too long.",
        "The request's headers are too many: 120, and 100 is the most that is accepted (NUMWATCH_MAX_HEADERS). If a browser sends them, delete its cookies of this site.",
    ),
    told(
        500,
        "A fault of NumWatch itself.",
        "A fault of NumWatch itself. The server's log has the cause.",
    ),
    told(
        503,
        "Something that NumWatch depends on is missing or down: trying again later may help.",
        "The database can't be reached. Try again in a moment.",
    ),
    told(
        507,
        "The disk is full.",
        "The disk for temporary files is full. Free some space, then try again.",
    ),
];

/// What each request may be answered.
pub const OF_ALL: [u16; 5] = [414, 421, 431, 500, 503];

/// What each may that shows who asks.
pub const OF_KNOWN: [u16; 2] = [401, 403];

/// What each may that can be written in a wrong way.
pub const OF_ASKING: [u16; 1] = [400];

/// What each may that changes something.
pub const OF_CHANGING: [u16; 4] = [403, 406, 408, 413];

/// All of them as answers of the description, each by its name.
pub fn answers() -> Value {
    let all = ALL.iter().filter_map(|it| {
        let status = StatusCode::from_u16(it.status).ok()?;
        let example = serde_json::to_value(Problem::plain(status, it.says)).ok()?;
        let answer = json!({
            "description": it.when,
            "content": {
                "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                    "example": example,
                },
            },
        });
        Some((name(it.status), answer))
    });
    Value::Object(all.collect())
}

/// A reference to one.
pub fn reference(status: u16) -> Value {
    json!({ "$ref": format!("#/components/responses/{}", name(status)) })
}

/// By what it is referred to: `NotFound`.
fn name(status: u16) -> String {
    let status = StatusCode::from_u16(status).ok();
    let reason = status.and_then(|it| it.canonical_reason());
    reason.unwrap_or("Error").replace([' ', '-'], "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// Those that only pages hear of: no answer came, or another edition's.
    const OF_PAGES: [u16; 2] = [504, 426];

    #[test]
    fn each_kind_of_error_is_told_of() {
        for status in 400..600 {
            let kind = ErrorKind::of_status(status);
            if kind.status() == status && !OF_PAGES.contains(&status) {
                assert!(ALL.iter().any(|it| it.status == status), "{status}");
            }
        }
    }
}
