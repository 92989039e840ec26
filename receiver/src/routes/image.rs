//! `GET /api/v1/images/{id}`: one image with everything known of it and of its faces.

use axum::{Json, extract::State, http::StatusCode};
use migrations::{ImageStatus, UnresolvedReason};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{documentation, path_ids::ApiPath};
use crate::{
    app::AppState,
    person_ref::PersonRef,
    problem::Problem,
    store::{FaceRow, ImageRow, Refusal},
};

/// An image.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Image {
    id: u64,
    path: String,
    #[schema(schema_with = documentation::status)]
    status: &'static str,
    /// Why nobody was named, while `status` is `unresolved`.
    #[schema(schema_with = documentation::reason)]
    reason: Option<&'static str>,
    person: Option<PersonRef>,
    /// What went wrong: while `status` is `failed`, or at the last attempt of an image that is to be tried again.
    error: Option<RecognitionError>,
    /// Charged attempts of this round.
    attempts: u32,
    /// Attempts of which nothing was heard again.
    losses: u32,
    /// How often it was put back after it had failed.
    rounds: u32,
    /// When it is tried again, while `status` is `pending` and it was tried before.
    #[serde(with = "time::serde::rfc3339::option")]
    next_attempt_at: Option<OffsetDateTime>,
    model_id: Option<String>,
    gallery_revision: Option<String>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    faces: Vec<Face>,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RecognitionError {
    pub(super) code: String,
    pub(super) detail: Option<String>,
    /// Whether it is tried again by itself.
    pub(super) retryable: bool,
}

/// A face.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Face {
    id: u64,
    #[serde(rename = "box")]
    bounds: Bounds,
    score: f32,
    /// Five points, in pixels of the picture.
    #[schema(value_type = Vec<Vec<f32>>)]
    landmarks: serde_json::Value,
    #[schema(value_type = Object)]
    quality: serde_json::Value,
    #[schema(schema_with = documentation::outcome)]
    outcome: &'static str,
    /// Who decided: `engine` or `person`.
    source: String,
    best: Option<Candidate>,
    matched_photo: Option<String>,
    runner_up: Option<Candidate>,
}

/// In pixels of the picture.
#[derive(Debug, Serialize, ToSchema)]
struct Bounds {
    left: i32,
    top: i32,
    width: u32,
    height: u32,
}

/// Whom a face is near to.
#[derive(Debug, Serialize, ToSchema)]
struct Candidate {
    person: PersonRef,
    distance: f32,
}

/// One image with everything known of it and of its faces.
#[utoipa::path(
    get,
    path = "/api/v1/images/{id}",
    operation_id = "image",
    tag = "images",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = Image),
        (status = 404, body = Problem, description = "`unknown_image`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    ApiPath(id): ApiPath<u64>,
) -> Result<Json<Image>, Problem> {
    read(&state, id).await
}

pub(super) fn unknown(id: u64) -> Problem {
    Problem::plain(StatusCode::NOT_FOUND, "unknown_image", format!("there is no image {id}"))
}

/// The image as it is now.
pub(super) async fn read(state: &AppState, id: u64) -> Result<Json<Image>, Problem> {
    let Some(row) = state.store.image(id).await? else { return Err(unknown(id)) };
    let faces = state.store.faces(id).await?;
    Ok(Json(Image::new(row, faces)))
}

/// A face as it is now.
pub(super) async fn face(state: &AppState, id: u64) -> Result<Json<Face>, Problem> {
    let unknown = || Problem::from(Refusal::UnknownFace(id));
    let Some(image) = state.store.image_of_face(id).await? else { return Err(unknown()) };
    let faces = state.store.faces(image).await?;
    faces.into_iter().find(|face| face.id == id).map(|row| Json(Face::new(row))).ok_or_else(unknown)
}

impl Image {
    fn new(row: ImageRow, faces: Vec<FaceRow>) -> Self {
        let error = row.error_code.map(|code| RecognitionError {
            code,
            detail: row.error_detail,
            retryable: row.retryable || matches!(row.status, ImageStatus::Pending | ImageStatus::Processing),
        });
        Self {
            id: row.id,
            path: row.path,
            status: row.status.name(),
            reason: row.reason.map(UnresolvedReason::name),
            person: PersonRef::new(row.person_id, row.person_name),
            error,
            attempts: row.attempts,
            losses: row.losses,
            rounds: row.rounds,
            next_attempt_at: row.next_attempt_at,
            model_id: row.model_id,
            gallery_revision: row.gallery_revision,
            created_at: row.created_at,
            updated_at: row.updated_at,
            faces: faces.into_iter().map(Face::new).collect(),
        }
    }
}

impl Candidate {
    fn new(person: Option<PersonRef>, distance: Option<f32>) -> Option<Self> {
        person.zip(distance).map(|(person, distance)| Self { person, distance })
    }
}

impl Face {
    fn new(row: FaceRow) -> Self {
        Self {
            id: row.id,
            bounds: Bounds {
                left: row.box_left,
                top: row.box_top,
                width: row.box_width,
                height: row.box_height,
            },
            score: row.detector_score,
            landmarks: row.landmarks.0,
            quality: row.quality.0,
            outcome: row.outcome.name(),
            source: row.source,
            best: Candidate::new(PersonRef::new(row.person_id, row.person_name), row.distance),
            matched_photo: row.matched_photo,
            runner_up: Candidate::new(
                PersonRef::new(row.runner_up_person_id, row.runner_up_name),
                row.runner_up_distance,
            ),
        }
    }
}
