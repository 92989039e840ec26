//! What can be wrong with a pack.

use std::io;
use std::path::PathBuf;

use super::FORMAT;

/// Why a pack was not read or not written.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file is larger than any model file.
    #[error("{} is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// The manifest is not TOML of the known form.
    #[error("{} is not a manifest of a model pack: {source}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// Line, column and reason.
        source: Box<toml::de::Error>,
    },
    /// The pack was made for another version of the engine.
    #[error(
        "{} is a model pack of format {format}, and this version reads format {FORMAT}: convert dlib's models again with \
         `face-recognition import-dlib --from FOLDER --to {}`, or make a pack of your own again (docs/MODELS.md)",
        path.display(), path.display()
    )]
    OtherFormat {
        /// The pack.
        path: PathBuf,
        /// Of the pack.
        format: u32,
    },
    /// The manifest has a value that no engine can use.
    #[error("{}: {reason}", path.display())]
    Invalid {
        /// The manifest.
        path: PathBuf,
        /// The key and what it must be.
        reason: &'static str,
    },
    /// A file is not the one that the manifest was written for.
    #[error("{} has the checksum {found}, expected {expected}", path.display())]
    Checksum {
        /// The file.
        path: PathBuf,
        /// From the manifest.
        expected: String,
        /// Of the file.
        found: String,
    },
    /// Something that is not a pack is where the new pack should be.
    #[error("{} exists and is not a model pack; it is left alone", path.display())]
    NotAPack {
        /// The folder or file.
        path: PathBuf,
    },
}
