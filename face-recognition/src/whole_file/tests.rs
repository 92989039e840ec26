//! What is in a folder after files were written, and after they were not.

use std::os::unix::fs::PermissionsExt;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = entries.map(|name| name.into_string().expect("UTF-8")).collect();
    names.sort();
    names
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
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_file_is_added_and_never_in_place_of_another() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let add = |bytes: &[u8]| add(folder.path(), "file", bytes, Permissions::from_mode(0o644));

    add(b"one").expect("it can be written");
    let refused = add(b"two").expect_err("the name is taken");

    assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(folder.path().join("file")).expect("it is there"), b"one");
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn what_was_left_behind_is_removed_when_it_is_old_and_nothing_else_is() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let at = |name: &str| folder.path().join(name);
    let make = |name: &str, age: Duration| {
        let file = File::create(at(name)).expect("a small file");
        let now = file.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        file.set_modified(now - age).expect("its time can be set");
    };
    let (young, old) = (Duration::from_mins(50), Duration::from_mins(70));
    make(".rollcall-unfinished-old", old);
    make(".rollcall-unfinished-young", young);
    make(".other", old);
    make("photo.jpg", old);
    fs::create_dir(at(".rollcall-unfinished-folder")).expect("a folder");

    remove_left_behind(folder.path());

    let kept = [".other", ".rollcall-unfinished-folder", ".rollcall-unfinished-young", "photo.jpg"];
    assert_eq!(names(folder.path()), kept);
}
