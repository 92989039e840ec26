//! The copies on disk: one file each, within a limit. What cannot be kept is made again; that is slower and nothing else.

use std::{
    fs, io,
    io::Write as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use tempfile::NamedTempFile;

use crate::ledger::Ledger;

#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    ledger: Mutex<Ledger>,
}

impl Cache {
    /// Takes over what lies in the folder, which is made when it is not there.
    pub(crate) fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut found = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let (metadata, name) = (entry.metadata()?, entry.file_name());
            if metadata.is_file()
                && let Ok(name) = name.into_string()
            {
                found.push((metadata.mtime(), name, metadata.len()));
            }
        }
        found.sort_unstable();
        let mut ledger = Ledger::new(limit);
        for (_, name, bytes) in found {
            remove_all(folder, &ledger.add(&name, bytes));
        }
        Ok(Self { folder: folder.to_owned(), ledger: Mutex::new(ledger) })
    }

    pub(crate) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.touch(name);
        drop(ledger);
        fs::read(self.folder.join(name)).ok()
    }

    /// Written beside its place and moved there: half a copy is never read.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut unfinished = NamedTempFile::new_in(&self.folder)?;
        unfinished.write_all(bytes)?;
        unfinished.persist(self.folder.join(name))?;
        let mut ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        remove_all(&self.folder, &ledger.add(name, bytes.len() as u64));
        Ok(())
    }
}

fn remove_all(folder: &Path, names: &[String]) {
    for name in names {
        if let Err(error) = fs::remove_file(folder.join(name)) {
            tracing::warn!(%error, "a copy of a picture cannot be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_there_after_a_restart_and_within_the_limit() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let cache = Cache::open(&folder.path().join("cache"), 10)?;
        cache.write("a", b"12345")?;
        cache.write("b", b"12345")?;
        assert!(cache.read("a").is_some());
        cache.write("c", b"12345")?;

        let cache = Cache::open(&folder.path().join("cache"), 10)?;

        assert_eq!(cache.read("a").as_deref(), Some(b"12345".as_slice()));
        assert_eq!((cache.read("b"), cache.read("c").is_some()), (None, true));
        let smaller = Cache::open(&folder.path().join("cache"), 5)?;
        assert_eq!(["a", "c"].iter().filter(|name| smaller.read(name).is_some()).count(), 1);
        Ok(())
    }
}
