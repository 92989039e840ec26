//! Who may change something: whoever shows the token, or where none is configured, whoever is on this machine.

use std::{fmt, fs, net::SocketAddr, path::Path};

use anyhow::Context;
use sha2::{Digest, Sha256};
use thiserror::Error;

/// A token, of which only the hash is kept: it cannot be printed, and comparing takes the same time for all that are wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct BearerToken([u8; 32]);

impl BearerToken {
    /// The token that the file of `API_TOKEN_FILE` holds; spaces and newlines around it are no part of it. The error is a
    /// sentence that says what to do.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(file).with_context(|| {
            format!("API_TOKEN_FILE names {}, which cannot be read as text", file.display())
        })?;
        let token = text.trim();
        anyhow::ensure!(!token.is_empty(), "API_TOKEN_FILE names {}, which is empty", file.display());
        Ok(Self::of(token))
    }

    fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Whether the value of an `authorization` header holds this token.
    #[must_use]
    pub fn is_in(&self, authorization: &str) -> bool {
        authorization
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .is_some_and(|(_, token)| Self::of(token.trim()) == *self)
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("BearerToken(hidden)")
    }
}

/// Who may change something on one listener.
#[derive(Debug, Clone)]
pub enum Access {
    /// Whoever shows this token.
    Token(BearerToken),
    /// Everybody, as everybody is on this machine.
    Local,
    /// Nobody, until a token is configured.
    Closed,
}

/// Why somebody may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Denied {
    /// There is no token that could be shown.
    #[error(
        "nothing can be changed from afar without a token: set API_TOKEN_FILE, or let the service listen on 127.0.0.1"
    )]
    NotLocal,
    /// No token was shown, or another one.
    #[error("send the token of API_TOKEN_FILE: authorization: Bearer TOKEN")]
    TokenMissing,
}

impl Access {
    /// With the token that is configured, on a listener at this address.
    #[must_use]
    pub fn new(token: Option<BearerToken>, listener: SocketAddr) -> Self {
        match token {
            Some(token) => Self::Token(token),
            None if listener.ip().to_canonical().is_loopback() => Self::Local,
            None => Self::Closed,
        }
    }

    /// Lets a request in that came with this `authorization`.
    pub fn admit(&self, authorization: Option<&str>) -> Result<(), Denied> {
        match self {
            Self::Local => Ok(()),
            Self::Closed => Err(Denied::NotLocal),
            Self::Token(token) if authorization.is_some_and(|authorization| token.is_in(authorization)) => {
                Ok(())
            }
            Self::Token(_) => Err(Denied::TokenMissing),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_counts_where_there_is_one_and_else_the_address() {
        let token = || Some(BearerToken::of("s3cret"));
        let (local, far) = ("127.0.0.1:1", "0.0.0.0:1");
        let table = [
            (None, local, None, Ok(())),
            (None, "[::1]:1", None, Ok(())),
            (None, "[::ffff:127.0.0.1]:1", None, Ok(())),
            (None, far, None, Err(Denied::NotLocal)),
            (None, far, Some("Bearer s3cret"), Err(Denied::NotLocal)),
            (None, "[::]:1", None, Err(Denied::NotLocal)),
            (token(), far, Some("Bearer s3cret"), Ok(())),
            (token(), far, Some("bearer  s3cret "), Ok(())),
            (token(), local, Some("Bearer s3cret"), Ok(())),
            (token(), local, None, Err(Denied::TokenMissing)),
            (token(), far, Some("Bearer s3cre"), Err(Denied::TokenMissing)),
            (token(), far, Some("Bearer s3cret2"), Err(Denied::TokenMissing)),
            (token(), far, Some("Bearer"), Err(Denied::TokenMissing)),
            (token(), far, Some("Basic s3cret"), Err(Denied::TokenMissing)),
            (token(), far, Some("s3cret"), Err(Denied::TokenMissing)),
            (token(), far, Some(""), Err(Denied::TokenMissing)),
        ];
        for (token, listener, authorization, expected) in table {
            let access = Access::new(token, listener.parse().expect("an address"));

            assert_eq!(access.admit(authorization), expected, "{access:?} {listener} {authorization:?}");
        }
    }

    #[test]
    fn a_file_gives_its_token_and_one_without_is_named() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let at = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).expect("a small file");
            path
        };

        let token = BearerToken::read(&at("token", "s3cret\n")).expect("a readable file");
        let empty = BearerToken::read(&at("empty", " \n")).expect_err("there is nothing in it");
        let missing = BearerToken::read(&folder.path().join("missing")).expect_err("there is no such file");

        assert_eq!(token, BearerToken::of("s3cret"));
        assert!(format!("{empty}").contains("empty, which is empty"), "{empty}");
        assert!(format!("{missing}").contains("missing, which cannot be read"), "{missing}");
    }

    #[test]
    fn debug_output_does_not_hold_the_token_or_its_hash() {
        let token = BearerToken::of("s3cret");

        assert_eq!(format!("{token:?}"), "BearerToken(hidden)");
    }
}
