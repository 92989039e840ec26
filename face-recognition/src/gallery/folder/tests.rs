//! Files that appear, change and are no photos at all.

use std::os::unix::fs::symlink;

use super::*;

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = list(folder).expect("a folder").into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[test]
fn plain_files_and_links_to_them_are_listed_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.jpg"), "a").expect("a small file");
    fs::write(at(".hidden.jpg"), "a").expect("a small file");
    fs::create_dir(at("folder")).expect("a folder");
    symlink("a.jpg", at("link.jpg")).expect("a link");
    symlink("nothing.jpg", at("broken.jpg")).expect("a link");
    symlink("loop.jpg", at("loop.jpg")).expect("a link");

    assert_eq!(names(folder.path()), ["a.jpg", "link.jpg"]);
}

#[test]
fn a_folder_that_is_gone_is_an_error_and_not_an_empty_one() {
    let folder = tempfile::tempdir().expect("a scratch folder");

    assert!(list(&folder.path().join("gone")).is_err());
}

#[test]
fn a_file_that_was_just_written_may_change_unseen_and_an_older_one_may_not() {
    let stat = Stat { size: 1, modified_ns: 5_000_000_000, changed_ns: 6_000_000_000, inode: 1 };
    let table = [
        (6_000_000_000, true),
        (7_999_999_999, true),
        (8_000_000_000, false),
        // The clock of the volume is ahead.
        (4_000_000_000, true),
    ];
    for (now_ns, racy) in table {
        assert_eq!(stat.is_racy_at(now_ns), racy, "{now_ns}");
    }
}

#[test]
fn what_is_read_is_what_was_listed() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    fs::write(folder.path().join("a.jpg"), "abc").expect("a small file");

    let file = read(&folder.path().join("a.jpg")).expect("a readable file");

    assert_eq!(list(folder.path()).expect("a folder"), [("a.jpg".to_owned(), file.record.stat)]);
    assert_eq!(file.bytes.as_deref(), Ok(b"abc".as_slice()));
    assert_eq!(file.record.content_hash, *Sha256::digest("abc"));
    assert!(file.record.racy, "it was just written");
}

#[test]
fn a_file_that_is_too_large_is_hashed_and_not_kept() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("large.jpg");
    let limit = PictureLimits::default().bytes;
    File::create(&path).and_then(|file| file.set_len(limit as u64 + 5)).expect("a sparse file");

    let file = read(&path).expect("a readable file");

    assert_eq!(file.bytes, Err(PictureError::TooManyBytes { bytes: limit + 5, limit }));
    assert_eq!(file.record.content_hash, *Sha256::digest(vec![0; limit + 5]));
}

#[test]
fn a_file_is_added_whole_and_never_in_place_of_another() {
    let folder = tempfile::tempdir().expect("a scratch folder");

    let stat = add(folder.path(), "a.jpg", b"first").expect("a folder that can be written");
    let refused = add(folder.path(), "a.jpg", b"second").expect_err("the name is taken");

    assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(folder.path().join("a.jpg")).expect("a readable file"), b"first");
    assert_eq!(list(folder.path()).expect("a folder"), [("a.jpg".to_owned(), stat)]);
    let entries = fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(entries, 1, "nothing unfinished is left");
}

#[test]
fn a_file_is_removed_once() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    add(folder.path(), "a.jpg", b"a").expect("a folder that can be written");

    assert!(remove(folder.path(), "a.jpg").expect("it can be removed"));
    assert!(!remove(folder.path(), "a.jpg").expect("there is nothing to remove"));
}
