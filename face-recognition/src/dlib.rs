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

use identification::Thresholds;

use crate::pack::{
    self, Channels, DetectorOutput, DetectorSpec, EmbedderSpec, FaceSizes, LandmarksSpec, Manifest, Metric,
    PackFile, QualityLimits, Scaling, Source,
};
use layers::Layer;
use network::{Converted, InputSize};

const DETECTOR: &str = "mmod_human_face_detector.dat";
const LANDMARKS: &str = "shape_predictor_5_face_landmarks.dat";
const EMBEDDER: &str = "dlib_face_recognition_resnet_model_v1.dat";

/// Side of the aligned face that the `ResNet` was trained on, in pixels.
const CHIP_SIZE: u32 = 150;
/// Length of the vector that the `ResNet` gives.
const DIMENSION: u32 = 128;

/// Where the landmarks lie in dlib's reference face, as shares of its side.
const TEMPLATE: [[f64; 2]; 5] = [
    [0.859_567_459_599_2, 0.213_498_153_801_4],
    [0.646_060_476_410_4, 0.228_967_438_767_8],
    [0.120_575_062_078_9, 0.213_727_452_684_8],
    [0.334_085_061_371_2, 0.229_064_240_324_2],
    [0.490_112_313_567_9, 0.627_799_531_647_5],
];
/// Space around the reference face in an aligned one, as a share of its side.
const PADDING: f64 = 0.25;
/// The largest value behind each layer of the detector but the last, seen on photos at all sizes and rounded up. Only faces
/// come near them.
const RANGES: [f32; 6] = [6.0, 8.0, 5.0, 4.5, 6.5, 13.0];

/// How the detector computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Precision {
    /// In 8 bits, for the most part: finds the same faces in less than half of the time.
    Int8,
    /// In single precision, as dlib does.
    Exact,
}

/// Converts the three `.dat` files in the folder `from` into a model pack at the folder `to`.
///
/// An earlier pack at `to` is replaced; a folder there that is not a pack is refused. The pack appears under
/// its name only when it is complete.
///
/// # Errors
/// A file that cannot be read or written, that is not in dlib's format (cut short, corrupt), or that holds
/// another network than the one expected.
pub fn import(from: &Path, to: &Path, precision: Precision) -> Result<(), ImportError> {
    let mut sources = Vec::new();
    let files = [
        PackFile::new("detector.onnx", detector(&read(from, DETECTOR, &mut sources)?, precision)?),
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
pub fn detector(bytes: &[u8], precision: Precision) -> Result<Vec<u8>, ImportError> {
    network(bytes, DETECTOR, 1, |layers| match precision {
        Precision::Int8 => network::convert_quantised(layers, &RANGES),
        Precision::Exact => network::convert(layers, InputSize::Free),
    })
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
    network(bytes, EMBEDDER, DIMENSION as usize, |layers| {
        network::convert(layers, InputSize::Square(CHIP_SIZE))
    })
}

fn network(
    bytes: &[u8],
    file: &'static str,
    expected: usize,
    convert: impl FnOnce(&[Layer]) -> Result<Converted, NetworkError>,
) -> Result<Vec<u8>, ImportError> {
    let layers = layers::read(bytes).map_err(|source| ImportError::Malformed { file, source })?;
    let failed = |source| ImportError::Network { file, source };
    let Converted { model, outputs } = convert(&layers).map_err(failed)?;
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
            network: detector.reference(),
            channels: Channels::Rgb,
            scaling,
            // Measured on photos: a face of such a size scores nearly its best, while beyond both ends the score falls
            // below 0 within a few hundredths.
            faces: FaceSizes { from: 66.0, to: 97.0 },
            score_threshold: 0.0,
            overlap_iou: 0.4,
            overlap_cover: 0.9,
            output: DetectorOutput::Windows { window: 80, stride: 8, offset: 14 },
        },
        landmarks: LandmarksSpec::Cascade { cascade: landmarks.reference() },
        embedder: EmbedderSpec {
            network: embedder.reference(),
            channels: Channels::Rgb,
            scaling,
            size: CHIP_SIZE,
            template: TEMPLATE.map(|place| place.map(|share| (share + PADDING) / (2.0 * PADDING + 1.0))),
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
