//! Secrets come from a variable or from the file that another variable names, and no error shows one.

use std::{fs, io};

use url::Url;

use super::{ConfigError, Reader, wrong};
use crate::server::secret::{ExposeSecret as _, SecretString, SecretUrl};

impl Reader<'_> {
    /// A secret: the value of `NAME`, or what the file holds that `NAME_FILE` names, without its last line break.
    ///
    /// # Errors
    /// When both are set, or the file can't be read or is no line of text.
    pub fn secret(&self, name: &'static str) -> Result<Option<SecretString>, ConfigError> {
        let from_file = format!("{name}_FILE");
        let value = self.text(name);
        let Some(path) = self.text(&from_file) else {
            return Ok(value.map(Into::into));
        };
        if value.is_some() {
            return Err(wrong(
                name,
                format!(
                    "is set, and {from_file} is set too. Keep one of them, and take the other away"
                ),
            ));
        }
        // Who mistakes one variable for the other has written a secret where a path belongs.
        let shown = if path.contains("://") {
            "its value".to_owned()
        } else {
            format!("\"{path}\"")
        };
        let problem = match fs::read_to_string(&path).map(one_line) {
            Ok(Ok(secret)) => return Ok(Some(secret)),
            Ok(Err(problem)) => format!("{shown} {problem}"),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                format!("{shown} is no text")
            }
            Err(error) => format!("{shown} can't be read ({error})"),
        };
        Err(wrong(
            from_file,
            format!(
                "{problem}. Name a file that NumWatch may read, and that holds what {name} would be"
            ),
        ))
    }

    /// A secret that is an address.
    ///
    /// # Errors
    /// As [`Self::secret`], and when it is no URL.
    pub fn secret_url(&self, name: &'static str) -> Result<Option<SecretUrl>, ConfigError> {
        self.secret(name)?
            .map(|secret| {
                let url = secret.expose_secret().parse::<Url>();
                url.map(SecretUrl::from)
                    .map_err(|error| wrong(name, format!("is not a URL ({error})")))
            })
            .transpose()
    }
}

/// What a file holds, without its last line break; or what is wrong with it.
fn one_line(text: String) -> Result<SecretString, &'static str> {
    let text = SecretString::from(text);
    let whole = text.expose_secret();
    let line = whole.strip_suffix('\n').unwrap_or(whole);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.trim().is_empty() {
        return Err("is empty");
    }
    if line.contains(['\n', '\r']) {
        return Err("has more than one line");
    }
    Ok(line.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const NAME: &str = "DATABASE_URL";

    fn read(variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let lookup = |name: &str| {
            let mut set = variables.iter().filter(|(key, _)| *key == name);
            set.next().map(|(_, value)| (*value).to_owned())
        };
        let read = Reader(&lookup).secret(NAME);
        read.map(|secret| secret.map(|secret| secret.expose_secret().to_owned()))
            .map_err(|error| error.to_string())
    }

    /// What is read from a file that holds these bytes.
    fn from_file(holds: &[u8]) -> Result<Option<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, holds).unwrap();
        read(&[("DATABASE_URL_FILE", path.to_str().unwrap())])
            .map_err(|error| error.replace(path.to_str().unwrap(), "PATH"))
    }

    #[test]
    fn a_secret_comes_from_the_environment_or_from_a_file() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(NAME, " x ")]), Ok(Some("x".into())));
        assert_eq!(
            read(&[(NAME, "x"), ("DATABASE_URL_FILE", "")]),
            Ok(Some("x".into()))
        );
        for text in ["a b", "a b\n", "a b\r\n"] {
            assert_eq!(from_file(text.as_bytes()), Ok(Some("a b".into())));
        }
        let both = read(&[(NAME, "x"), ("DATABASE_URL_FILE", "/run/secrets/y")]);
        assert_eq!(
            both.unwrap_err(),
            "DATABASE_URL: is set, and DATABASE_URL_FILE is set too. Keep one of them, and take the other away"
        );
    }

    #[test]
    fn a_file_that_holds_no_secret_is_called_what_it_is() {
        for (bytes, words) in [
            (&b""[..], "is empty"),
            (b"\n", "is empty"),
            (b" \r\n", "is empty"),
            (b"a\nb\n", "has more than one line"),
            (b"a\n\n", "has more than one line"),
            (b"\xff\xfe", "is no text"),
        ] {
            assert_eq!(
                from_file(bytes).unwrap_err(),
                format!(
                    "DATABASE_URL_FILE: \"PATH\" {words}. Name a file that NumWatch may read, and that holds what DATABASE_URL would be"
                )
            );
        }
        let absent = read(&[("DATABASE_URL_FILE", "/absent/file")]).unwrap_err();
        assert!(absent.contains("\"/absent/file\" can't be read (No such file"));
        assert!(!Path::new("/absent/file").exists());
    }

    #[test]
    fn a_secret_where_a_path_belongs_is_not_shown() {
        let error = read(&[("DATABASE_URL_FILE", "postgres://u:hunter2@host/db")]).unwrap_err();
        assert!(
            error.starts_with("DATABASE_URL_FILE: its value can't be read"),
            "{error}"
        );
        assert!(!error.contains("hunter2"), "{error}");
    }
}
