//! An image is decided again from what is stored of it: pure.
//!
//! A face about which a recogniser was asked is decided as in a result. Another one, because no recogniser answers or none
//! has the model of its embedding any more, is decided from what is stored: the two nearest people of its last decision.
//! What people said of it counts at once so. Behind those two nobody is known, so that the engine then names nobody whom it
//! did not name before.

use std::collections::HashMap;

use identification::{Outcome, Thresholds, decide_face, decide_image};
use migrations::FaceOutcome;

use crate::{
    decision::{Candidate, FaceDecision, ImageDecision, stored_decision},
    store::{FaceColumns, ImageColumns, Redecided, RedecidedFace, StoredFace, StoredImage},
};

/// Of dlib's model, for images of before thresholds were stored.
const USUAL: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };

/// What a recogniser said of an embedding.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matched {
    /// Who the face may be, the nearest first.
    pub(crate) candidates: Vec<Candidate>,
    pub(crate) gallery_revision: String,
}

/// Decides an image again; `matched` are those of its faces about which a recogniser was asked, by their ids.
pub(crate) fn decide_again(image: &StoredImage, matched: &HashMap<u64, Matched>) -> Redecided {
    let thresholds = image.thresholds.unwrap_or(USUAL);
    let decide = |face: &StoredFace| match matched.get(&face.id) {
        Some(matched) => decide_face(&matched.candidates, &face.said, thresholds, face.quality),
        None => decide_from_stored(face, thresholds),
    };
    let decisions: Vec<FaceDecision> = image.faces.iter().map(decide).collect();
    let faces = image.faces.iter().zip(&decisions).map(|(face, decision)| RedecidedFace {
        id: face.id,
        before: face.result.clone(),
        after: FaceColumns::of(decision),
        gallery_revision: matched
            .get(&face.id)
            .map(|matched| matched.gallery_revision.clone())
            .filter(|revision| *revision != face.gallery_revision),
    });
    let searched = image.faces.iter().find_map(|face| matched.get(&face.id));
    Redecided {
        id: image.id,
        token: image.token,
        before: image.result,
        after: columns(if image.faces.is_empty() {
            // The word of a recogniser that tells nothing of faces: only whom it named may have turned out to be somebody else.
            image.decision
        } else {
            decide_image(image.faces.iter().map(|face| face.area).zip(&decisions))
        }),
        gallery_revision: searched.map(|matched| matched.gallery_revision.clone()),
        faces: faces.collect(),
    }
}

fn decide_from_stored(face: &StoredFace, thresholds: Thresholds) -> FaceDecision {
    let decision = decide_face(&face.candidates, &face.said, thresholds, face.quality);
    // Of a second person no photo is stored.
    let was_best = face.candidates.first().filter(|nearest| !nearest.photo.is_empty());
    let named_before =
        was_best.filter(|_| face.result.outcome == FaceOutcome::Identified).map(|nearest| nearest.person);
    let newly_named = decision.named.is_none()
        && decision.outcome == Outcome::Identified
        && decision.person() != named_before;
    if newly_named { FaceDecision { outcome: Outcome::Ambiguous, ..decision } } else { decision }
}

fn columns(decision: ImageDecision) -> ImageColumns {
    let (status, person, reason) = stored_decision(decision);
    ImageColumns { status, person, reason }
}

#[cfg(test)]
mod tests;
