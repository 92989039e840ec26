//! `/api/v1/faces/{id}`: who a face is, by somebody's word, and who it is not.

use axum::{Json, extract::State, http::StatusCode};

use super::{
    image::{self, Face},
    path_ids::ApiPath,
    request_body::ApiBody,
    whom::WantedPerson,
};
use crate::{
    actor::Actor,
    app::AppState,
    known_people::{EnrolledPhoto, NewPhoto},
    picture_format::PictureFormat,
    problem::Problem,
};

/// Say who a face is. Every later decision obeys it, also after the picture was looked at again.
#[utoipa::path(
    put,
    path = "/api/v1/faces/{id}/person",
    operation_id = "assign_face",
    tag = "faces",
    params(("id" = u64, Path)),
    request_body = WantedPerson,
    responses(
        (status = 200, body = Face),
        (status = 404, body = Problem, description = "`unknown_face`, `unknown_person`"),
        (status = 422, body = Problem, description = "`wrong_name`, `wrong_shape`"),
    ),
)]
pub(super) async fn assign(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
    ApiBody(wanted): ApiBody<WantedPerson>,
) -> Result<Json<Face>, Problem> {
    state.store.assign_face(&actor, id, &wanted.whom()?).await?;
    image::face(&state, id).await
}

/// Take back who a face was said to be: it is decided by its likeness again.
#[utoipa::path(
    delete,
    path = "/api/v1/faces/{id}/person",
    operation_id = "unassign_face",
    tag = "faces",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = Face),
        (status = 404, body = Problem, description = "`unknown_face`"),
    ),
)]
pub(super) async fn unassign(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
) -> Result<Json<Face>, Problem> {
    state.store.unassign_face(&actor, id).await?;
    image::face(&state, id).await
}

/// Say that a face is not this person, whatever it looks like.
#[utoipa::path(
    put,
    path = "/api/v1/faces/{id}/not/{person_id}",
    operation_id = "refuse_face",
    tag = "faces",
    params(("id" = u64, Path), ("person_id" = u64, Path)),
    responses(
        (status = 200, body = Face),
        (status = 404, body = Problem, description = "`unknown_face`, `unknown_person`"),
    ),
)]
pub(super) async fn refuse(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath((id, person)): ApiPath<(u64, u64)>,
) -> Result<Json<Face>, Problem> {
    state.store.refuse_face(&actor, id, person).await?;
    image::face(&state, id).await
}

/// Take back that a face is not this person.
#[utoipa::path(
    delete,
    path = "/api/v1/faces/{id}/not/{person_id}",
    operation_id = "unrefuse_face",
    tag = "faces",
    params(("id" = u64, Path), ("person_id" = u64, Path)),
    responses(
        (status = 200, body = Face),
        (status = 404, body = Problem, description = "`unknown_face`, `unknown_person`"),
    ),
)]
pub(super) async fn unrefuse(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath((id, person)): ApiPath<(u64, u64)>,
) -> Result<Json<Face>, Problem> {
    state.store.unrefuse_face(&actor, id, person).await?;
    image::face(&state, id).await
}

/// Enrol somebody by a face: cut out of its picture it becomes a known photo, and it is theirs. Where the recogniser refuses
/// the photo nothing is changed.
#[utoipa::path(
    post,
    path = "/api/v1/faces/{id}/enrol",
    operation_id = "enrol_face",
    tag = "faces",
    params(("id" = u64, Path)),
    request_body = WantedPerson,
    responses(
        (status = 201, body = EnrolledPhoto),
        (status = 404, body = Problem, description = "`unknown_face`, `unknown_person`"),
        (status = 409, body = Problem, description = "`photo_known`, `picture_unreadable`, `gallery_read_only`"),
        (status = 422, body = Problem, description = "`no_face`, `several_faces`, `low_quality`, `wrong_name`, `wrong_shape`"),
        (status = 503, body = Problem, description = "`recogniser_away`, `recogniser_busy`"),
    ),
)]
pub(super) async fn enrol(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
    ApiBody(wanted): ApiBody<WantedPerson>,
) -> Result<(StatusCode, Json<EnrolledPhoto>), Problem> {
    let whom = wanted.whom()?;
    let photo = photo_of(&state, id).await?;
    let enrolled = state.known_people.enrol(actor, whom, photo).await?;
    Ok((StatusCode::CREATED, Json(enrolled)))
}

/// The face, cut out of its picture.
pub(super) async fn photo_of(state: &AppState, face: u64) -> Result<NewPhoto, Problem> {
    let bytes = state.face_photos.make(state.store.pictured_face(face).await?).await?;
    Ok(NewPhoto { bytes, format: PictureFormat::Jpeg, face: Some(face), turn: None })
}
