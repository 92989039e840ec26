//! What the crate `identification` decides, of the people in the database and in the database's words.

use identification::{Outcome, Reason};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};

/// The id of a row of `person`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PersonId(pub u64);

/// Whose a known photo is.
pub type Owner = identification::Owner<PersonId>;
/// Somebody that a face may be.
pub type Candidate = identification::Candidate<PersonId>;
/// What people said of a face.
pub type Said = identification::Said<PersonId>;
/// What was decided for a face.
pub type FaceDecision = identification::FaceDecision<PersonId>;
/// What was decided for an image.
pub type ImageDecision = identification::ImageDecision<PersonId>;

/// As `images.status`, `images.person` and `images.reason` say it.
#[must_use]
pub fn stored_decision(decision: ImageDecision) -> (ImageStatus, Option<PersonId>, Option<UnresolvedReason>) {
    match decision {
        ImageDecision::Identified(person) => (ImageStatus::Processed, Some(person), None),
        ImageDecision::Unresolved(reason) => (ImageStatus::Unresolved, None, Some(stored_reason(reason))),
    }
}

/// As `faces.outcome` says it.
#[must_use]
pub fn stored_outcome(outcome: Outcome) -> FaceOutcome {
    match outcome {
        Outcome::Identified => FaceOutcome::Identified,
        Outcome::Unknown => FaceOutcome::Unknown,
        Outcome::Ambiguous => FaceOutcome::Ambiguous,
        Outcome::LowQuality => FaceOutcome::LowQuality,
    }
}

/// As `images.reason` says it.
#[must_use]
pub fn stored_reason(reason: Reason) -> UnresolvedReason {
    match reason {
        Reason::NoFace => UnresolvedReason::NoFace,
        Reason::LowQuality => UnresolvedReason::LowQuality,
        Reason::UnknownFace => UnresolvedReason::UnknownFace,
        Reason::Ambiguous => UnresolvedReason::Ambiguous,
    }
}
