//! The folder of the uploads, and one file on its way into it. Blocks.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    path::Path,
    time::Duration,
};

use cap_std::{
    ambient_authority,
    fs::{Dir, DirEntry, OpenOptions},
    time::SystemClock,
};
use sha2::{Digest as _, Sha256};

use super::{
    UploadError,
    naming::{self, FOLDER, Place},
};
use crate::picture_format::{PictureFormat, TELLING_BYTES};

/// Hidden, so that nobody takes it for a picture, and long, so that nobody else's file is taken for one of these.
const UNFINISHED: &str = ".rollcall-unfinished-";
/// No upload takes so long, whatever a volume's clock says.
const LEFT_BEHIND_AFTER: Duration = Duration::from_hours(1);

/// The folder of the uploads.
pub(super) struct Shelf {
    folder: Dir,
}

/// A file under a hidden name, which is gone when this is dropped.
pub(super) struct Unfinished {
    folder: Dir,
    name: String,
    file: File,
}

impl Shelf {
    /// Opens the folder below the image root, which is made where it is missing; the image root must be there, or a volume
    /// that is not mounted would be written beside.
    pub(super) fn open(image_root: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(image_root, ambient_authority())?;
        Ok(Self { folder: open_or_make(&root, FOLDER)? })
    }

    /// Begins a file, and removes what a crash left of earlier ones.
    pub(super) fn begin(self) -> io::Result<Unfinished> {
        if let Err(error) = remove_left_behind(&self.folder) {
            tracing::warn!(%error, "what was left of uploads stays");
        }
        let name = format!("{UNFINISHED}{:032x}", rand::random::<u128>());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        let file = self.folder.open_with(&name, &options)?.into_std();
        Ok(Unfinished { folder: self.folder, name, file })
    }
}

impl Unfinished {
    /// Where its bytes go.
    pub(super) fn writer(&self) -> io::Result<tokio::fs::File> {
        Ok(tokio::fs::File::from_std(self.file.try_clone()?))
    }

    /// Puts the file into its place; its path below the image root. Where the same content lies there already, that is its
    /// place.
    pub(super) fn finish(mut self, name: Option<&str>) -> Result<String, UploadError> {
        self.file.rewind()?;
        let (beginning, hash) = read(&mut self.file)?;
        let format = PictureFormat::of(&beginning).ok_or(UploadError::NotAnImage)?;
        let place = Place::of(&hash, name, format);
        let folder = open_or_make(&self.folder, &place.folder)?;
        let mut own = place.name.clone();
        for entry in folder.entries()? {
            let Ok(other) = entry?.file_name().into_string() else { continue };
            if other.starts_with(&place.prefix) {
                if is_same(&folder, &other, &hash)? {
                    return Ok(naming::path(&place.folder, &other));
                }
                own = place.beside(&hash);
            }
        }
        self.file.sync_all()?;
        self.folder.rename(&self.name, &folder, &own)?;
        for changed in [&folder, &self.folder] {
            // A folder itself is held without the right to read it.
            changed.open(".")?.sync_all()?;
        }
        Ok(naming::path(&place.folder, &own))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // One that took its place is not here any more. What cannot be removed is hidden, and removed later.
        _ = self.folder.remove_file(&self.name);
    }
}

fn open_or_make(parent: &Dir, name: &str) -> io::Result<Dir> {
    match parent.open_dir(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return opened,
    }
    match parent.create_dir(name) {
        // Somebody else was quicker.
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => parent.open_dir(name),
    }
}

/// How a file begins, and the hash of it.
fn read(file: &mut impl io::Read) -> io::Result<(Vec<u8>, [u8; 32])> {
    let mut beginning = Vec::with_capacity(TELLING_BYTES);
    file.take(TELLING_BYTES as u64).read_to_end(&mut beginning)?;
    let mut hash = Sha256::new_with_prefix(&beginning);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((beginning, hash.finalize().into())),
            length => hash.update(&buffer[..length]),
        }
    }
}

fn is_same(folder: &Dir, name: &str, hash: &[u8; 32]) -> io::Result<bool> {
    let mut file = folder.open(name)?;
    Ok(read(&mut file)?.1 == *hash)
}

fn remove_left_behind(folder: &Dir) -> io::Result<()> {
    for entry in folder.entries()? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            match remove_if_old(&entry) {
                // It took its place, or somebody else removed it.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::warn!(%error, "what was left of an upload stays"),
                Ok(()) => {}
            }
        }
    }
    Ok(())
}

fn remove_if_old(entry: &DirEntry) -> io::Result<()> {
    let modified = entry.metadata()?.modified()?;
    let now = SystemClock::new(ambient_authority()).now();
    // One that is younger than now by its volume's clock has no age.
    let is_old = now.duration_since(modified).is_ok_and(|age| age > LEFT_BEHIND_AFTER);
    if is_old { entry.remove_file() } else { Ok(()) }
}
