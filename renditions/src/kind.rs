//! Which copy of which picture.

use std::path::Path;

use picture_path::PicturePath;
use pictures::Stamp;
use sha2::{Digest as _, Sha256};

use crate::framing::Area;

/// A picture as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source<'a> {
    /// The folder out of which nothing leads.
    pub folder: &'a Path,
    /// Where it is in there.
    pub path: &'a PicturePath,
}

/// Which copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The whole picture, its longer side at most this many pixels long. A smaller picture keeps its size.
    Whole(u32),
    /// One of its faces.
    Face(Face),
}

/// A face in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Face {
    /// Where it is, in pixels of the picture as it was recognised.
    pub area: Area,
    /// Columns and rows of that picture, if they are known: the file may be a smaller copy of it.
    pub of: Option<(u32, u32)>,
    /// Columns and rows of the copy.
    pub side: u32,
}

/// Raised when copies are made in another way, so that kept ones are made again.
const MAKING: u8 = 1;

/// The name of a copy: another one for each state of the file.
pub(crate) fn name(source: &Source, stamp: Stamp, kind: &Kind) -> String {
    let mut hash = Sha256::new();
    hash.update([MAKING]);
    hash.update(source.folder.as_os_str().as_encoded_bytes());
    hash.update([0]);
    hash.update(source.path.as_str());
    hash.update([0]);
    let (seconds, nanoseconds) = stamp.modified;
    hash.update(stamp.length.to_le_bytes());
    hash.update(seconds.to_le_bytes());
    hash.update(nanoseconds.to_le_bytes());
    hash.update(format!("{kind:?}"));
    hex::encode(&hash.finalize()[..16])
}
