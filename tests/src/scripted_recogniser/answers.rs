//! Answers of `Recognize` as a real recogniser gives them.

use proto::{Box, Face, Neighbour, Point, Quality, RecognizeResponse, Thresholds};

/// The length of dlib's embeddings.
const NUMBERS: u16 = 128;
/// Of the gallery that answers and lists are from.
pub(super) const GALLERY_REVISION: &str = "r1";
/// Of the embeddings.
pub(super) const MODEL_ID: &str = "dlib";

/// An answer without a face.
#[must_use]
pub fn no_face() -> RecognizeResponse {
    RecognizeResponse {
        faces: Vec::new(),
        model_id: MODEL_ID.to_owned(),
        thresholds: Some(Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 }),
        gallery_revision: GALLERY_REVISION.to_owned(),
        width: 640,
        height: 480,
        quality_limits: None,
    }
}

/// An answer with one face, which is this far from each of these known photos, the nearest first.
#[must_use]
pub fn one_face(nearest: &[(&str, f32)]) -> RecognizeResponse {
    let face = Face {
        r#box: Some(Box { left: 210, top: 120, width: 180, height: 180 }),
        score: 0.75,
        landmarks: [(255.0, 180.0), (345.0, 181.0), (300.0, 225.0), (268.0, 262.0), (331.0, 263.0)]
            .map(|(x, y)| Point { x, y })
            .into(),
        quality: Some(Quality {
            size: 180,
            sharpness: 310.0,
            brightness: 124.0,
            roll: 0.6,
            yaw: -2.0,
            missed: vec![],
        }),
        embedding: embedding(),
        nearest: nearest
            .iter()
            .map(|(photo, distance)| Neighbour { photo: (*photo).to_owned(), distance: *distance })
            .collect(),
    };
    RecognizeResponse { faces: vec![face], ..no_face() }
}

/// Numbers that look like dlib's: a vector of length 1.4 or so, every number another one.
fn embedding() -> Vec<f32> {
    (0..NUMBERS).map(|position| 0.175 * (1.7 * f32::from(position) + 0.3).sin()).collect()
}
