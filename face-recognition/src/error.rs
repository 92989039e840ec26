//! Why a picture has no answer, and the one place that turns it into a gRPC status. What went wrong on our side is
//! logged here and not told.

use picture_path::PathError;
use pictures::ReadError;
use thiserror::Error;
use tonic::{Code, Status, metadata::MetadataValue};

use crate::engine::{EngineError, picture::PictureError};

/// Why a picture has no answer.
#[derive(Debug, Error)]
pub(crate) enum RecognitionError {
    #[error("the request has neither a path nor bytes of a picture")]
    NoPicture,
    #[error(transparent)]
    Path(#[from] PathError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error("the decoder failed: save the picture in another format")]
    DecoderPanicked,
    #[error("too many pictures wait: send this one again later")]
    QueueFull,
    #[error("the time that the caller or the server allows ran out")]
    DeadlineExceeded,
    #[error("models and known people are not loaded yet")]
    Loading,
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("the engine panicked")]
    Panicked,
}

impl RecognitionError {
    /// The status, and the word group of the trailer; both are listed at the head of the `.proto` file.
    pub(crate) fn classify(&self) -> (Code, &'static str) {
        match self {
            Self::NoPicture => (Code::InvalidArgument, "path_malformed"),
            Self::Path(error) => (Code::InvalidArgument, error.code()),
            Self::Read(ReadError::OutsideRoot) => (Code::InvalidArgument, "path_outside_root"),
            Self::Read(ReadError::NotAFile) => (Code::InvalidArgument, "not_a_file"),
            Self::Read(ReadError::SpecialFile) => (Code::InvalidArgument, "special_file"),
            Self::Read(ReadError::TooLarge(_)) | Self::Picture(PictureError::TooManyBytes { .. }) => {
                (Code::InvalidArgument, "file_too_large")
            }
            Self::Read(ReadError::Missing) => (Code::NotFound, "file_missing"),
            Self::Read(ReadError::Unreadable(_)) => (Code::Internal, "file_unreadable"),
            Self::Picture(PictureError::Empty) => (Code::InvalidArgument, "empty_file"),
            Self::Picture(PictureError::Unsupported) => (Code::InvalidArgument, "not_an_image"),
            Self::Picture(PictureError::Damaged { .. }) => (Code::InvalidArgument, "damaged_image"),
            Self::Picture(PictureError::TooManyPixels { .. }) => (Code::InvalidArgument, "image_too_large"),
            Self::DecoderPanicked => (Code::InvalidArgument, "decoder_failed"),
            Self::QueueFull => (Code::ResourceExhausted, "queue_full"),
            Self::DeadlineExceeded => (Code::DeadlineExceeded, "deadline_exceeded"),
            Self::Loading => (Code::Unavailable, "loading"),
            Self::Engine(_) | Self::Panicked => (Code::Internal, "engine_failed"),
        }
    }
}

impl From<RecognitionError> for Status {
    fn from(error: RecognitionError) -> Self {
        let (code, error_code) = error.classify();
        let message = if code == Code::Internal {
            tracing::error!(%error, error.code = error_code, "a picture could not be recognised");
            match error {
                RecognitionError::Read(_) => {
                    "the file is there and cannot be read; the recogniser's log says why"
                }
                _ => "the recogniser failed; its log says why",
            }
            .to_owned()
        } else {
            error.to_string()
        };
        status(code, error_code, message)
    }
}

/// A status with a word group for programs.
pub(crate) fn status(code: Code, error_code: &'static str, message: impl Into<String>) -> Status {
    let mut status = Status::new(code, message);
    status.metadata_mut().insert(proto::ERROR_CODE_TRAILER, MetadataValue::from_static(error_code));
    status
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, io};

    use super::*;

    #[test]
    fn the_cause_of_an_internal_error_is_not_told() {
        let secret = io::Error::other("/secret/place");

        let status = Status::from(RecognitionError::Read(ReadError::Unreadable(secret)));

        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("secret"), "{status}");
    }

    #[test]
    fn each_fault_of_a_picture_has_an_error_code_and_a_sentence_of_its_own() {
        let faults = [
            RecognitionError::Path(PathError::Empty),
            RecognitionError::Path(PathError::SourceNotSupported),
            ReadError::OutsideRoot.into(),
            ReadError::Missing.into(),
            ReadError::NotAFile.into(),
            ReadError::SpecialFile.into(),
            ReadError::TooLarge(1).into(),
            ReadError::Unreadable(io::Error::other("no luck")).into(),
            PictureError::Empty.into(),
            PictureError::Unsupported.into(),
            PictureError::Damaged { reason: "the data end early".to_owned() }.into(),
            PictureError::TooManyPixels { width: 2, height: 2, limit: 3 }.into(),
            RecognitionError::DecoderPanicked,
        ];
        let total = faults.len();

        let statuses = faults.map(Status::from);

        let codes: BTreeSet<_> = statuses
            .iter()
            .map(|status| status.metadata().get(proto::ERROR_CODE_TRAILER))
            .map(|code| code.expect("an error code").as_encoded_bytes())
            .collect();
        let sentences: BTreeSet<_> = statuses.iter().map(Status::message).collect();
        assert_eq!((codes.len(), sentences.len()), (total, total), "{statuses:?}");
    }
}
