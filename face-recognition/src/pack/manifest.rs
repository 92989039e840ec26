//! `pack.toml`: which files a pack consists of, and the numbers needed to use them.

mod check;

use std::path::Path;

use identification::Thresholds;
use serde::{Deserialize, Serialize};

use super::{MANIFEST, PackError, read_bounded};

/// Version of the manifest that this engine reads and writes.
pub const FORMAT: u32 = 2;

/// The whole manifest. Unknown keys are refused: a setting that is not understood must not be passed over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the manifest.
    pub format: u32,
    /// Name of the model; embeddings are comparable within one id only.
    pub id: String,
    /// SPDX identifier of the weights' licence.
    pub licence: String,
    /// Where the weights come from.
    pub source: Source,
    /// How faces are found.
    pub detector: DetectorSpec,
    /// How the five landmarks are found.
    pub landmarks: LandmarksSpec,
    /// How an aligned face becomes an embedding.
    pub embedder: EmbedderSpec,
    /// What a face needs to be compared.
    pub quality: QualityLimits,
    /// How distances are to be read.
    pub thresholds: Thresholds,
}

/// What every manifest has, whatever its format.
#[derive(Deserialize)]
struct Version {
    format: u32,
}

impl Manifest {
    /// Reads the manifest of the pack in `folder`.
    pub(super) fn read(folder: &Path) -> Result<Self, PackError> {
        let path = folder.join(MANIFEST);
        let text = read_bounded(&path)?;
        let unreadable = |source| PackError::Manifest { path: path.clone(), source: Box::new(source) };
        // Another format has other keys, and which of them is missing tells nobody what to do.
        let Version { format } = toml::from_slice(&text).map_err(unreadable)?;
        if format != FORMAT {
            return Err(PackError::OtherFormat { path: folder.to_owned(), format });
        }
        let manifest: Self = toml::from_slice(&text).map_err(unreadable)?;
        manifest.check().map_err(|reason| PackError::Invalid { path, reason })?;
        Ok(manifest)
    }
}

/// The package that the weights were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Its files that were converted.
    pub files: Vec<FileRef>,
}

/// A file, by its name and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRef {
    /// Name within its folder.
    pub file: String,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
}

/// What is done to pixel values (0 to 255) before a network sees them: `(value - mean) / divisor`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scaling {
    /// Of red, green and blue.
    pub mean: [f32; 3],
    /// One for all channels.
    pub divisor: f32,
}

/// The order of the planes of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channels {
    /// Red, green, blue.
    Rgb,
    /// Blue, green, red.
    Bgr,
}

/// The sizes at which one look at a picture finds a face, in pixels. The picture is shrunk or enlarged until the faces
/// that are wanted have them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaceSizes {
    /// The smallest.
    pub from: f32,
    /// The largest.
    pub to: f32,
}

/// How the output of a detector network is to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum DetectorOutput {
    /// Max-margin object detection (King 2015): `output`, 1 x 1 x cells down x cells across, a score a cell for a window of
    /// one size.
    Windows {
        /// Side of the square window that a cell scores, in pixels.
        window: u32,
        /// Pixels from one cell to the next.
        stride: u32,
        /// Pixel on which the first cell is centred.
        offset: u32,
    },
    /// An anchor-free detector with landmarks of its own (Wu, Peng and Yu, "`YuNet`", 2023): for each stride s the outputs
    /// `cls_s` and `obj_s` (1 x cells x 1), `bbox_s` (x 4) and `kps_s` (x 10).
    Points {
        /// Pixels from one cell to the next; sides of the input are multiples of the largest.
        strides: Vec<u32>,
    },
}

/// The face detector: a fully convolutional network, `input` 1 x 3 x rows x columns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DetectorSpec {
    /// The ONNX file.
    pub network: FileRef,
    /// Of the planes.
    pub channels: Channels,
    /// Of the pixels.
    pub scaling: Scaling,
    /// Of which size it finds faces.
    pub faces: FaceSizes,
    /// What is found with a higher score is a face.
    pub score_threshold: f32,
    /// Of two boxes that overlap more than this (intersection over union) only the better one counts.
    pub overlap_iou: f32,
    /// The same for intersection over the smaller box.
    pub overlap_cover: f32,
    /// What it gives.
    pub output: DetectorOutput,
}

/// Where the five landmarks come from, and what they are. Sides are those of the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum LandmarksSpec {
    /// A cascade of regression-tree ensembles (Kazemi and Sullivan 2014) finds them in the face's box: outer and inner corner
    /// of the eye on the right, outer and inner corner of the eye on the left, base of the nose.
    Cascade {
        /// Its file.
        cascade: FileRef,
    },
    /// The detector tells them: eye on the left, eye on the right, tip of the nose, corner of the mouth on the left, on the
    /// right.
    Detector,
}

/// How two embeddings are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Length of the difference.
    Euclidean,
}

/// The network that turns an aligned face into an embedding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbedderSpec {
    /// The ONNX file: `input` 1 x 3 x size x size, `output` 1 x dimension.
    pub network: FileRef,
    /// Of the planes.
    pub channels: Channels,
    /// Of the pixels.
    pub scaling: Scaling,
    /// Side of the aligned face, in pixels.
    pub size: u32,
    /// Where each landmark lies in an aligned face, across and down, as shares of its side.
    pub template: [[f64; 2]; 5],
    /// Length of an embedding.
    pub dimension: u32,
    /// How embeddings are compared.
    pub metric: Metric,
}

/// What a face needs so that its embedding tells something. The units are those of
/// [`Quality`](crate::engine::quality::Quality).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityLimits {
    /// At least.
    pub size: u32,
    /// At least.
    pub sharpness: f32,
    /// Brightness at least.
    pub darkest: f32,
    /// Brightness at most.
    pub brightest: f32,
    /// At most, to either side.
    pub roll: f32,
    /// At most, to either side.
    pub yaw: f32,
}
