//! The importer: dlib's published `.dat` files in, a model pack out.
//!
//! Three files are read: the face detector (max-margin object detection, King 2015), the five-point landmark
//! predictor (Kazemi and Sullivan 2014) and the face recognition `ResNet`. The two networks become ONNX, the
//! predictor becomes our own landmark file. Nothing outside this module knows dlib's formats, and the same
//! files always give the same bytes.

#[cfg(test)]
mod coding;
mod error;
mod forest;
mod layers;
mod network;
mod onnx;
mod reader;

use std::path::Path;

pub use error::{ImportError, NetworkError};
pub use reader::Malformed;

use crate::pack::{
    self, DetectorKind, DetectorSpec, EmbedderSpec, LandmarksKind, LandmarksSpec, Manifest, Metric, PackFile,
    QualityLimits, Scaling, Source, Thresholds,
};
use network::InputSize;

const DETECTOR: &str = "mmod_human_face_detector.dat";
const LANDMARKS: &str = "shape_predictor_5_face_landmarks.dat";
const EMBEDDER: &str = "dlib_face_recognition_resnet_model_v1.dat";

/// Side of the aligned face that the `ResNet` was trained on, in pixels.
const CHIP_SIZE: u32 = 150;
/// Length of the vector that the `ResNet` gives.
const DIMENSION: u32 = 128;

/// Converts the three `.dat` files in the folder `from` into a model pack at the folder `to`.
///
/// An earlier pack at `to` is replaced; a folder there that is not a pack is refused. The pack appears under
/// its name only when it is complete.
///
/// # Errors
/// A file that cannot be read or written, that is not in dlib's format (cut short, corrupt), or that holds
/// another network than the one expected.
pub fn import(from: &Path, to: &Path) -> Result<(), ImportError> {
    let mut sources = Vec::new();
    let files = [
        PackFile::new("detector.onnx", detector(&read(from, DETECTOR, &mut sources)?)?),
        PackFile::new("landmarks.bin", landmarks(&read(from, LANDMARKS, &mut sources)?)?),
        PackFile::new("embedder.onnx", embedder(&read(from, EMBEDDER, &mut sources)?)?),
    ];
    let manifest = manifest(&files, sources);
    Ok(pack::write(to, &manifest, &files)?)
}

/// Reads one source file and notes its name and checksum.
fn read(folder: &Path, name: &str, sources: &mut Vec<pack::FileRef>) -> Result<Vec<u8>, ImportError> {
    let bytes = pack::read_bounded(&folder.join(name))?;
    sources.push(pack::FileRef { file: name.to_owned(), sha256: pack::sha256(&bytes) });
    Ok(bytes)
}

/// Converts the face detector: its `.dat` file in, ONNX out.
///
/// # Errors
/// The bytes are not in dlib's format, or hold another network.
pub fn detector(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    network(bytes, DETECTOR, InputSize::Free, 1)
}

/// Converts the landmark predictor: its `.dat` file in, a
/// [landmark file](crate::engine::landmarks::Cascade::from_bytes) out.
///
/// # Errors
/// The bytes are not in dlib's format, or hold another predictor.
pub fn landmarks(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    let cascade = forest::read(bytes).map_err(|source| ImportError::Malformed { file: LANDMARKS, source })?;
    Ok(cascade.to_bytes())
}

/// Converts the face recognition `ResNet`: its `.dat` file in, ONNX out.
///
/// # Errors
/// The bytes are not in dlib's format, or hold another network.
pub fn embedder(bytes: &[u8]) -> Result<Vec<u8>, ImportError> {
    network(bytes, EMBEDDER, InputSize::Square(CHIP_SIZE), DIMENSION as usize)
}

fn network(
    bytes: &[u8],
    file: &'static str,
    input: InputSize,
    expected: usize,
) -> Result<Vec<u8>, ImportError> {
    let layers = layers::read(bytes).map_err(|source| ImportError::Malformed { file, source })?;
    let failed = |source| ImportError::Network { file, source };
    let network::Converted { model, outputs } = network::convert(&layers, input).map_err(failed)?;
    if outputs == expected {
        Ok(model)
    } else {
        Err(failed(NetworkError::Outputs { found: outputs, expected }))
    }
}

/// What dlib's code and documentation say about these models.
fn manifest([detector, landmarks, embedder]: &[PackFile; 3], files: Vec<pack::FileRef>) -> Manifest {
    // Both networks were trained on pixels with this mean (R, G, B) taken off and divided by 256.
    let scaling = Scaling { mean: [122.782, 117.001, 104.298], divisor: 256.0 };
    Manifest {
        format: pack::FORMAT,
        id: "dlib-resnet-v1".to_owned(),
        licence: "CC0-1.0".to_owned(),
        source: Source { package: "face_recognition_models".to_owned(), version: "0.3.0".to_owned(), files },
        detector: DetectorSpec {
            kind: DetectorKind::Mmod,
            network: detector.reference(),
            scaling,
            window: 80,
            stride: 8,
            offset: 14,
            score_threshold: 0.0,
            overlap_iou: 0.4,
            overlap_cover: 0.9,
        },
        landmarks: LandmarksSpec { kind: LandmarksKind::Cascade, cascade: landmarks.reference() },
        embedder: EmbedderSpec {
            network: embedder.reference(),
            scaling,
            size: CHIP_SIZE,
            padding: 0.25,
            dimension: DIMENSION,
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
        thresholds: Thresholds { accept: 0.55, unknown: 0.60, margin: 0.05 },
    }
}
