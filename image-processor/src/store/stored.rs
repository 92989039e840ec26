//! Images and faces as they are stored: what a decision is made of again, without another look at the picture.

use identification::{Quality, Thresholds};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};

use crate::{
    decision::{Candidate, FaceDecision, ImageDecision, PersonId, Said, stored_outcome},
    message::ImageId,
};

/// In `faces.source`: a person decided.
pub(crate) const BY_PERSON: &str = "person";

/// Somebody wants the faces of an image to be decided again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) image: ImageId,
    /// How many there were when it was taken: further ones keep the row.
    pub(crate) wishes: u64,
}

/// An image that has a result.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredImage {
    pub(crate) id: ImageId,
    /// The fencing token: who writes says that it is still this one.
    pub(crate) token: u64,
    /// As the row says it.
    pub(crate) result: ImageColumns,
    /// The same, of whom the person turned out to be.
    pub(crate) decision: ImageDecision,
    /// Rows of earlier versions have none.
    pub(crate) thresholds: Option<Thresholds>,
    /// In the order of their ids.
    pub(crate) faces: Vec<StoredFace>,
}

/// A face of such an image.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredFace {
    pub(crate) id: u64,
    /// In pixels.
    pub(crate) area: u64,
    pub(crate) embedding: Vec<f32>,
    pub(crate) model_id: String,
    pub(crate) gallery_revision: String,
    pub(crate) quality: Quality,
    /// As the row says it.
    pub(crate) result: FaceColumns,
    /// The nearest people of the last decision, two at most, each once and of whom they turned out to be.
    pub(crate) candidates: Vec<Candidate>,
    /// With whom the people turned out to be.
    pub(crate) said: Said,
}

/// What a decision writes into a row of `images`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ImageColumns {
    pub(crate) status: ImageStatus,
    pub(crate) person: Option<PersonId>,
    pub(crate) reason: Option<UnresolvedReason>,
}

/// What a decision writes into a row of `faces`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaceColumns {
    pub(crate) outcome: FaceOutcome,
    pub(crate) person: Option<PersonId>,
    pub(crate) matched_photo: Option<String>,
    pub(crate) distance: Option<f32>,
    pub(crate) runner_up: Option<PersonId>,
    pub(crate) runner_up_distance: Option<f32>,
    pub(crate) by_person: bool,
}

/// An image that was decided again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Redecided {
    pub(crate) id: ImageId,
    /// What the fencing token was when the image was read.
    pub(crate) token: u64,
    pub(crate) before: ImageColumns,
    pub(crate) after: ImageColumns,
    /// That was searched; none where no recogniser was asked.
    pub(crate) gallery_revision: Option<String>,
    /// In the order of their ids.
    pub(crate) faces: Vec<RedecidedFace>,
}

/// A face that was decided again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RedecidedFace {
    pub(crate) id: u64,
    pub(crate) before: FaceColumns,
    pub(crate) after: FaceColumns,
    /// Where it is another one than before.
    pub(crate) gallery_revision: Option<String>,
}

impl Redecided {
    /// Whether anybody who looks at the image sees something else.
    pub(crate) fn is_changed(&self) -> bool {
        self.before != self.after || self.faces.iter().any(|face| face.before != face.after)
    }
}

impl RedecidedFace {
    /// Whether something else is said of it. How near it is to whom may change without that.
    pub(crate) fn is_told(&self) -> bool {
        let said = |columns: &FaceColumns| (columns.outcome, columns.identified());
        said(&self.before) != said(&self.after)
    }
}

impl FaceColumns {
    /// What this decision writes.
    pub(crate) fn of(decision: &FaceDecision) -> Self {
        let (best, runner_up) = (decision.best.as_ref(), decision.runner_up.as_ref());
        Self {
            outcome: stored_outcome(decision.outcome),
            person: decision.person(),
            // Of a second person no photo is stored, and such a one may have become the first.
            matched_photo: best.map(|best| best.photo.clone()).filter(|photo| !photo.is_empty()),
            distance: best.map(|best| best.distance),
            runner_up: runner_up.map(|second| second.person),
            runner_up_distance: runner_up.map(|second| second.distance),
            by_person: decision.named.is_some(),
        }
    }

    /// Who decided, as `faces.source` says it.
    pub(crate) fn source(&self) -> &'static str {
        if self.by_person { BY_PERSON } else { "engine" }
    }

    /// Who the face is said to be. The nearest person of a face that is not identified is nobody's word.
    pub(crate) fn identified(&self) -> Option<PersonId> {
        self.person.filter(|_| self.outcome == FaceOutcome::Identified)
    }
}
