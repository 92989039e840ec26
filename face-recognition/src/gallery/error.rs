//! Why the known photos were not changed, and which gRPC status says so.

use std::io::{self, ErrorKind};

use thiserror::Error;
use tonic::{Code, Status};

use crate::error::{self, RecognitionError};

/// Why a photo has not one face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(crate) enum Faces {
    #[error("no face was found in it")]
    None,
    #[error("it shows {0} faces: crop it to one")]
    Several(usize),
}

/// Why a change of the known photos was not made.
#[derive(Debug, Error)]
pub(crate) enum GalleryError {
    #[error("the photo cannot be stored: {0}")]
    Name(&'static str),
    #[error(transparent)]
    Faces(#[from] Faces),
    #[error("the face is {0}: take another photo")]
    LowQuality(String),
    #[error("these bytes are the known photo {0} already")]
    PhotoKnown(String),
    #[error("another known photo has the name {0}: choose a new one, for instance with _2 at its end")]
    NameTaken(String),
    #[error("no known photo has the name {0}")]
    Missing(String),
    #[error("the folder of known photos cannot be written: change the files where they are kept")]
    ReadOnly,
    #[error("the folder of known photos cannot be read or changed: {0}")]
    Folder(io::Error),
    #[error("what was found in known photos cannot be saved: {0}")]
    State(io::Error),
    #[error("the recogniser is stopping: ask again")]
    Stopping,
    #[error(transparent)]
    Recognition(#[from] RecognitionError),
}

impl GalleryError {
    /// Of a change in the folder.
    pub(super) fn of_change(error: io::Error, name: &str) -> Self {
        // Not by its number, which an error that names a file does not have.
        match error.kind() {
            ErrorKind::AlreadyExists => Self::NameTaken(name.to_owned()),
            ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => Self::ReadOnly,
            ErrorKind::InvalidFilename => Self::Name("its name is too long for the file system"),
            _ => Self::Folder(error),
        }
    }

    /// The status, and the word group of the trailer; both are listed at the head of the `.proto` file.
    fn classify(&self) -> (Code, &'static str) {
        match self {
            Self::Name(_) => (Code::InvalidArgument, "photo_name"),
            Self::Faces(Faces::None) => (Code::InvalidArgument, "no_face"),
            Self::Faces(Faces::Several(_)) => (Code::InvalidArgument, "several_faces"),
            Self::LowQuality(_) => (Code::InvalidArgument, "low_quality"),
            Self::PhotoKnown(_) => (Code::AlreadyExists, "photo_known"),
            Self::NameTaken(_) => (Code::AlreadyExists, "name_taken"),
            Self::Missing(_) => (Code::NotFound, "photo_missing"),
            Self::ReadOnly => (Code::FailedPrecondition, "gallery_read_only"),
            Self::Folder(_) => (Code::Internal, "file_unreadable"),
            Self::State(_) => (Code::Internal, "engine_failed"),
            Self::Stopping => (Code::Unavailable, "loading"),
            Self::Recognition(error) => error.classify(),
        }
    }
}

impl From<GalleryError> for Status {
    fn from(error: GalleryError) -> Self {
        let (code, error_code) = error.classify();
        let message = match error {
            GalleryError::Recognition(error) => return error.into(),
            GalleryError::Folder(_) | GalleryError::State(_) => {
                tracing::error!(%error, error.code = error_code, "the known photos could not be changed");
                "the known photos could not be changed; the recogniser's log says why".to_owned()
            }
            _ => error.to_string(),
        };
        error::status(code, error_code, message)
    }
}

#[cfg(test)]
mod tests {
    use rustix::io::Errno;

    use super::*;

    #[test]
    fn what_the_system_says_of_a_change_becomes_a_case_that_a_caller_can_act_on() {
        let table = [
            (Errno::EXIST, Code::AlreadyExists, "name_taken"),
            (Errno::ROFS, Code::FailedPrecondition, "gallery_read_only"),
            (Errno::ACCESS, Code::FailedPrecondition, "gallery_read_only"),
            (Errno::PERM, Code::FailedPrecondition, "gallery_read_only"),
            (Errno::NAMETOOLONG, Code::InvalidArgument, "photo_name"),
            (Errno::NOSPC, Code::Internal, "file_unreadable"),
        ];
        for (errno, code, error_code) in table {
            let status = Status::from(GalleryError::of_change(errno.into(), "jane.jpg"));

            let trailer = status.metadata().get(proto::ERROR_CODE_TRAILER).expect("an error code");
            assert_eq!((status.code(), trailer.as_encoded_bytes()), (code, error_code.as_bytes()), "{errno}");
        }
    }

    #[test]
    fn the_cause_of_a_fault_on_our_side_is_not_told() {
        let status = Status::from(GalleryError::Folder(io::Error::other("/secret/place")));

        assert!(!status.message().contains("secret"), "{status}");
    }
}
