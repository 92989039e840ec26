use std::fs;
use std::path::PathBuf;

use identification::Thresholds;
use tempfile::TempDir;

use super::*;

const SCALING: Scaling = Scaling { mean: [1.0, 2.0, 3.0], divisor: 256.0 };

fn files() -> [PackFile; 3] {
    ["detector.onnx", "landmarks.bin", "embedder.onnx"]
        .map(|name| PackFile::new(name, name.as_bytes().to_vec()))
}

fn manifest() -> Manifest {
    let [detector, landmarks, embedder] = files().map(|file| file.reference());
    Manifest {
        format: FORMAT,
        id: "test".to_owned(),
        licence: "CC0-1.0".to_owned(),
        source: Source { package: "none".to_owned(), version: "1".to_owned(), files: vec![] },
        detector: DetectorSpec {
            network: detector,
            channels: Channels::Rgb,
            scaling: SCALING,
            faces: FaceSizes { from: 68.0, to: 96.0 },
            score_threshold: 0.0,
            overlap_iou: 0.4,
            overlap_cover: 0.9,
            output: DetectorOutput::Windows { window: 80, stride: 8, offset: 14 },
        },
        landmarks: LandmarksSpec::Cascade { cascade: landmarks },
        embedder: EmbedderSpec {
            network: embedder,
            channels: Channels::Rgb,
            scaling: SCALING,
            size: 150,
            template: [[0.5; 2]; 5],
            dimension: 128,
            metric: Metric::Euclidean,
        },
        quality: QualityLimits {
            size: 40,
            sharpness: 12.0,
            darkest: 30.0,
            brightest: 230.0,
            roll: 60.0,
            yaw: 55.0,
        },
        thresholds: Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 },
    }
}

/// A pack on disk, and where it is.
fn written() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("pack");
    write(&path, &manifest(), &files()).expect("it can be written");
    (folder, path)
}

/// What loading says after `pack.toml` was changed.
fn error_after(change: impl Fn(String) -> String) -> String {
    let (_folder, path) = written();
    let text = fs::read_to_string(path.join(MANIFEST)).expect("there is a manifest");
    let changed = change(text.clone());
    assert_ne!(changed, text, "the change must change something");
    fs::write(path.join(MANIFEST), changed).expect("it can be written");
    Pack::load(&path).expect_err("the pack is wrong").to_string()
}

#[test]
fn a_pack_is_read_as_it_was_written() {
    let (_folder, path) = written();
    let pack = Pack::load(&path).expect("it is a pack");
    assert_eq!(pack.manifest, manifest());
    assert_eq!(pack.embedder, b"embedder.onnx");
}

#[test]
fn a_changed_file_is_refused() {
    let (_folder, path) = written();
    fs::write(path.join("landmarks.bin"), "something else").expect("it can be written");
    let error = Pack::load(&path).expect_err("the checksum differs");
    assert!(matches!(&error, PackError::Checksum { path, .. } if path.ends_with("landmarks.bin")), "{error}");
}

#[test]
fn a_missing_file_is_named() {
    let (_folder, path) = written();
    fs::remove_file(path.join("embedder.onnx")).expect("it is there");
    let error = Pack::load(&path).expect_err("a file is missing").to_string();
    assert!(error.contains("embedder.onnx"), "{error}");
}

#[test]
fn a_setting_that_is_not_understood_is_refused() {
    let error = error_after(|text| text.replace("[detector]", "[detector]\nflip = true"));
    assert!(error.contains("flip"), "{error}");
}

#[test]
fn a_kind_of_detector_that_is_not_known_is_refused() {
    let error = error_after(|text| text.replace("\"windows\"", "\"boxes\""));
    assert!(error.contains("boxes"), "{error}");
}

#[test]
fn values_that_cannot_be_used_are_named() {
    let cases = [
        ("id = \"test\"", "id = \"\"", "id"),
        ("\"detector.onnx\"", "\"../detector.onnx\"", "a name in the pack"),
        ("divisor = 256.0", "divisor = 0.0", "divisor"),
        ("window = 80", "window = 0", "detector.output"),
        ("stride = 8", "stride = 0", "detector.output"),
        ("from = 68.0", "from = 95.0", "detector.faces.to"),
        ("kind = \"cascade\"", "kind = \"detector\"", "tells points"),
        ("score_threshold = 0.0", "score_threshold = nan", "detector.score_threshold"),
        ("dimension = 128", "dimension = 0", "embedder.dimension"),
        ("darkest = 30.0", "darkest = 231.0", "darkest"),
        ("yaw = 55.0", "yaw = 91.0", "quality.yaw"),
        ("accept = 0.55", "accept = 0.7", "thresholds"),
    ];
    for (from, to, named) in cases {
        let error = error_after(|text| text.replace(from, to));
        assert!(error.contains(named), "{to}: {error}");
    }
}

#[test]
fn a_pack_of_another_format_is_to_be_made_again_whatever_its_keys_are() {
    for format in ["format = 1", "format = 3"] {
        let error = error_after(|text| {
            text.replace("format = 2", format).replace("channels", "planes").replace("[quality]", "[limits]")
        });
        for words in [format.replace(" =", "").as_str(), "format 2", "import-dlib --from", "docs/MODELS.md"] {
            assert!(error.contains(words), "{words}: {error}");
        }
    }
}

#[test]
fn a_pack_is_current_when_its_manifest_can_be_read() {
    let (folder, path) = written();
    let text = fs::read_to_string(path.join(MANIFEST)).expect("there is a manifest");
    assert!(Pack::is_current(&path));
    assert!(!Pack::is_current(&folder.path().join("missing")));
    for changed in
        [text.replace("format = 2", "format = 1"), text.replace("[detector]", "[detector]\nflip = true")]
    {
        fs::write(path.join(MANIFEST), &changed).expect("it can be written");
        assert!(!Pack::is_current(&path), "{changed}");
    }
}

#[test]
fn a_new_pack_replaces_the_old_one_and_leaves_nothing_behind() {
    let (folder, path) = written();
    let newer = Manifest { id: "newer".to_owned(), ..manifest() };
    write(&path, &newer, &files()).expect("it can be written");
    assert_eq!(Pack::load(&path).expect("it is a pack").manifest.id, "newer");
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn the_old_pack_is_back_when_the_new_one_cannot_take_its_place() {
    let (folder, path) = written();
    write::swap(&folder.path().join("missing"), &path).expect_err("there is no new pack");
    assert_eq!(Pack::load(&path).expect("it is a pack").manifest, manifest());
    let left: Vec<_> = fs::read_dir(folder.path()).expect("the folder is there").collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_folder_that_is_not_a_pack_is_never_replaced() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let photo = folder.path().join("holiday.jpg");
    fs::write(&photo, "a photo").expect("it can be written");
    let error = write(folder.path(), &manifest(), &files()).expect_err("it is somebody's folder");
    assert!(matches!(error, PackError::NotAPack { .. }), "{error}");
    assert!(photo.exists());
}
