//! The manifest of a model pack: whatever the bytes, a pack that is read the same again, or an error.
#![no_main]

use std::{fs, sync::LazyLock};

use face_recognition::pack::{Manifest, Pack};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// A folder with the files that the seeds refer to; they are empty.
static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["detector.onnx", "landmarks.bin", "embedder.onnx"] {
        fs::write(folder.path().join(name), []).expect("room for nothing");
    }
    folder
});

fuzz_target!(|bytes: &[u8]| {
    if let Some(manifest) = loaded(bytes) {
        let written = toml::to_string(&manifest).expect("a manifest can be written");
        assert_eq!(loaded(written.as_bytes()), Some(manifest), "{written}");
    }
});

fn loaded(manifest: &[u8]) -> Option<Manifest> {
    fs::write(FOLDER.path().join("pack.toml"), manifest).expect("room for a manifest");
    Pack::load(FOLDER.path()).ok().map(|pack| pack.manifest)
}
