//! A picture on a web server, by an address in the one form that all of its spellings share.

use std::fmt;

use url::{ParseError, Url};

use crate::{MAX_CHARACTERS, source::SourceError};

/// An `http://` or `https://` address in normal form: scheme and host in lower case, no default port, no fragment, and the
/// path as browsers write it. It names no user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WebAddress(Url);

impl WebAddress {
    /// The normal form of what somebody sent.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        Self::of(Url::parse(text).map_err(|error| match error {
            ParseError::EmptyHost => SourceError::NoHost,
            other => SourceError::NoAddress(other),
        })?)
    }

    /// Where a server sends whoever asked for this address. A relative one is meant from here.
    pub fn redirected(&self, to: &str) -> Result<Self, SourceError> {
        Self::of(self.0.join(to).map_err(SourceError::NoAddress)?)
    }

    fn of(mut url: Url) -> Result<Self, SourceError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SourceError::NotWeb);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(SourceError::Credentials);
        }
        url.set_fragment(None);
        if url.host_str().is_none_or(str::is_empty) {
            return Err(SourceError::NoHost);
        }
        // What is left is ASCII.
        if url.as_str().len() > MAX_CHARACTERS {
            return Err(SourceError::TooLong);
        }
        Ok(Self(url))
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Its parts.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether the way there is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
