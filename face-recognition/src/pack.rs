//! A model pack: a folder with the networks of one recognition model, and `pack.toml`, which says how to use them.
//!
//! The engine knows packs only; another detector or embedder is another pack. Every file is checked against the
//! checksum in `pack.toml`, and the bytes that were checked are the bytes that are used.

mod error;
mod manifest;
mod write;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

pub use error::PackError;
pub use manifest::{
    Channels, DetectorOutput, DetectorSpec, EmbedderSpec, FORMAT, FaceSizes, FileRef, LandmarksSpec,
    Manifest, Metric, QualityLimits, Scaling, Source,
};
pub(crate) use write::{PackFile, write};

/// Name of the manifest within a pack.
const MANIFEST: &str = "pack.toml";
/// No file of a pack, nor one that it is made of, is larger. In bytes.
const LARGEST_FILE: u64 = 512 << 20;

/// A pack whose files are read and checked.
#[derive(Debug, Clone)]
pub struct Pack {
    /// The settings.
    pub manifest: Manifest,
    /// The detector network (ONNX).
    pub detector: Vec<u8>,
    /// The landmark cascade (see [`Cascade`](crate::engine::landmarks::Cascade)), if the pack has one.
    pub landmarks: Option<Vec<u8>>,
    /// The embedder network (ONNX).
    pub embedder: Vec<u8>,
}

impl Pack {
    /// Reads the pack in `folder`.
    ///
    /// # Errors
    /// A file is missing or too large, its checksum differs, or `pack.toml` has another format, unknown keys or impossible
    /// values.
    pub fn load(folder: &Path) -> Result<Self, PackError> {
        let manifest = Manifest::read(folder)?;
        Ok(Self {
            detector: read_checked(folder, &manifest.detector.network)?,
            landmarks: match &manifest.landmarks {
                LandmarksSpec::Cascade { cascade } => Some(read_checked(folder, cascade)?),
                LandmarksSpec::Detector => None,
            },
            embedder: read_checked(folder, &manifest.embedder.network)?,
            manifest,
        })
    }

    /// Whether there is a pack in `folder` that this version made, or could have made. Its networks are not looked at.
    #[must_use]
    pub fn is_current(folder: &Path) -> bool {
        Manifest::read(folder).is_ok()
    }
}

fn read_checked(folder: &Path, reference: &FileRef) -> Result<Vec<u8>, PackError> {
    let path = folder.join(&reference.file);
    let bytes = read_bounded(&path)?;
    let found = sha256(&bytes);
    if found == reference.sha256 {
        Ok(bytes)
    } else {
        Err(PackError::Checksum { path, expected: reference.sha256.clone(), found })
    }
}

/// Reads a whole file, unless it is absurdly large.
pub(crate) fn read_bounded(path: &Path) -> Result<Vec<u8>, PackError> {
    let failed = |source| PackError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(LARGEST_FILE + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(PackError::TooLarge { path: path.to_owned(), limit: LARGEST_FILE });
    }
    Ok(bytes)
}

/// SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests;
