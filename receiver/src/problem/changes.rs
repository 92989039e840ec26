//! What a client reads when people, faces and known photos are not changed.

use axum::http::StatusCode;

use super::{Fault, Problem};
use crate::{
    face_photo::FacePhotoError,
    gallery::{GalleryFailure, Refused},
    known_people::KnownPeopleError,
    person_name::PersonNameError,
    store::{ChangeError, Refusal},
    turns::AllTaken,
    under_way::Panicked,
    uploads::UploadError,
};

impl From<ChangeError> for Problem {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Refused(refusal) => Self::from(refusal),
            ChangeError::Store(error) => Self::from(error),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code, field) = match &refusal {
            Refusal::UnknownPerson(_) | Refusal::MergedPerson { .. } => {
                (StatusCode::NOT_FOUND, "unknown_person", None)
            }
            Refusal::NameTaken(_) => (StatusCode::CONFLICT, "name_taken", Some("name")),
            Refusal::SamePerson(_) => (StatusCode::UNPROCESSABLE_ENTITY, "same_person", Some("into")),
            Refusal::UnknownMerge(_) => (StatusCode::NOT_FOUND, "unknown_merge", None),
            Refusal::MergeUndone(_) => (StatusCode::CONFLICT, "merge_undone", None),
            Refusal::UnknownFace(_) => (StatusCode::NOT_FOUND, "unknown_face", None),
            Refusal::UnknownGroup(_) => (StatusCode::NOT_FOUND, "unknown_group", None),
            Refusal::UnknownPhoto(_) => (StatusCode::NOT_FOUND, "unknown_photo", None),
        };
        Self::new(status, Fault { code, detail: refusal.to_string(), field: field.map(str::to_owned) })
    }
}

impl From<PersonNameError> for Problem {
    fn from(error: PersonNameError) -> Self {
        let fault = Fault { code: "wrong_name", detail: error.to_string(), field: Some("name".to_owned()) };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, fault)
    }
}

impl From<KnownPeopleError> for Problem {
    fn from(error: KnownPeopleError) -> Self {
        match error {
            KnownPeopleError::Change(error) => Self::from(error),
            KnownPeopleError::Gallery(failure) => Self::from(failure),
            KnownPeopleError::Panicked(panicked) => Self::from(panicked),
        }
    }
}

/// The log says more.
impl From<Panicked> for Problem {
    fn from(_: Panicked) -> Self {
        Self::internal()
    }
}

impl From<AllTaken> for Problem {
    fn from(all_taken: AllTaken) -> Self {
        Self::plain(StatusCode::SERVICE_UNAVAILABLE, "receiver_busy", all_taken.to_string())
    }
}

impl From<GalleryFailure> for Problem {
    fn from(failure: GalleryFailure) -> Self {
        if !matches!(failure, GalleryFailure::Refused(_)) {
            tracing::warn!(%failure, "known photos could not be changed or listed");
        }
        let (status, code) = match &failure {
            GalleryFailure::Refused(Refused { code, .. }) => {
                let status = match *code {
                    "photo_known" | "name_taken" | "gallery_read_only" => StatusCode::CONFLICT,
                    "file_too_large" => StatusCode::PAYLOAD_TOO_LARGE,
                    "photo_missing" => StatusCode::NOT_FOUND,
                    _ => StatusCode::UNPROCESSABLE_ENTITY,
                };
                return Self::plain(status, code, failure.to_string());
            }
            GalleryFailure::NotAllowed(_) => {
                let detail = format!(
                    "{failure}: set GALLERY_TOKEN_FILE of the receiver to the token that the recogniser wants"
                );
                return Self::plain(StatusCode::BAD_GATEWAY, "recogniser_refuses", detail);
            }
            GalleryFailure::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "recogniser_busy"),
            GalleryFailure::TooOld => (StatusCode::NOT_IMPLEMENTED, "recogniser_too_old"),
            GalleryFailure::Away(_) => (StatusCode::SERVICE_UNAVAILABLE, "recogniser_away"),
            GalleryFailure::Broken(_) => (StatusCode::BAD_GATEWAY, "recogniser_failed"),
            GalleryFailure::Lost(_) => {
                let detail = format!("{failure}; see GET /api/v1/known-photos, and send the request again");
                return Self::plain(StatusCode::SERVICE_UNAVAILABLE, "recogniser_away", detail);
            }
        };
        Self::plain(status, code, format!("{failure}; send the request again in a while"))
    }
}

impl From<FacePhotoError> for Problem {
    fn from(error: FacePhotoError) -> Self {
        match error {
            FacePhotoError::Panicked => Self::internal(),
            error => Self::plain(StatusCode::CONFLICT, "picture_unreadable", error.to_string()),
        }
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        let (status, code) = match &error {
            UploadError::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "file_too_large"),
            UploadError::Empty => (StatusCode::BAD_REQUEST, "body_empty"),
            UploadError::NotAnImage => (StatusCode::UNPROCESSABLE_ENTITY, "not_an_image"),
            UploadError::AllTaken(all_taken) => return Self::from(*all_taken),
            UploadError::BodyUnreadable => (StatusCode::BAD_REQUEST, "body_unreadable"),
            UploadError::ReadOnly(_) => (StatusCode::CONFLICT, "store_read_only"),
            UploadError::Full(_) => (StatusCode::INSUFFICIENT_STORAGE, "store_full"),
            UploadError::Broken(_) => (StatusCode::INTERNAL_SERVER_ERROR, "store_failed"),
            UploadError::Place(_) | UploadError::Panicked => {
                tracing::error!(%error, "a picture could not be stored");
                return Self::internal();
            }
        };
        if status.is_server_error() || status == StatusCode::CONFLICT {
            tracing::error!(%error, "a picture could not be stored");
        }
        Self::plain(status, code, error.to_string())
    }
}
