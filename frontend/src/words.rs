//! States and reasons as words for people.

use migrations::{ImageStatus, UnresolvedReason};

/// The status of an image in a few words.
pub(crate) fn status(status: ImageStatus, reason: Option<UnresolvedReason>) -> &'static str {
    match (status, reason) {
        (ImageStatus::Pending, _) => "waiting for a worker",
        (ImageStatus::Processing, _) => "being looked at",
        (ImageStatus::Processed, _) => "recognised",
        (ImageStatus::Failed, _) => "failed",
        (ImageStatus::Unresolved, Some(reason)) => unresolved(reason),
        (ImageStatus::Unresolved, None) => "nobody was named",
    }
}

fn unresolved(reason: UnresolvedReason) -> &'static str {
    match reason {
        UnresolvedReason::NoFace => "no face was found",
        UnresolvedReason::LowQuality => "the face cannot be seen well enough",
        UnresolvedReason::UnknownFace => "a face of nobody we know",
        UnresolvedReason::Ambiguous => "a face that may be somebody's, but not surely",
    }
}
