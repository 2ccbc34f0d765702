//! A password for an account: typed unseen, or generated and printed once. It is never an argument, which everybody on the
//! machine could read.

use std::io::{self, IsTerminal as _};

use crate::server::secret::{ExposeSecret as _, SecretString};

use super::{connect::Failure, print::Told};
use crate::server::passwords;

/// A password, and whether nobody knows it yet.
#[derive(Debug)]
pub struct Chosen {
    pub password: SecretString,
    is_generated: bool,
}

impl Chosen {
    /// Asks for one, twice. One is generated when that is wanted, and where there is no terminal to ask at.
    ///
    /// # Errors
    /// When it can't be chosen, both aren't the same, or it can't be read.
    pub fn ask(generate: bool) -> Result<Self, Failure> {
        if generate || !io::stdin().is_terminal() {
            return Self::generated();
        }
        let password = read("Password: ")?;
        passwords::check(&password)?;
        let again = read("The same again: ")?;
        if password.expose_secret() != again.expose_secret() {
            return Err("The two passwords differ. Nothing was changed; try again.".into());
        }
        Ok(Self::typed(password))
    }

    /// One that somebody has chosen.
    #[must_use]
    pub const fn typed(password: SecretString) -> Self {
        Self {
            password,
            is_generated: false,
        }
    }

    /// One that nobody has chosen.
    ///
    /// # Errors
    /// When the system has no random numbers.
    pub fn generated() -> Result<Self, Failure> {
        Ok(Self {
            password: passwords::generate()?,
            is_generated: true,
        })
    }

    /// What is told of something that was done with it. If it was generated it stands alone on its line, so that scripts
    /// can take it.
    #[must_use]
    pub fn told(&self, done: String) -> Told {
        if !self.is_generated {
            return Told::line(done);
        }
        Told::secret(
            format!("{done} Its password, which is not shown again:"),
            &self.password,
        )
    }
}

fn read(prompt: &str) -> Result<SecretString, Failure> {
    let typed = rpassword::prompt_password(prompt);
    let typed = typed.map_err(|error| {
        format!("The password can't be read ({error}). Nothing was changed; --generate makes one.")
    })?;
    Ok(typed.into())
}
