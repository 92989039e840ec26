//! Importing dlib's files: repeatable, whole or not at all, and deaf to damage.

use std::fs;
use std::path::Path;

use face_recognition::dlib::{self, ImportError, Precision};
use face_recognition::pack::Pack;
use tempfile::TempDir;

use crate::assets::asset;

const SOURCES: [&str; 3] = [
    "mmod_human_face_detector.dat",
    "shape_predictor_5_face_landmarks.dat",
    "dlib_face_recognition_resnet_model_v1.dat",
];

/// A folder of links to the real files, any of which a test may replace.
fn sources() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in SOURCES {
        let real = fs::canonicalize(asset("dlib").join(name)).expect("the model is there");
        std::os::unix::fs::symlink(real, folder.path().join(name)).expect("a link can be made");
    }
    folder
}

fn replace(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    fs::remove_file(&path).expect("it is there");
    fs::write(path, bytes).expect("it can be written");
}

fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("the folder is there").map(|entry| entry.expect("an entry"));
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().expect("plain names");
            (name, fs::read(entry.path()).expect("a file"))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (one, other) = (folder.path().join("one"), folder.path().join("other"));

    dlib::import(&asset("dlib"), &one, Precision::Int8).expect("the first import");
    dlib::import(&asset("dlib"), &other, Precision::Int8).expect("the second import");
    dlib::import(&asset("dlib"), &other, Precision::Int8).expect("an import over an earlier one");

    assert_eq!(contents(&one).len(), 4);
    assert!(contents(&one) == contents(&other));
}

#[test]
fn a_file_cut_short_anywhere_is_an_error_that_names_it() {
    let sources = sources();
    let target = sources.path().join("pack");
    for name in SOURCES {
        let whole = fs::read(asset("dlib").join(name)).expect("the model can be read");
        let spread = (0..10).map(|tenth| whole.len() * tenth / 10);
        for length in spread.chain([1, 2, 50, 400, whole.len() - 34, whole.len() - 1]) {
            replace(sources.path(), name, &whole[..length]);
            let error =
                dlib::import(sources.path(), &target, Precision::Int8).expect_err("the file is cut short");
            let named = matches!(&error, ImportError::Malformed { file, .. } if *file == name);
            assert!(named, "{name}, {length} bytes: {error}");
        }
        replace(sources.path(), name, &whole);
    }
    assert!(!target.exists(), "a failed import leaves no pack");
}

#[test]
fn a_file_with_wrong_bytes_is_an_error_or_a_pack_but_never_a_crash() {
    let sources = sources();
    let name = SOURCES[0];
    let whole = fs::read(asset("dlib").join(name)).expect("the model can be read");
    // The last source is empty, so that no import gets as far as writing.
    replace(sources.path(), SOURCES[1], b"");
    // The head of the first tensor, places spread over all of the file, and what follows the last layer.
    let spread = (0..12).map(|part| whole.len() / 12 * part);
    let mut refused = 0;
    for place in (130..160).chain(spread).chain(whole.len() - 40..whole.len()) {
        let mut damaged = whole.clone();
        damaged[place] ^= 0xff;
        replace(sources.path(), name, &damaged);
        match dlib::import(sources.path(), &sources.path().join("pack"), Precision::Int8) {
            Err(ImportError::Malformed { file, .. } | ImportError::Network { file, .. }) => {
                refused += usize::from(file == name);
            }
            other => panic!("byte {place}: {other:?}"),
        }
    }
    // Other bytes are weights, and any weights are weights.
    assert!(refused >= 40, "only {refused} damaged files were refused");
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let sources = sources();
    for (name, other) in [(SOURCES[0], SOURCES[2]), (SOURCES[2], SOURCES[0])] {
        let real = fs::read(asset("dlib").join(name)).expect("the model can be read");
        replace(sources.path(), name, &fs::read(asset("dlib").join(other)).expect("the model can be read"));
        let error = dlib::import(sources.path(), &sources.path().join("pack"), Precision::Int8)
            .expect_err("the wrong network");
        assert!(matches!(&error, ImportError::Network { file, .. } if *file == name), "{name}: {error}");
        replace(sources.path(), name, &real);
    }
}

#[test]
fn a_missing_file_is_named() {
    let sources = sources();
    fs::remove_file(sources.path().join(SOURCES[1])).expect("it is there");
    let error = dlib::import(sources.path(), &sources.path().join("pack"), Precision::Int8)
        .expect_err("a file is missing");
    assert!(error.to_string().contains(SOURCES[1]), "{error}");
}

#[test]
fn a_pack_says_where_its_weights_come_from() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    dlib::import(&asset("dlib"), &folder.path().join("pack"), Precision::Int8)
        .expect("the models can be imported");

    let manifest = Pack::load(&folder.path().join("pack")).expect("it is a pack").manifest;

    assert_eq!(manifest.id, "dlib-resnet-v1");
    assert_eq!(
        (manifest.source.package.as_str(), manifest.source.version.as_str()),
        ("face_recognition_models", "0.3.0")
    );
    let files: Vec<&str> = manifest.source.files.iter().map(|source| source.file.as_str()).collect();
    assert_eq!(files, SOURCES);
}
