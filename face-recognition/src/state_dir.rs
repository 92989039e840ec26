//! Files below `STATE_DIR`, one a model in a folder for each kind: their names, and what is left of those that were not
//! finished. Blocks.

use std::{fs, path::Path};

use crate::whole_file;

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

/// Removes what a crash left in the folders of the state.
pub(crate) fn remove_left_behind(state: &Path) {
    let folders = fs::read_dir(state).into_iter().flatten().flatten().map(|entry| entry.path());
    folders.filter(|path| path.is_dir()).for_each(|folder| whole_file::remove_left_behind(&folder));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_model_has_a_file_of_its_own_below_the_folder() {
        let names = ["dlib", "dlib-2", "a/b", "a_b", "..", ".x", "Ä", ""].map(|id| file_name(id, "snapshot"));

        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len(), "{names:?}");
        assert!(names.iter().all(|name| !name.contains('/') && name.ends_with(".snapshot")), "{names:?}");
    }
}
