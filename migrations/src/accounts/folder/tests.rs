use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("a small file");
    }
    folder
}

fn faults(folder: &Path) -> String {
    read(folder).expect_err("the folder has faults").to_string()
}

#[test]
fn each_file_is_the_password_of_the_account_that_it_is_named_for() {
    let folder = folder(&[("receiver", b"one\n"), ("image-processor", b" two "), ("frontend", b"three\r\n")]);

    let read = read(folder.path()).expect("a good folder");

    let found: Vec<_> = read.iter().map(|found| (found.account(), found.password().reveal())).collect();
    let expected =
        [(Account::Frontend, "three"), (Account::ImageProcessor, " two "), (Account::Receiver, "one")];
    assert_eq!(found, expected);
}

/// As Kubernetes mounts a secret: the files are links through `..data`, a link to the folder of the day.
#[test]
fn links_are_followed_and_what_begins_with_a_dot_is_passed_by() {
    let folder = folder(&[(".hidden", b"")]);
    let dated = folder.path().join("..2026_05_17");
    fs::create_dir(&dated).expect("a small folder");
    fs::write(dated.join("frontend"), "secret").expect("a small file");
    symlink("..2026_05_17", folder.path().join("..data")).expect("a link");
    symlink("..data/frontend", folder.path().join("frontend")).expect("a link");

    let read = read(folder.path()).expect("a good folder");

    let found: Vec<_> = read.iter().map(|found| (found.account(), found.password().reveal())).collect();
    assert_eq!(found, [(Account::Frontend, "secret")]);
}

#[test]
fn every_fault_is_named_at_once_and_no_password_with_it() {
    let folder = folder(&[
        ("receiver", b"\n"),
        ("frontend", b"hunter2'"),
        ("image-processor", b"hunter2\xff"),
        ("root", b"hunter2"),
    ]);

    let faults = faults(folder.path());

    for fault in [
        "receiver is empty",
        "frontend has a character",
        "image-processor, a password, cannot be read",
        "root belongs to no account",
    ] {
        assert!(faults.contains(fault), "{fault:?} is not in {faults}");
    }
    assert!(!faults.contains("hunter2"), "{faults}");
}

#[test]
fn a_folder_without_passwords_and_a_missing_one_are_faults() {
    let empty = folder(&[(".hidden", b"secret")]);

    assert!(faults(empty.path()).contains("holds no password"));
    assert!(faults(&empty.path().join("nowhere")).contains("cannot be read as a folder"));
}

#[test]
fn a_folder_in_the_place_of_a_file_is_a_fault() {
    let folder = folder(&[]);
    fs::create_dir(folder.path().join("receiver")).expect("a small folder");

    assert!(faults(folder.path()).contains("receiver, a password, cannot be read"));
}
