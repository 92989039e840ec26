//! `/api/v1/known-photos` and `POST /api/v1/people/{id}/photos`: the photos that people are recognised by.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{page::ApiQuery, path_ids::ApiPath, picture_body::PictureBody};
use crate::{
    actor::Actor,
    app::AppState,
    known_people::{EnrolledPhoto, NewPhoto},
    person_ref::PersonRef,
    problem::Problem,
    store::Whom,
};

/// Which photos.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownPhotosQuery {
    /// Only those that are not searched, or only those that are.
    skipped: Option<bool>,
}

/// The known photos, in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KnownPhotos {
    photos: Vec<KnownPhoto>,
    /// Another one whenever there are other photos.
    gallery_revision: String,
}

/// A known photo.
#[derive(Debug, Serialize, ToSchema)]
struct KnownPhoto {
    photo: String,
    /// Whose it is; null while no picture was looked at with it.
    person: Option<PersonRef>,
    /// Why it is not searched, in words.
    skipped: Option<String>,
}

/// What the client calls the picture.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PhotoQuery {
    /// What the file is called where it comes from. The photo is called as its person.
    #[serde(rename = "name")]
    _name: Option<String>,
}

/// The photos that people are recognised by, as the recogniser has them.
#[utoipa::path(
    get,
    path = "/api/v1/known-photos",
    operation_id = "known_photos",
    tag = "people",
    params(KnownPhotosQuery),
    responses(
        (status = 200, body = KnownPhotos),
        (status = 503, body = Problem, description = "`recogniser_away`"),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiQuery(KnownPhotosQuery { skipped }): ApiQuery<KnownPhotosQuery>,
) -> Result<Json<KnownPhotos>, Problem> {
    let list = state.gallery.list().await?;
    let wanted = |is_skipped: bool| skipped.is_none_or(|skipped| skipped == is_skipped);
    let photos: Vec<_> = list.photos.into_iter().filter(|photo| wanted(photo.skipped.is_some())).collect();
    let names: Vec<&str> = photos.iter().map(|photo| photo.photo.as_str()).collect();
    let mut owners = state.store.owners(&names).await?;
    let photos = photos.into_iter().map(|listed| KnownPhoto {
        person: owners.remove(&listed.photo),
        photo: listed.photo,
        skipped: listed.skipped,
    });
    Ok(Json(KnownPhotos { photos: photos.collect(), gallery_revision: list.revision }))
}

/// Enrol somebody by a picture that shows them alone. Earlier pictures in which nobody was known are decided again.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/photos",
    operation_id = "enrol_photo",
    tag = "people",
    params(("id" = u64, Path), PhotoQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The picture's bytes."),
    responses(
        (status = 201, body = EnrolledPhoto),
        (status = 404, body = Problem, description = "`unknown_person`"),
        (status = 409, body = Problem, description = "`photo_known`, `gallery_read_only`"),
        (status = 413, body = Problem, description = "`file_too_large`"),
        (status = 422, body = Problem, description = "`not_an_image`, `damaged_image`, `no_face`, `several_faces`, `low_quality`"),
        (status = 503, body = Problem, description = "`recogniser_away`, `recogniser_busy`, `receiver_busy`"),
    ),
)]
pub(super) async fn enrol(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
    ApiQuery(PhotoQuery { .. }): ApiQuery<PhotoQuery>,
    PictureBody { bytes, format, turn }: PictureBody,
) -> Result<(StatusCode, Json<EnrolledPhoto>), Problem> {
    let photo = NewPhoto { bytes, format, face: None, turn: Some(turn) };
    let enrolled = state.known_people.enrol(actor, Whom::Id(id), photo).await?;
    Ok((StatusCode::CREATED, Json(enrolled)))
}

/// Forget a known photo. The faces of its person are decided again.
#[utoipa::path(
    delete,
    path = "/api/v1/known-photos/{photo}",
    operation_id = "forget_photo",
    tag = "people",
    params(("photo" = String, Path, description = "The file's name.")),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 404, body = Problem, description = "`unknown_photo`"),
        (status = 409, body = Problem, description = "`gallery_read_only`"),
        (status = 503, body = Problem, description = "`recogniser_away`"),
    ),
)]
pub(super) async fn forget(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(photo): ApiPath<String>,
) -> Result<StatusCode, Problem> {
    state.known_people.forget(actor, photo).await?;
    Ok(StatusCode::NO_CONTENT)
}
