//! The models, photos and library that the tests need, which are downloaded once and not part of the sources.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use face_recognition::dlib::{self, Precision};
use face_recognition::engine::picture::{Picture, PictureLimits};
use face_recognition::engine::{Bounds, Embedding, Engine, EngineOptions, Point};
use face_recognition::pack::Pack;
use serde::Deserialize;

/// A file or folder among the assets: `$ROLLCALL_ASSETS`, or `.rollcall/assets` in the workspace.
pub(crate) fn asset(name: &str) -> PathBuf {
    let folder = std::env::var_os("ROLLCALL_ASSETS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../.rollcall/assets"), PathBuf::from);
    let path = folder.join(name);
    assert!(
        path.exists(),
        "{} is missing: run `make test`, which fetches what the tests need (or set ROLLCALL_ASSETS)",
        path.display()
    );
    path
}

/// The pack made of the real models; imported once per test run.
pub(crate) fn pack() -> &'static Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(|| imported(Precision::Int8))
}

fn imported(precision: Precision) -> Pack {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let target = folder.path().join("pack");
    dlib::import(&asset("dlib"), &target, precision).expect("the models can be imported");
    Pack::load(&target).expect("an imported pack can be loaded")
}

pub(crate) fn engine() -> Engine {
    load(pack())
}

/// One whose detector computes as dlib's does.
pub(crate) fn exact_engine() -> Engine {
    load(&imported(Precision::Exact))
}

fn load(pack: &Pack) -> Engine {
    Engine::load(pack, &asset("lib/libonnxruntime.so"), EngineOptions::default()).expect("the engine starts")
}

pub(crate) fn photo(name: &str) -> Picture {
    let bytes = std::fs::read(asset("photos").join(name)).expect("the photo can be read");
    Picture::decode(&bytes, &PictureLimits::default()).expect("the photo can be decoded")
}

/// What dlib gives for the only face in a photo.
#[derive(Deserialize)]
pub(crate) struct Reference {
    /// Width and height of the photo.
    pub(crate) size: [u32; 2],
    /// Left, top, right, bottom of dlib's (HOG) box, inclusive.
    #[serde(rename = "box")]
    pub(crate) corners: [i32; 4],
    /// For that box, in whole pixels.
    landmarks: Vec<[i32; 2]>,
    embedding: Vec<f32>,
}

impl Reference {
    pub(crate) fn bounds(&self) -> Bounds {
        let [left, top, right, bottom] = self.corners;
        Bounds { left, top, width: right - left + 1, height: bottom - top + 1 }
    }

    pub(crate) fn landmarks(&self) -> [Point; 5] {
        let points: Vec<Point> =
            self.landmarks.iter().map(|[x, y]| Point::new(f64::from(*x), f64::from(*y))).collect();
        points.try_into().expect("the reference has five landmarks")
    }

    pub(crate) fn embedding(&self) -> Embedding {
        Embedding::new(self.embedding.clone())
    }
}

/// Reference figures by file name of the photo.
pub(crate) fn references() -> BTreeMap<String, Reference> {
    serde_json::from_str(include_str!("../reference.json")).expect("the reference figures are valid")
}
