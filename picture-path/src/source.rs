//! What somebody may post: a file below the image root, or an address to fetch the picture from.

use std::{fmt, path::Path};

use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{MAX_CHARACTERS, ObjectAddress, PathError, PicturePath, WebAddress};

/// Where a picture comes from, in the normal form that is stored: one picture is one row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PictureSource {
    /// Below the image root.
    File(PicturePath),
    /// On a web server.
    Web(WebAddress),
    /// In an object store.
    Object(ObjectAddress),
}

/// Why a text is no source of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SourceError {
    /// As a path below the image root.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It begins like an address and is none.
    #[error("the address cannot be read ({0}): write it like https://example.org/photos/a.jpg")]
    NoAddress(#[source] url::ParseError),
    /// Nobody to ask.
    #[error("the address names no host: write it like https://example.org/photos/a.jpg")]
    NoHost,
    /// A redirect to `ftp://`, for instance.
    #[error("the address is neither http:// nor https://")]
    NotWeb,
    /// `https://user:password@host`.
    #[error(
        "the address holds a user or a password, which would be stored and shown: leave them away, and give the picture an \
         address of its own"
    )]
    Credentials,
    /// Not what S3 calls its buckets.
    #[error(
        "the bucket's name has 3 to 63 lower-case letters, digits, dots and hyphens: write it like s3://photos/2024/a.jpg"
    )]
    Bucket,
    /// Not what can be asked for.
    #[error(
        "the key is missing, too long, or has an empty part, \".\" or \"..\": write it like s3://photos/2024/a.jpg"
    )]
    Key,
    /// Does not fit the database.
    #[error("the address is longer than {MAX_CHARACTERS} characters")]
    TooLong,
}

impl SourceError {
    /// One word group for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Path(error) => error.code(),
            Self::Credentials => "address_with_password",
            Self::NoAddress(_) | Self::NoHost | Self::NotWeb | Self::Bucket | Self::Key | Self::TooLong => {
                "address_malformed"
            }
        }
    }
}

impl PictureSource {
    /// The normal form of what somebody sent. Whatever does not begin like an address is a path.
    pub fn parse(text: &str, image_root: &Path) -> Result<Self, SourceError> {
        if text.contains('\0') {
            return Err(PathError::Nul.into());
        }
        Ok(match Scheme::of(text) {
            Some(Scheme::Web) => Self::Web(WebAddress::parse(text)?),
            Some(Scheme::Object) => Self::Object(ObjectAddress::parse(text)?),
            None => Self::File(PicturePath::parse(text, image_root)?),
        })
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::File(path) => path.as_str(),
            Self::Web(address) => address.as_str(),
            Self::Object(address) => address.as_str(),
        }
    }

    /// SHA-256 of the normal form: `images.path_hash`.
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.as_str()).into()
    }
}

impl From<PicturePath> for PictureSource {
    fn from(path: PicturePath) -> Self {
        Self::File(path)
    }
}

impl fmt::Display for PictureSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// How an address begins that is fetched.
pub(crate) enum Scheme {
    Web,
    Object,
}

impl Scheme {
    pub(crate) fn of(text: &str) -> Option<Self> {
        let begins = |scheme: &str| {
            text.get(..scheme.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(scheme))
        };
        match () {
            () if begins("http://") || begins("https://") => Some(Self::Web),
            () if begins("s3://") => Some(Self::Object),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests;
