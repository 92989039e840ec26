//! The folder of the pictures, opened once. A picture is opened beneath it so that nothing leads out: no `..`, no
//! absolute path, no symbolic link (`openat2` with `RESOLVE_BENEATH`, through cap-std).
//!
//! A picture is opened once and asked what it is when it is open: whoever swaps files meanwhile gains nothing.

use std::{
    io::{self, Read},
    path::Path,
};

use cap_std::{
    ambient_authority,
    fs::{Dir, File, MetadataExt, OpenOptions, OpenOptionsExt},
};
use picture_path::PicturePath;
use rustix::{fs::OFlags, io::Errno};
use thiserror::Error;

/// Why a picture's bytes cannot be had.
#[derive(Debug, Error)]
pub enum ReadError {
    /// A link or `..` leads out of the folder.
    #[error("the path leads out of the image root")]
    OutsideRoot,
    /// Nothing is there.
    #[error("there is no such file")]
    Missing,
    /// A folder.
    #[error("this is a folder and not a file")]
    NotAFile,
    /// Something that is no file.
    #[error("this is a pipe, a socket or a device and not a file")]
    SpecialFile,
    /// More bytes than are read.
    #[error("the file has more than {0} bytes")]
    TooLarge(usize),
    /// It is there, and the system does not hand it out.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::Error),
}

/// The length of a file and when it was last changed, in seconds and nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// In bytes.
    pub length: u64,
    /// By the clock of the machine that has the file.
    pub modified: (i64, i64),
}

/// A folder out of which nothing leads.
#[derive(Debug)]
pub struct PictureRoot {
    folder: Dir,
}

impl PictureRoot {
    /// Opens the folder.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { folder: Dir::open_ambient_dir(path, ambient_authority())? })
    }

    /// The bytes of a picture, at most `limit` of them.
    pub fn read(&self, path: &PicturePath, limit: usize) -> Result<Vec<u8>, ReadError> {
        let (file, length) = self.open_file(path)?;
        if length > limit as u64 {
            return Err(ReadError::TooLarge(limit));
        }
        let mut bytes = Vec::new();
        // The file may grow while it is read: one byte more than is allowed tells whether there is more.
        file.take(limit as u64 + 1).read_to_end(&mut bytes).map_err(classify)?;
        if bytes.len() > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
    }

    /// What tells two states of a picture's file from each other.
    pub fn stamp(&self, path: &PicturePath) -> Result<Stamp, ReadError> {
        let (file, length) = self.open_file(path)?;
        let metadata = file.metadata().map_err(ReadError::Unreadable)?;
        Ok(Stamp { length, modified: (metadata.mtime(), metadata.mtime_nsec()) })
    }

    fn open_file(&self, path: &PicturePath) -> Result<(File, u64), ReadError> {
        let mut options = OpenOptions::new();
        // Opening a pipe that nobody writes to must not wait; a terminal must not become ours.
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.read(true).custom_flags(flags.bits().cast_signed());
        let file = self.folder.open_with(path.relative(), &options).map_err(classify)?;
        let metadata = file.metadata().map_err(ReadError::Unreadable)?;
        if !metadata.is_file() {
            return Err(if metadata.is_dir() { ReadError::NotAFile } else { ReadError::SpecialFile });
        }
        Ok((file, metadata.len()))
    }
}

fn classify(error: io::Error) -> ReadError {
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR | Errno::NAMETOOLONG | Errno::LOOP) => ReadError::Missing,
        // A socket cannot be opened, nor a device that is not there.
        Some(Errno::NXIO | Errno::NODEV) => ReadError::SpecialFile,
        // What cap-std itself refuses has no number of the system.
        None if error.kind() == io::ErrorKind::PermissionDenied => ReadError::OutsideRoot,
        _ => ReadError::Unreadable(error),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::{fs::symlink, net::UnixListener},
    };

    use super::*;

    fn read(root: &Path, path: &str) -> Result<Vec<u8>, ReadError> {
        let path = PicturePath::parse(path, root).expect("a path in normal form");
        PictureRoot::open(root).expect("the root is a folder").read(&path, 4)
    }

    #[test]
    fn a_file_below_the_root_is_read_also_through_a_link_that_stays_inside() {
        let root = tempfile::tempdir().expect("a scratch folder");
        fs::write(root.path().join("a.jpg"), "abcd").expect("a small file");
        symlink("a.jpg", root.path().join("b.jpg")).expect("a link");

        assert_eq!(read(root.path(), "/a.jpg").expect("a readable file"), b"abcd");
        assert_eq!(read(root.path(), "/b.jpg").expect("a link inside"), b"abcd");
    }

    #[test]
    fn a_link_that_leads_out_of_the_root_is_refused() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let root = folder.path().join("root");
        fs::create_dir(&root).expect("a folder");
        fs::write(folder.path().join("secret"), "abcd").expect("a small file");
        symlink("../secret", root.join("relative.jpg")).expect("a link");
        symlink(folder.path().join("secret"), root.join("absolute.jpg")).expect("a link");
        symlink("..", root.join("up")).expect("a link");

        for path in ["/relative.jpg", "/absolute.jpg", "/up/secret"] {
            let refused = read(&root, path).expect_err("it leads out");
            assert!(matches!(refused, ReadError::OutsideRoot), "{path}: {refused:?}");
        }
    }

    #[test]
    fn what_is_not_a_plain_file_is_refused_without_waiting() {
        let root = tempfile::tempdir().expect("a scratch folder");
        fs::create_dir(root.path().join("folder")).expect("a folder");
        let made = std::process::Command::new("mkfifo").arg(root.path().join("pipe")).status();
        assert!(made.expect("mkfifo is part of coreutils").success());
        let _socket = UnixListener::bind(root.path().join("socket")).expect("a short path");

        let folder = read(root.path(), "/folder").expect_err("no file");
        assert!(matches!(folder, ReadError::NotAFile), "{folder:?}");
        for (root, path) in [(root.path(), "/pipe"), (root.path(), "/socket"), (Path::new("/dev"), "/zero")] {
            let refused = read(root, path).expect_err("no file");
            assert!(matches!(refused, ReadError::SpecialFile), "{path}: {refused:?}");
        }
    }

    #[test]
    fn a_file_that_says_it_is_empty_is_read_no_further_than_the_limit() {
        let refused = read(Path::new("/proc/self"), "/maps").expect_err("longer than four bytes");
        assert!(matches!(refused, ReadError::TooLarge(4)), "{refused:?}");
    }

    #[test]
    fn a_file_that_is_there_and_cannot_be_read_is_not_called_missing() {
        // The system lets nobody read the first page of a process, root included.
        let refused = read(Path::new("/proc/self"), "/mem").expect_err("no memory is there");
        assert!(matches!(refused, ReadError::Unreadable(_)), "{refused:?}");
    }

    #[test]
    fn a_file_that_is_written_anew_has_another_stamp() {
        let root = tempfile::tempdir().expect("a scratch folder");
        let path = PicturePath::parse("/a.jpg", root.path()).expect("a path in normal form");
        let stamp = || PictureRoot::open(root.path()).expect("the root is a folder").stamp(&path);
        assert!(matches!(stamp(), Err(ReadError::Missing)));
        fs::write(root.path().join("a.jpg"), "abcd").expect("a small file");
        let first = stamp().expect("a file");

        fs::write(root.path().join("a.jpg"), "abcde").expect("a small file");

        assert_eq!(first.length, 4);
        assert_ne!(stamp().expect("a file"), first);
    }

    #[test]
    fn a_missing_file_and_one_that_is_too_large_are_told_apart() {
        let root = tempfile::tempdir().expect("a scratch folder");
        symlink("loop.jpg", root.path().join("loop.jpg")).expect("a link");
        fs::write(root.path().join("large.jpg"), "abcde").expect("a small file");

        let long_name = format!("/{}.jpg", "a".repeat(300));
        for path in ["/none.jpg", "/large.jpg/x.jpg", "/loop.jpg", &long_name] {
            let missing = read(root.path(), path).expect_err("nothing is there");
            assert!(matches!(missing, ReadError::Missing), "{path}: {missing:?}");
        }
        assert!(matches!(read(root.path(), "/large.jpg"), Err(ReadError::TooLarge(4))));
    }
}
