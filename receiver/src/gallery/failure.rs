//! Why the recogniser did not do what was asked of its gallery: the one table from its statuses to what follows.

use std::error::Error as _;

use thiserror::Error;
use tonic::{Code, Status};

/// A call that did not do what it was to do.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum GalleryFailure {
    /// It will not do it, because of what was asked. Nothing was changed.
    #[error("{}", .0.detail)]
    Refused(Refused),
    /// It does not let us.
    #[error("the recogniser does not let the receiver change known photos: {0}")]
    NotAllowed(String),
    /// It has too much to do.
    #[error("the recogniser is busy: {0}")]
    Busy(String),
    /// It is an older one, which has no gallery that could be changed.
    #[error("the recogniser is too old to change known photos: update it, or put the files into its folder")]
    TooOld,
    /// It is not there, or not ready. Nothing was changed.
    #[error("the recogniser does not answer: {0}")]
    Away(String),
    /// It failed at it.
    #[error("the recogniser failed: {0}")]
    Broken(String),
    /// It may have done it: the call was sent, and no answer came.
    #[error("the recogniser may have done it, and its answer is lost: {0}")]
    Lost(String),
}

/// What the recogniser says to a request that it does not do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// One of the words of the contract.
    pub(crate) code: &'static str,
    /// A sentence for people.
    pub(crate) detail: String,
}

/// The words of the contract for what is the request's own fault.
const REFUSALS: [&str; 14] = [
    "photo_name",
    "no_face",
    "several_faces",
    "low_quality",
    "photo_known",
    "name_taken",
    "photo_missing",
    "gallery_read_only",
    "empty_file",
    "not_an_image",
    "damaged_image",
    "decoder_failed",
    "file_too_large",
    "image_too_large",
];

impl From<Status> for GalleryFailure {
    fn from(status: Status) -> Self {
        let told = status.metadata().get(proto::ERROR_CODE_TRAILER).and_then(|code| code.to_str().ok());
        let detail = status.message().to_owned();
        if let Some(code) = REFUSALS.into_iter().find(|code| Some(*code) == told) {
            return Self::Refused(Refused { code, detail });
        }
        // Tonic gives a source to the errors that it makes itself, never to those that the server sent.
        let made_here = status.source().is_some();
        match status.code() {
            Code::InvalidArgument | Code::NotFound | Code::AlreadyExists | Code::FailedPrecondition => {
                Self::Refused(Refused { code: "photo_refused", detail })
            }
            Code::PermissionDenied | Code::Unauthenticated => Self::NotAllowed(detail),
            Code::ResourceExhausted => Self::Busy(detail),
            Code::Unimplemented => Self::TooOld,
            Code::Unavailable => Self::Away(detail),
            Code::Unknown | Code::Cancelled | Code::Internal if made_here => Self::Lost(detail),
            Code::DeadlineExceeded | Code::Cancelled | Code::Aborted => Self::Lost(detail),
            Code::Ok | Code::Unknown | Code::Internal | Code::OutOfRange | Code::DataLoss => {
                Self::Broken(detail)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(code: Code, error_code: Option<&str>) -> GalleryFailure {
        let mut status = Status::new(code, "words");
        if let Some(error_code) = error_code {
            status.metadata_mut().insert(proto::ERROR_CODE_TRAILER, error_code.parse().expect("plain ASCII"));
        }
        GalleryFailure::from(status)
    }

    #[test]
    fn a_status_says_what_follows() {
        let words = || "words".to_owned();
        let refused = |code| GalleryFailure::Refused(Refused { code, detail: words() });
        let table = [
            (Code::InvalidArgument, Some("no_face"), refused("no_face")),
            (Code::AlreadyExists, Some("photo_known"), refused("photo_known")),
            (Code::FailedPrecondition, Some("gallery_read_only"), refused("gallery_read_only")),
            (Code::InvalidArgument, Some("a word of a newer one"), refused("photo_refused")),
            (Code::InvalidArgument, None, refused("photo_refused")),
            (Code::PermissionDenied, Some("not_local"), GalleryFailure::NotAllowed(words())),
            (Code::Unauthenticated, Some("token_missing"), GalleryFailure::NotAllowed(words())),
            (Code::ResourceExhausted, Some("queue_full"), GalleryFailure::Busy(words())),
            (Code::Unimplemented, None, GalleryFailure::TooOld),
            (Code::Unavailable, Some("loading"), GalleryFailure::Away(words())),
            (Code::DeadlineExceeded, None, GalleryFailure::Lost(words())),
            (Code::Internal, Some("engine_failed"), GalleryFailure::Broken(words())),
        ];
        for (code, error_code, expected) in table {
            assert_eq!(of(code, error_code), expected, "{code:?} {error_code:?}");
        }
    }

    #[test]
    fn a_connection_that_breaks_after_sending_leaves_open_what_was_done() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);

        let failure = GalleryFailure::from(Status::from_error(reset.into()));

        assert!(matches!(failure, GalleryFailure::Lost(_)), "{failure:?}");
    }
}
