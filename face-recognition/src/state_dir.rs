//! Files below `STATE_DIR`, one a model: their names, and how they are replaced. Blocks.

use std::{
    fs::{File, Permissions},
    io::{self, Write},
    path::Path,
};

/// The model's id where it can be a file's name, and its hash where it cannot.
pub(crate) fn file_name(model_id: &str, extension: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if model_id.len() <= 100 && !model_id.starts_with('.') && model_id.bytes().all(is_plain) {
        format!("{model_id}.{extension}")
    } else {
        // No plain id begins with a dot.
        format!(".{}.{extension}", crate::pack::sha256(model_id.as_bytes()))
    }
}

/// Writes beside the file and renames: whoever reads it sees the old or the new one, also after a crash. The umask takes
/// from the permissions.
pub(crate) fn replace(path: &Path, bytes: &[u8], permissions: Permissions) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut unfinished =
        tempfile::Builder::new().prefix(".unfinished-").permissions(permissions).tempfile_in(folder)?;
    unfinished.write_all(bytes)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, os::unix::fs::PermissionsExt};

    use super::*;

    #[test]
    fn each_model_has_a_file_of_its_own_below_the_folder() {
        let names = ["dlib", "dlib-2", "a/b", "a_b", "..", ".x", "Ä", ""].map(|id| file_name(id, "snapshot"));

        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| !name.contains('/') && name.ends_with(".snapshot")), "{names:?}");
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_with_its_permissions() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("file");
        for (bytes, mode) in [("one", 0o644), ("two", 0o600)] {
            replace(&path, bytes.as_bytes(), Permissions::from_mode(mode)).expect("it can be written");

            assert_eq!(fs::read_to_string(&path).expect("it is there"), bytes);
            let permissions = fs::metadata(&path).expect("it is there").permissions();
            // A umask may take more.
            assert_eq!(permissions.mode() & 0o777 & !mode, 0);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 1);
    }
}
