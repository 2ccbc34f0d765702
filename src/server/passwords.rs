//! Passwords, and the random numbers that sessions and tokens are.

use std::{fmt::Write as _, sync::LazyLock};

use crate::server::{
    request_id,
    secret::{ExposeSecret as _, SecretString},
};
use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{AppError, ErrorKind},
    model::accounts::SHORTEST_PASSWORD,
};

/// Bytes. Longer ones only keep the processor busy.
const LONGEST: usize = 1024;

/// Of a password that nobody knows: whoever gives a name that doesn't exist waits as long as for one that does.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hash(&random().ok()?).ok());

/// Hashes a password: Argon2id with the crate's parameters, which are OWASP's (19 MiB, 2 passes), and a salt of its own.
/// Takes some 20 ms of a processor.
///
/// # Errors
/// When the system has no random numbers.
pub fn hash(password: &SecretString) -> Result<String, AppError> {
    let hashed = Argon2::default().hash_password(password.expose_secret().as_bytes());
    hashed
        .map(|hash: argon2::password_hash::phc::PasswordHash| hash.to_string())
        .map_err(|error| fault(&error))
}

/// Whether a password is the one of this hash; without one it isn't, after the same time.
#[must_use]
pub fn is_right(password: &SecretString, hash: Option<&str>) -> bool {
    let given = password.expose_secret().as_bytes();
    let of_nobody = NOBODYS.as_deref().unwrap_or_default();
    let right = PasswordHash::new(hash.unwrap_or(of_nobody))
        .is_ok_and(|hash| Argon2::default().verify_password(given, &hash).is_ok());
    right && hash.is_some()
}

/// Makes sure that a password is one that can be chosen.
///
/// # Errors
/// A sentence, when it is too short or too long.
pub fn check(password: &SecretString) -> Result<(), AppError> {
    let password = password.expose_secret();
    let sentence = if password.chars().count() < SHORTEST_PASSWORD {
        format!(
            "The password is too short: it must have at least {SHORTEST_PASSWORD} characters. A few words that don't belong together are easy to keep."
        )
    } else if password.len() > LONGEST {
        format!("The password is too long: it may have at most {LONGEST} bytes.")
    } else {
        return Ok(());
    };
    Err(AppError::new(ErrorKind::Unprocessable, sentence))
}

/// 256 random bits, in hexadecimal digits.
///
/// # Errors
/// When the system has no random numbers.
pub fn random() -> Result<SecretString, AppError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| fault(&error))?;
    let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
        // Writing to a string can't fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    });
    Ok(digits.into())
}

/// What the database keeps of such a number. It has too many bits to be guessed: no salt is needed, and no time.
#[must_use]
pub fn fingerprint(random: &str) -> [u8; 32] {
    Sha256::digest(random).into()
}

/// A password for somebody who hasn't chosen one: 100 bits, in letters and digits that can't be taken for one another.
///
/// # Errors
/// When the system has no random numbers.
pub fn generate() -> Result<SecretString, AppError> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|error| fault(&error))?;
    let mut password = String::new();
    for (nth, byte) in bytes.iter().enumerate() {
        if nth > 0 && nth % 5 == 0 {
            password.push('-');
        }
        password.push(char::from(LETTERS[usize::from(byte % 32)]));
    }
    Ok(password.into())
}

fn fault(error: &dyn std::fmt::Display) -> AppError {
    tracing::error!(%error, "a secret can't be made");
    AppError::new(
        ErrorKind::Internal,
        format!(
            "A secret can't be made, which is a fault of this machine. {}",
            request_id::the_log_has_the_cause()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_known_by_its_hash_alone() {
        let password = generate().unwrap();
        assert_eq!(password.expose_secret().len(), 23);
        check(&password).unwrap();
        let hash = hash(&password).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(is_right(&password, Some(&hash)));
        assert!(!is_right(&generate().unwrap(), Some(&hash)));
        assert!(!is_right(&password, None));
        assert!(!is_right(&password, Some("plain")));
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        for (password, why) in [
            ("short".to_owned(), "too short"),
            ("ก".repeat(11), "too short"),
            ("x".repeat(1025), "too long"),
        ] {
            let refused = check(&password.into()).unwrap_err();
            assert!(refused.message.contains(why), "{refused}");
        }
        check(&"ก".repeat(12).into()).unwrap();
    }
}
