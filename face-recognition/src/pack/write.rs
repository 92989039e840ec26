//! Writes a pack under its name as a whole or not at all.
//!
//! The files go into a hidden folder beside it, which is then renamed. A pack that is there already steps aside
//! first; for that moment there is none, but never half of one.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{FileRef, MANIFEST, Manifest, PackError, sha256};

/// A file to be written.
pub(crate) struct PackFile {
    name: &'static str,
    bytes: Vec<u8>,
}

impl PackFile {
    pub(crate) fn new(name: &'static str, bytes: Vec<u8>) -> Self {
        Self { name, bytes }
    }

    /// How the manifest refers to it.
    pub(crate) fn reference(&self) -> FileRef {
        FileRef { file: self.name.to_owned(), sha256: sha256(&self.bytes) }
    }
}

/// Writes the pack at the folder `to`, replacing an earlier pack there.
pub(crate) fn write(to: &Path, manifest: &Manifest, files: &[PackFile]) -> Result<(), PackError> {
    let replaces = to.exists();
    if replaces && !to.join(MANIFEST).is_file() {
        return Err(PackError::NotAPack { path: to.to_owned() });
    }
    let manifest = toml::to_string(manifest).expect("a manifest has nothing that TOML cannot say");
    let new = folder_beside(to, "new").map_err(|source| PackError::Write { path: to.to_owned(), source })?;
    let outcome = fill(&new, manifest.as_bytes(), files).and_then(|()| {
        let moved = if replaces { swap(&new, to) } else { fs::rename(&new, to) };
        moved.map_err(|source| PackError::Write { path: to.to_owned(), source })
    });
    if outcome.is_err() {
        // What is left is hidden, harmless, and less important than the first error.
        let _ = fs::remove_dir_all(&new);
    }
    outcome
}

fn fill(folder: &Path, manifest: &[u8], files: &[PackFile]) -> Result<(), PackError> {
    let contents = files.iter().map(|file| (file.name, file.bytes.as_slice())).chain([(MANIFEST, manifest)]);
    for (name, bytes) in contents {
        let path = folder.join(name);
        // On disk before the rename, or a crash could leave a pack of empty files.
        File::create(&path)
            .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
            .map_err(|source| PackError::Write { path, source })?;
    }
    Ok(())
}

/// Puts the folder `new` where `to` is; on failure, `to` is what it was.
pub(super) fn swap(new: &Path, to: &Path) -> io::Result<()> {
    let old = folder_beside(to, "old")?;
    let moved = fs::rename(to, &old).and_then(|()| {
        fs::rename(new, to).inspect_err(|_| {
            let _ = fs::rename(&old, to);
        })
    });
    // What cannot be removed is hidden and harmless. After a failure, only a folder without a pack is removed.
    let _ = if moved.is_ok() { fs::remove_dir_all(old) } else { fs::remove_dir(old) };
    moved
}

/// Makes an empty folder in the same file system, under a name that nobody has.
fn folder_beside(to: &Path, purpose: &str) -> io::Result<PathBuf> {
    let parent = match to.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(parent)?;
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 0_u32;
    loop {
        let path = parent.join(format!(".{name}.{purpose}-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|()| path),
        }
    }
}
