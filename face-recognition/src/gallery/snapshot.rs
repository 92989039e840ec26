//! The findings as bytes: a mark, the version, a message of the model and its photos, and the SHA-256 of all that.
//! Whatever is not exactly that is refused; nothing is lost by it but time.

use prost::Message as _;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    folder::{Record, Stat},
    ledger::CachedPhoto,
};
use crate::engine::Embedding;

const MARK: &[u8; 8] = b"rcknown\0";
/// To be raised when the message changes, and when pictures are read or faces are found in another way: what was skipped
/// may not be then.
const VERSION: u32 = 1;
const CHECKSUM: usize = 32;

/// Why bytes are no snapshot for us.
#[derive(Debug, Error, PartialEq, Eq)]
pub(super) enum SnapshotError {
    #[error("it is no snapshot of known photos, or it was cut short")]
    Foreign,
    #[error("it is of version {0}, which is not read here")]
    Version(u32),
    #[error("it is damaged: its checksum differs")]
    Checksum,
    #[error("it is damaged: {0}")]
    Message(String),
    #[error("it is of the model {0}")]
    Model(String),
}

#[derive(Clone, PartialEq, prost::Message)]
struct Snapshot {
    #[prost(string, tag = "1")]
    model_id: String,
    #[prost(message, repeated, tag = "2")]
    photos: Vec<Photo>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Photo {
    #[prost(string, tag = "1")]
    name: String,
    #[prost(uint64, tag = "2")]
    size: u64,
    #[prost(sfixed64, tag = "3")]
    modified_ns: i64,
    #[prost(sfixed64, tag = "4")]
    changed_ns: i64,
    #[prost(uint64, tag = "5")]
    inode: u64,
    #[prost(bool, tag = "6")]
    racy: bool,
    #[prost(bytes = "vec", tag = "7")]
    content_hash: Vec<u8>,
    /// Empty when it is skipped.
    #[prost(float, repeated, tag = "8")]
    embedding: Vec<f32>,
    #[prost(string, tag = "9")]
    skipped: String,
}

/// What is found by a model, as bytes.
pub(super) fn encode(model_id: &str, photos: Vec<CachedPhoto>) -> Vec<u8> {
    let photos = photos.into_iter().map(message).collect();
    seal(&Snapshot { model_id: model_id.to_owned(), photos })
}

/// What was found by a model whose embeddings have `dimension` numbers. A photo that cannot be of it is left out.
pub(super) fn decode(
    bytes: &[u8],
    model_id: &str,
    dimension: usize,
) -> Result<Vec<CachedPhoto>, SnapshotError> {
    let snapshot = open(bytes)?;
    if snapshot.model_id != model_id {
        return Err(SnapshotError::Model(snapshot.model_id));
    }
    Ok(snapshot.photos.into_iter().filter_map(|photo| cached(photo, dimension)).collect())
}

/// A snapshot of any model without the photo of this name, if it is in it.
pub(super) fn without(bytes: &[u8], name: &str) -> Option<Vec<u8>> {
    let mut snapshot = open(bytes).ok()?;
    let before = snapshot.photos.len();
    snapshot.photos.retain(|photo| photo.name != name);
    (snapshot.photos.len() < before).then(|| seal(&snapshot))
}

fn seal(snapshot: &Snapshot) -> Vec<u8> {
    let mut bytes = [MARK.as_slice(), &VERSION.to_le_bytes()].concat();
    snapshot.encode(&mut bytes).expect("a vector grows");
    let checksum = Sha256::digest(&bytes);
    bytes.extend_from_slice(&checksum);
    bytes
}

fn open(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    let end = bytes.len().checked_sub(CHECKSUM).ok_or(SnapshotError::Foreign)?;
    let (content, checksum) = bytes.split_at(end);
    let rest = content.strip_prefix(MARK).ok_or(SnapshotError::Foreign)?;
    let (version, message) = rest.split_first_chunk().ok_or(SnapshotError::Foreign)?;
    let version = u32::from_le_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::Version(version));
    }
    if Sha256::digest(content).as_slice() != checksum {
        return Err(SnapshotError::Checksum);
    }
    Snapshot::decode(message).map_err(|error| SnapshotError::Message(error.to_string()))
}

fn message(photo: CachedPhoto) -> Photo {
    let CachedPhoto { name, record: Record { stat, racy, content_hash }, finding } = photo;
    let Stat { size, modified_ns, changed_ns, inode } = stat;
    let (embedding, skipped) = match finding {
        Ok(face) => (face.as_slice().to_vec(), String::new()),
        Err(reason) => (Vec::new(), reason),
    };
    let content_hash = content_hash.to_vec();
    Photo { name, size, modified_ns, changed_ns, inode, racy, content_hash, embedding, skipped }
}

fn cached(photo: Photo, dimension: usize) -> Option<CachedPhoto> {
    let Photo { name, size, modified_ns, changed_ns, inode, racy, content_hash, embedding, skipped } = photo;
    let finding = if embedding.is_empty() {
        Err(skipped)
    } else if embedding.len() == dimension && embedding.iter().all(|number| number.is_finite()) {
        Ok(Embedding::new(embedding))
    } else {
        return None;
    };
    let stat = Stat { size, modified_ns, changed_ns, inode };
    let record = Record { stat, racy, content_hash: content_hash.try_into().ok()? };
    Some(CachedPhoto { name, record, finding })
}

#[cfg(test)]
mod tests;
