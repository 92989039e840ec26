//! What the queries of `GET /api/v1/images/{id}` return.

use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;

/// One row of `images` with the name of its person.
#[derive(Debug, FromRow)]
pub(crate) struct ImageRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) person_id: Option<u64>,
    pub(crate) person_name: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) retryable: bool,
    pub(crate) attempts: u32,
    pub(crate) losses: u32,
    pub(crate) rounds: u32,
    /// When it is tried again, while it waits for that.
    pub(crate) next_attempt_at: Option<OffsetDateTime>,
    pub(crate) model_id: Option<String>,
    pub(crate) gallery_revision: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

/// One row of `faces` with the names of its people.
#[derive(Debug, FromRow)]
pub(crate) struct FaceRow {
    pub(crate) id: u64,
    pub(crate) box_left: i32,
    pub(crate) box_top: i32,
    pub(crate) box_width: u32,
    pub(crate) box_height: u32,
    pub(crate) detector_score: f32,
    pub(crate) landmarks: Json<serde_json::Value>,
    pub(crate) quality: Json<serde_json::Value>,
    pub(crate) outcome: FaceOutcome,
    pub(crate) source: String,
    pub(crate) matched_photo: Option<String>,
    pub(crate) person_id: Option<u64>,
    pub(crate) person_name: Option<String>,
    pub(crate) distance: Option<f32>,
    pub(crate) runner_up_person_id: Option<u64>,
    pub(crate) runner_up_name: Option<String>,
    pub(crate) runner_up_distance: Option<f32>,
}
