//! The file `.env`.

/// Takes what `.env` sets, unless the environment sets it. A file that isn't there is no error; one that can't be read is.
///
/// # Errors
/// A sentence that shows no value.
pub fn load() -> Result<(), String> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(error) => Err(sentence(&error)),
    }
}

/// dotenvy's own words quote of a line what it can't read, which may be a secret.
fn sentence(error: &dotenvy::Error) -> String {
    let problem = match error {
        dotenvy::Error::LineParse(..) => {
            "one of its lines is not written as NAME=value. Put values that hold blanks or quotes into quotes."
                .to_owned()
        }
        other => other.to_string(),
    };
    format!(".env can't be read: {problem}")
}
