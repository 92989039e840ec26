//! A picture in an object store that speaks S3.

use std::{fmt, ops::RangeInclusive};

use crate::{MAX_CHARACTERS, source::SourceError};

/// Of a bucket's name, in bytes.
const BUCKET_BYTES: RangeInclusive<usize> = 3..=63;
/// The longest key that S3 knows.
const MOST_KEY_BYTES: usize = 1024;

/// `s3://bucket/key`. The key is taken as it stands: nothing in it is an escape, a query or a fragment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectAddress {
    normal: String,
    /// Where the bucket ends in the normal form.
    bucket_end: usize,
}

const SCHEME: &str = "s3://";

impl ObjectAddress {
    /// The normal form of what somebody sent. The scheme has been seen, in whatever case.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceError> {
        let (bucket, key) = text[SCHEME.len()..].split_once('/').ok_or(SourceError::Key)?;
        if !is_bucket(bucket) {
            return Err(SourceError::Bucket);
        }
        if !is_key(key) {
            return Err(SourceError::Key);
        }
        let normal = format!("{SCHEME}{bucket}/{key}");
        if normal.chars().count() > MAX_CHARACTERS {
            return Err(SourceError::TooLong);
        }
        Ok(Self { normal, bucket_end: SCHEME.len() + bucket.len() })
    }

    /// The normal form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.normal
    }

    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.normal[SCHEME.len()..self.bucket_end]
    }

    /// The object's name in the bucket.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.normal[self.bucket_end + 1..]
    }
}

/// What becomes part of a host name or of a path must hold nothing that could mean something else there.
fn is_bucket(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    BUCKET_BYTES.contains(&bytes.len())
        && bytes.iter().all(|byte| plain(*byte) || matches!(byte, b'-' | b'.'))
        && bytes.first().is_some_and(|byte| plain(*byte))
        && bytes.last().is_some_and(|byte| plain(*byte))
        && !name.contains("..")
}

/// Parts like `..` are resolved by whatever lies between here and the store, so that another object would be asked for.
fn is_key(key: &str) -> bool {
    key.len() <= MOST_KEY_BYTES
        && !key.chars().any(|letter| letter.is_ascii_control())
        && key.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}
