//! An account and its password. MySQL takes no parameter where a password stands, so a password is only what a SQL
//! string can hold under every setting of the server.

use service_kit::secret::Secret;
use thiserror::Error;

use super::Account;

/// Characters that end a SQL string, or change what follows them there.
const SPECIAL: [char; 3] = ['\'', '"', '\\'];

/// Why a text is no password for an account. Does not hold the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Anybody could come in.
    #[error("is empty: put the password there")]
    Empty,
    /// It has a character that it must not have.
    #[error(
        "has a character that no password may have here: use printable ASCII without quotes and backslashes"
    )]
    Character,
}

/// An account and a password that SQL can hold.
#[derive(Debug, Clone)]
pub struct Credentials {
    account: Account,
    password: Secret,
}

impl Credentials {
    /// Refuses a password that SQL cannot hold.
    pub fn new(account: Account, password: Secret) -> Result<Self, PasswordError> {
        let text = password.reveal();
        if text.is_empty() {
            return Err(PasswordError::Empty);
        }
        if text.chars().any(|character| !(' '..='~').contains(&character) || SPECIAL.contains(&character)) {
            return Err(PasswordError::Character);
        }
        Ok(Self { account, password })
    }

    /// Whose they are.
    #[must_use]
    pub fn account(&self) -> Account {
        self.account
    }

    pub(super) fn password(&self) -> &Secret {
        &self.password
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(password: &str) -> Result<(), PasswordError> {
        let Ok(password) = password.parse();
        Credentials::new(Account::Receiver, password).map(drop)
    }

    #[test]
    fn a_password_is_printable_ascii_without_quotes_and_backslashes() {
        assert_eq!(check(""), Err(PasswordError::Empty));
        for refused in ["it's", "\"", "back\\slash", "two\nlines", "tab\t", "\u{7f}", "\0", "grün"] {
            assert_eq!(check(refused), Err(PasswordError::Character), "{refused:?}");
        }
        for taken in ["a", " pass word ", "~!@#$%^&*()_+-=`{}[]|;:,.<>/?", "-- /*"] {
            assert_eq!(check(taken), Ok(()), "{taken:?}");
        }
    }

    #[test]
    fn debug_output_does_not_hold_the_password() {
        let Ok(password) = "hunter2".parse();
        let credentials = Credentials::new(Account::Receiver, password).expect("a good password");

        assert!(!format!("{credentials:?}").contains("hunter2"));
    }
}
