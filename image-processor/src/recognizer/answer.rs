//! What a recogniser says of a picture, checked: what follows can rely on the contract.

use identification::{Neighbour, Quality, Thresholds};

use super::failure::Failure;

/// Of a model and of a gallery revision, in bytes: the width of their columns.
const LONGEST_NAME: usize = 64;
/// In numbers; models have some hundreds, the column holds 16,383.
const LONGEST_EMBEDDING: usize = 4096;

/// What the recogniser says of a picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// Every face, with what is needed to decide.
    Faces(Recognition),
    /// Of a recogniser of the older contract: the best known photo, if anybody is matched.
    Photo(Option<String>),
}

/// The faces of a picture, under one model and one gallery.
#[derive(Debug, Clone, PartialEq)]
pub struct Recognition {
    /// In no order that means anything.
    pub faces: Vec<RecognizedFace>,
    /// Of the model.
    pub thresholds: Thresholds,
    /// Whose distances these are.
    pub model_id: String,
    /// Of the gallery that was searched.
    pub gallery_revision: String,
    /// Of the picture, unless the recogniser does not tell it.
    pub size: Option<Size>,
}

/// Columns and rows of a picture, after its EXIF orientation was applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Size {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// One face, as the contract describes it. Boxes and landmarks are in pixels of the picture.
#[derive(Debug, Clone, PartialEq)]
pub struct RecognizedFace {
    /// Where it is.
    pub bounds: proto::Box,
    /// How sure the detector is.
    pub score: f32,
    /// Eyes, nose and the corners of the mouth.
    pub landmarks: Vec<proto::Point>,
    /// How well it is seen.
    pub quality: proto::Quality,
    /// What the model makes of it.
    pub embedding: Vec<f32>,
    /// Known photos, the nearest first.
    pub nearest: Vec<Neighbour>,
}

pub(super) fn neighbour(near: proto::Neighbour) -> Neighbour {
    Neighbour { photo: near.photo, distance: near.distance }
}

/// That this names a model or a gallery.
pub(super) fn expect_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Failure::contract("the answer names no model or no gallery, or one too long"));
    }
    Ok(())
}

impl Answer {
    /// An answer that breaks the contract is a fault of the recogniser.
    pub(super) fn from_response(response: proto::RecognizeResponse) -> Result<Self, Failure> {
        let thresholds =
            response.thresholds.ok_or_else(|| Failure::contract("the answer has no thresholds"))?;
        expect_name(&response.model_id)?;
        expect_name(&response.gallery_revision)?;
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
        let nearest = face.nearest.into_iter().map(neighbour).collect();
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
    #[must_use]
    pub fn sufficiency(&self) -> Quality {
        if self.quality.missed.is_empty() { Quality::Sufficient } else { Quality::Insufficient }
    }
}
