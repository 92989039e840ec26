//! What a recogniser says of a picture, checked: what follows can rely on the contract.

use identification::{Neighbour, Quality, Thresholds};

use super::failure::Failure;

/// Of a model and of a gallery revision, in bytes: the width of their columns.
const LONGEST_NAME: usize = 64;
/// In numbers; models have some hundreds, the column holds 16,383.
const LONGEST_EMBEDDING: usize = 4096;

/// What the recogniser says of a picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// Every face, with what is needed to decide.
    Faces(Recognition),
    /// Of a recogniser of the older contract: the best known photo, if anybody is matched.
    Photo(Option<String>),
}

/// The faces of a picture, under one model and one gallery.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recognition {
    pub(crate) faces: Vec<RecognizedFace>,
    pub(crate) thresholds: Thresholds,
    pub(crate) model_id: String,
    pub(crate) gallery_revision: String,
    /// Of the picture, unless the recogniser does not tell it.
    pub(crate) size: Option<Size>,
}

/// Columns and rows of a picture, after its EXIF orientation was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// One face, as the contract describes it. Boxes and landmarks are in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecognizedFace {
    pub(crate) bounds: proto::Box,
    pub(crate) score: f32,
    pub(crate) landmarks: Vec<proto::Point>,
    pub(crate) quality: proto::Quality,
    pub(crate) embedding: Vec<f32>,
    pub(crate) nearest: Vec<Neighbour>,
}

impl Answer {
    /// An answer that breaks the contract is a fault of the recogniser.
    pub(super) fn from_response(response: proto::RecognizeResponse) -> Result<Self, Failure> {
        let thresholds =
            response.thresholds.ok_or_else(|| Failure::contract("the answer has no thresholds"))?;
        for name in [&response.model_id, &response.gallery_revision] {
            if name.is_empty() || name.len() > LONGEST_NAME {
                return Err(Failure::contract("the answer names no model or no gallery, or one too long"));
            }
        }
        let faces = response.faces.into_iter().map(RecognizedFace::from_message).collect::<Result<_, _>>()?;
        Ok(Self::Faces(Recognition {
            faces,
            thresholds: Thresholds {
                accept: thresholds.accept,
                unknown: thresholds.unknown,
                margin: thresholds.margin,
            },
            model_id: response.model_id,
            gallery_revision: response.gallery_revision,
            size: (response.width > 0 && response.height > 0)
                .then_some(Size { width: response.width, height: response.height }),
        }))
    }
}

impl RecognizedFace {
    fn from_message(face: proto::Face) -> Result<Self, Failure> {
        let bounds = face.r#box.ok_or_else(|| Failure::contract("a face has no box"))?;
        let mut numbers = face.nearest.iter().map(|near| near.distance).chain([face.score]);
        if !numbers.all(f32::is_finite) || face.embedding.len() > LONGEST_EMBEDDING {
            return Err(Failure::contract(
                "a face has a score or distance that is no number, or too long an embedding",
            ));
        }
        let nearest = face
            .nearest
            .into_iter()
            .map(|near| Neighbour { photo: near.photo, distance: near.distance })
            .collect();
        Ok(Self {
            bounds,
            score: face.score,
            landmarks: face.landmarks,
            quality: face.quality.unwrap_or_default(),
            embedding: face.embedding,
            nearest,
        })
    }

    /// Whether it can be named. A limit that this contract does not know yet is a limit all the same.
    pub(crate) fn sufficiency(&self) -> Quality {
        if self.quality.missed.is_empty() { Quality::Sufficient } else { Quality::Insufficient }
    }
}
