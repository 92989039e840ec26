//! Files that are there as a whole or not at all: written under a hidden name beside their place, which they take when they
//! are on disk. What a crash leaves under such a name is removed at a later start. Blocks.

use std::{
    fs::{self, File, Permissions},
    io::{self, Write},
    path::Path,
    time::Duration,
};

use tempfile::NamedTempFile;

/// Hidden, so that nobody takes it for a photo, and long, so that nobody else's file is taken for one of these.
const UNFINISHED: &str = ".rollcall-unfinished-";
/// No file is written for so long, whatever a volume's clock says; others may write to the folder now.
const LEFT_BEHIND_AFTER: Duration = Duration::from_hours(1);

/// Writes a file in place of an earlier one: whoever reads it sees the old or the new one. The umask takes from the
/// permissions.
pub(crate) fn replace(path: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    unfinished(folder, bytes, permissions)?.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

/// The same, but never in place of another file.
pub(crate) fn add(folder: &Path, name: &str, bytes: &[u8], permissions: Permissions) -> io::Result<File> {
    let unfinished = unfinished(folder, bytes, permissions)?;
    let file = unfinished.persist_noclobber(folder.join(name)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()?;
    Ok(file)
}

fn unfinished(folder: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<NamedTempFile> {
    let mut file =
        tempfile::Builder::new().prefix(UNFINISHED).permissions(permissions).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// Removes what a crash left in the folder. What cannot be removed is hidden and harmless.
pub(crate) fn remove_left_behind(folder: &Path) {
    match try_to_remove(folder) {
        Ok(0) => {}
        Ok(files) => {
            tracing::info!(folder = %folder.display(), files, "what was left half written is removed");
        }
        Err(error) => {
            tracing::warn!(folder = %folder.display(), %error, "what was left half written stays");
        }
    }
}

fn try_to_remove(folder: &Path) -> io::Result<usize> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) && is_left_behind(&entry)? {
            match fs::remove_file(entry.path()) {
                Ok(()) => removed += 1,
                // Somebody else starts, too.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(removed)
}

fn is_left_behind(entry: &fs::DirEntry) -> io::Result<bool> {
    let metadata = match entry.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        metadata => metadata?,
    };
    let age = metadata.modified()?.elapsed();
    // One that is younger than now by its volume's clock has no age.
    Ok(metadata.is_file() && age.is_ok_and(|age| age > LEFT_BEHIND_AFTER))
}

#[cfg(test)]
mod tests;
