//! Uploads in a real folder.

use std::{
    fs::{self, File},
    os::unix::fs::symlink,
    path::Path,
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream;
use tempfile::TempDir;

use super::*;

const GIF: &[u8] = b"GIF89a and no more";

fn uploads(root: &Path) -> Uploads {
    Uploads::new(Arc::new(root.to_owned()))
}

async fn upload(root: &Path, name: Option<&str>, body: Body) -> Result<PicturePath, UploadError> {
    uploads(root).receive(body).await?.finish(name.map(str::to_owned)).await
}

async fn store(root: &Path, name: &str, bytes: &'static [u8]) -> Result<String, UploadError> {
    upload(root, Some(name), Body::from(bytes)).await.map(|path| path.as_str().to_owned())
}

fn root() -> TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn the_same_bytes_are_one_file_whatever_they_are_called() {
    let root = root();

    let first = store(root.path(), "a.gif", GIF).await.expect("it is stored");
    let again = store(root.path(), "b.jpg", GIF).await.expect("it is stored");
    let other = store(root.path(), "a.gif", b"GIF89a and more").await.expect("it is stored");

    assert_eq!(again, first);
    assert_ne!(other, first);
    assert!(first.starts_with("/uploads/") && first.ends_with("-a.gif"), "{first}");
    assert_eq!(fs::read(root.path().join(&first[1..])).expect("a file"), GIF);
    assert_eq!(files(root.path()).len(), 2, "{:?}", files(root.path()));
}

#[tokio::test]
async fn content_that_only_begins_with_the_same_digits_has_a_place_of_its_own() {
    let root = root();
    let path = store(root.path(), "a.gif", GIF).await.expect("it is stored");
    fs::write(root.path().join(&path[1..]), "another content with these digits").expect("a small file");

    let beside = store(root.path(), "a.gif", GIF).await.expect("it is stored");

    assert_ne!(beside, path);
    assert_eq!(fs::read(root.path().join(&beside[1..])).expect("a file"), GIF);
}

#[tokio::test]
async fn what_is_no_picture_is_too_large_or_ends_early_leaves_nothing_behind() {
    let root = root();
    let large = || Body::from(vec![b'G'; MAX_BYTES + 1]);
    let broken = || {
        let chunks = [Ok(Bytes::from_static(GIF)), Err(io::Error::other("the client is gone"))];
        Body::from_stream(stream::iter(chunks))
    };
    let bodies = [
        (Body::from("<svg/>"), "NotAnImage"),
        (Body::empty(), "Empty"),
        (large(), "TooLarge"),
        (broken(), "BodyUnreadable"),
    ];

    for (body, expected) in bodies {
        let refused = upload(root.path(), None, body).await.expect_err(expected);
        assert!(format!("{refused:?}").starts_with(expected), "{refused:?}");
    }

    assert_eq!(files(root.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_picture_of_the_largest_size_is_stored() {
    let root = root();
    let mut bytes = vec![0; MAX_BYTES];
    bytes[..GIF.len()].copy_from_slice(GIF);

    let path = upload(root.path(), None, Body::from(bytes)).await.expect("it is stored");

    let stored = fs::metadata(root.path().join(path.relative())).expect("a file");
    assert_eq!(stored.len(), MAX_BYTES as u64);
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing_behind() {
    let root = root();
    let endless = Body::from_stream(
        stream::iter([Ok::<_, io::Error>(Bytes::from_static(GIF))]).chain(stream::pending()),
    );

    let given_up = tokio::time::timeout(Duration::from_millis(200), upload(root.path(), None, endless)).await;

    assert!(given_up.is_err(), "it has no end");
    assert_eq!(files(root.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn what_a_crash_left_is_removed_when_it_is_old_and_nothing_else_is() {
    let root = root();
    let folder = root.path().join("uploads");
    fs::create_dir(&folder).expect("a folder");
    let make = |name: &str, age: Duration| {
        let file = File::create(folder.join(name)).expect("a small file");
        let written = file.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        file.set_modified(written - age).expect("a file of ours");
    };
    make(".rollcall-unfinished-1", Duration::from_hours(2));
    make(".rollcall-unfinished-2", Duration::from_mins(50));
    make("notes", Duration::from_hours(2));
    // What cannot be removed is no reason to keep the rest, in whatever order it comes.
    for number in 3..20 {
        let name = format!(".rollcall-unfinished-{number}");
        if number % 2 == 0 {
            make(&name, Duration::from_hours(2));
            continue;
        }
        fs::create_dir(folder.join(&name)).expect("a folder");
        let opened = File::open(folder.join(&name)).expect("a folder of ours");
        let beginning = opened.metadata().and_then(|metadata| metadata.modified()).expect("a time");
        opened.set_modified(beginning - Duration::from_hours(2)).expect("a folder of ours");
    }

    store(root.path(), "a.gif", GIF).await.expect("it is stored");

    let left = |name: &str| folder.join(name).exists();
    assert_eq!([".rollcall-unfinished-1", ".rollcall-unfinished-2", "notes"].map(left), [false, true, true]);
    let files = (3..20).filter(|number| number % 2 == 0);
    let stays: Vec<i32> = files.filter(|number| left(&format!(".rollcall-unfinished-{number}"))).collect();
    assert_eq!(stays, [] as [i32; 0]);
}

#[tokio::test]
async fn no_link_leads_an_upload_out_of_the_image_root() {
    let folder = root();
    let (inside, outside) = (folder.path().join("root"), folder.path().join("outside"));
    fs::create_dir(&inside).expect("a folder");
    fs::create_dir(&outside).expect("a folder");
    symlink("../outside", inside.join("uploads")).expect("a link");

    store(&inside, "a.gif", GIF).await.expect_err("the folder leads out");

    assert_eq!(files(&outside), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn an_image_root_that_is_not_there_is_not_made() {
    let folder = root();
    let missing = folder.path().join("not mounted");

    let refused = store(&missing, "a.gif", GIF).await.expect_err("there is no folder");

    assert!(matches!(refused, UploadError::Broken(_)), "{refused:?}");
    assert!(!missing.exists());
}

#[test]
fn what_the_system_says_tells_a_full_disk_from_one_that_is_read_only() {
    let kind = |errno: Errno| match UploadError::from(io::Error::from(errno)) {
        UploadError::ReadOnly(_) => "read-only",
        UploadError::Full(_) => "full",
        _ => "broken",
    };
    let table = [
        (Errno::ROFS, "read-only"),
        (Errno::ACCESS, "read-only"),
        (Errno::NOSPC, "full"),
        (Errno::DQUOT, "full"),
        (Errno::IO, "broken"),
    ];
    for (errno, expected) in table {
        assert_eq!(kind(errno), expected, "{errno:?}");
    }
}
