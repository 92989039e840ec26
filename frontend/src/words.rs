//! States and reasons as words for people.

use migrations::{ImageStatus, UnresolvedReason};

/// What there is to say about an image beside the name of its status. `error` is the recorded error of a failed one.
pub(crate) fn about(
    status: ImageStatus,
    reason: Option<UnresolvedReason>,
    error: Option<String>,
) -> Option<String> {
    match status {
        ImageStatus::Pending => Some("waiting for a worker".to_owned()),
        ImageStatus::Processing => Some("being looked at".to_owned()),
        ImageStatus::Processed => None,
        ImageStatus::Failed => error,
        ImageStatus::Unresolved => reason.map(unresolved).map(ToOwned::to_owned),
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
