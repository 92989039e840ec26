//! The file below `STATE_DIR` that holds what one model found, shared by recognisers that see the same folder. Blocks.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use super::{ledger::CachedPhoto, snapshot};
use crate::{state_dir, whole_file};

/// Folder within the state.
const FOLDER: &str = "gallery";
const EXTENSION: &str = "snapshot";

/// The snapshot of one model.
#[derive(Debug, Clone)]
pub(crate) struct StateFile {
    folder: PathBuf,
    model_id: String,
    dimension: usize,
}

impl StateFile {
    /// Makes the folder of the snapshots below `state`. `dimension` is that of the model's embeddings.
    pub(crate) fn open(state: &Path, model_id: &str, dimension: usize) -> io::Result<Self> {
        let folder = state.join(FOLDER);
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, model_id: model_id.to_owned(), dimension })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(state_dir::file_name(&self.model_id, EXTENSION))
    }

    /// What was found before; nothing when there is no snapshot that can be used.
    pub(super) fn read(&self) -> Vec<CachedPhoto> {
        let path = self.path();
        let read = match fs::read(&path) {
            Ok(bytes) => {
                snapshot::decode(&bytes, &self.model_id, self.dimension).map_err(|error| error.to_string())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
            Err(error) => Err(error.to_string()),
        };
        read.unwrap_or_else(|error| {
            tracing::warn!(path = %path.display(), error, "the snapshot of known photos is not used");
            Vec::new()
        })
    }

    /// Writes what is found now.
    pub(super) fn write(&self, photos: Vec<CachedPhoto>) -> io::Result<()> {
        replace(&self.path(), &snapshot::encode(&self.model_id, photos))
    }

    /// Takes a name out of the snapshots of other models: what is forgotten is not to lie there until they are used.
    pub(super) fn forget_elsewhere(&self, name: &str) -> io::Result<()> {
        let own = self.path();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let is_snapshot = path.extension().is_some_and(|extension| extension == EXTENSION);
            if is_snapshot
                && path != own
                && let Some(left) = snapshot::without(&fs::read(&path)?, name)
            {
                replace(&path, &left)?;
            }
        }
        Ok(())
    }
}

/// It holds faces: nobody else reads it.
fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    whole_file::replace(path, bytes, Permissions::from_mode(0o600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else_is_left_in_the_folder() {
        let state = tempfile::tempdir().expect("a scratch folder");
        let file = StateFile::open(state.path(), "dlib", 2).expect("a folder that can be written");
        assert!(file.read().is_empty());

        file.write(vec![CachedPhoto::sample("a.jpg"), CachedPhoto::sample("b.jpg")])
            .expect("it can be written");
        file.write(vec![CachedPhoto::sample("a.jpg")]).expect("it can be written again");

        assert_eq!(file.read(), [CachedPhoto::sample("a.jpg")]);
        assert_eq!(fs::read_dir(state.path().join(FOLDER)).expect("the folder").count(), 1);
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let state = tempfile::tempdir().expect("a scratch folder");
        let file = StateFile::open(state.path(), "dlib", 2).expect("a folder that can be written");
        fs::write(file.path(), "rcknown, or not").expect("a small file");

        assert!(file.read().is_empty());
    }

    #[test]
    fn a_name_is_forgotten_in_the_snapshots_of_other_models() {
        let state = tempfile::tempdir().expect("a scratch folder");
        let [ours, theirs] = ["new", "old"]
            .map(|model| StateFile::open(state.path(), model, 2).expect("a folder that can be written"));
        theirs
            .write(vec![CachedPhoto::sample("a.jpg"), CachedPhoto::sample("b.jpg")])
            .expect("it can be written");

        ours.forget_elsewhere("a.jpg").expect("both can be read");

        assert_eq!(theirs.read(), [CachedPhoto::sample("b.jpg")]);
    }
}
