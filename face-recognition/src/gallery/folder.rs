//! The folder of known photos (`KNOWN_PEOPLE`): what is in it, the bytes of a file, a new file, one file less. Blocks.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::Path,
};

use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::ContentHash;
use crate::{
    engine::picture::{PictureError, PictureLimits},
    whole_file,
};

/// A file whose times are younger than this when it is read may change without its times telling: they are no finer.
const SETTLED_NS: i64 = 2_000_000_000;

/// By what a change of a file is told without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) size: u64,
    pub(crate) modified_ns: i64,
    pub(crate) changed_ns: i64,
    pub(crate) inode: u64,
}

/// What the bytes of a file were when they were last read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) stat: Stat,
    /// Whether it may have changed since without another [`Stat`].
    pub(crate) racy: bool,
    pub(crate) content_hash: ContentHash,
}

/// A file that was read.
#[derive(Debug)]
pub(crate) struct ReadFile {
    pub(crate) record: Record,
    /// Or why there are more than an engine looks at.
    pub(crate) bytes: Result<Vec<u8>, PictureError>,
}

impl Stat {
    fn of(metadata: &fs::Metadata) -> Self {
        let ns = |s: i64, ns: i64| s.saturating_mul(1_000_000_000).saturating_add(ns);
        Self {
            size: metadata.size(),
            modified_ns: ns(metadata.mtime(), metadata.mtime_nsec()),
            changed_ns: ns(metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    /// Whether another change right after `now_ns` could leave it as it is.
    fn is_racy_at(&self, now_ns: i64) -> bool {
        now_ns.saturating_sub(self.modified_ns.max(self.changed_ns)) < SETTLED_NS
    }
}

/// Device and inode of a folder: another one is another folder, whatever its path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    device: u64,
    inode: u64,
}

impl Identity {
    /// Of what is at this path now, behind links and mounts.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(folder)?;
        Ok(Self { device: metadata.dev(), inode: metadata.ino() })
    }
}

/// What is in a folder, and which one it is.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) folder: Identity,
    pub(super) files: Vec<(String, Stat)>,
}

impl Listing {
    /// Of the folder at this path, which must stay the same meanwhile.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let folder = Identity::of(path)?;
        let files = list(path)?;
        if Identity::of(path)? == folder {
            Ok(Self { folder, files })
        } else {
            Err(io::Error::other("another folder took its place while it was listed"))
        }
    }
}

/// Plain files that are not hidden. Names that are no UTF-8 cannot be named in an answer and are passed over, as are
/// links that lead nowhere.
pub(crate) fn list(folder: &Path) -> io::Result<Vec<(String, Stat)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        match fs::metadata(entry.path()) {
            Ok(metadata) if metadata.is_file() => files.push((name, Stat::of(&metadata))),
            Ok(_) => {}
            Err(error) if leads_nowhere(&error) => {}
            // A volume that does not answer must not look like one without photos.
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

fn leads_nowhere(error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    use rustix::io::Errno;
    matches!(error.kind(), NotFound | NotADirectory | PermissionDenied)
        || Errno::from_io_error(error) == Some(Errno::LOOP)
}

/// Reads a photo.
pub(super) fn read(path: &Path) -> io::Result<ReadFile> {
    let limit = PictureLimits::default().bytes;
    // What became a pipe since it was listed must not be waited for.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no plain file any more"));
    }
    let stat = Stat::of(&metadata);
    let mut racy = stat.is_racy_at(now_ns());
    let mut bytes = Vec::new();
    (&file).take(limit as u64 + 1).read_to_end(&mut bytes)?;
    let mut hash = Sha256::new_with_prefix(&bytes);
    let bytes = if bytes.len() > limit {
        hash_rest(&file, &mut hash)?;
        Err(PictureError::TooManyBytes { bytes: usize::try_from(stat.size).unwrap_or(usize::MAX), limit })
    } else {
        Ok(bytes)
    };
    racy |= Stat::of(&file.metadata()?) != stat;
    Ok(ReadFile { record: Record { stat, racy, content_hash: hash.finalize().into() }, bytes })
}

fn hash_rest(mut file: &File, hash: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            length => hash.update(&buffer[..length]),
        }
    }
}

/// Adds a file, whole and on disk when it can be seen, and never in place of another.
pub(super) fn add(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<Stat> {
    // As any program makes a file; the umask takes from it.
    let file = whole_file::add(folder, name, bytes, Permissions::from_mode(0o666))?;
    Ok(Stat::of(&file.metadata()?))
}

/// Removes a file. Whether there was one.
pub(super) fn remove(folder: &Path, name: &str) -> io::Result<bool> {
    match fs::remove_file(folder.join(name)) {
        Ok(()) => {
            File::open(folder)?.sync_all()?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[expect(
    clippy::disallowed_types,
    reason = "the times of a file are of this clock, and only compared with it"
)]
fn now_ns() -> i64 {
    use std::time::SystemTime;
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
