//! All that is known of one image.

use migrations::FaceOutcome;
use sqlx::{FromRow, types::Json};

use super::{ImageRow, Store, StoreError};

/// An image, beside what the table shows of it.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Details {
    pub(crate) attempts: u32,
    pub(crate) losses: u32,
    pub(crate) rounds: u32,
    pub(crate) model_id: Option<String>,
    pub(crate) gallery_revision: Option<String>,
    pub(crate) accept_below: Option<f32>,
    pub(crate) unknown_from: Option<f32>,
    pub(crate) margin: Option<f32>,
}

/// One of its faces.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct FaceDetails {
    pub(crate) id: u64,
    pub(crate) box_left: i32,
    pub(crate) box_top: i32,
    pub(crate) box_width: u32,
    pub(crate) box_height: u32,
    pub(crate) quality: Json<serde_json::Value>,
    pub(crate) outcome: FaceOutcome,
    pub(crate) person_id: Option<u64>,
    pub(crate) person: Option<String>,
    pub(crate) matched_photo: Option<String>,
    pub(crate) distance: Option<f32>,
    pub(crate) runner_up_id: Option<u64>,
    pub(crate) runner_up: Option<String>,
    pub(crate) runner_up_distance: Option<f32>,
    /// `engine` or `person`.
    pub(crate) source: String,
    /// Of an unknown face: the group of those that look like it.
    pub(crate) group_id: Option<u64>,
}

impl Store {
    /// An image and its faces, in the order in which they were found; `None` where there is none.
    pub(crate) async fn details(
        &self,
        image: u64,
    ) -> Result<Option<(ImageRow, Details, Vec<FaceDetails>)>, StoreError> {
        let Some(row) = self.images_by_id(&[image]).await?.pop() else { return Ok(None) };
        let details = sqlx::query_as(
            "SELECT attempts, losses, rounds, model_id, gallery_revision, accept_below, unknown_from, margin
             FROM images WHERE id = ?",
        );
        let Some(details) = details.bind(image).fetch_optional(&self.pool).await? else { return Ok(None) };
        let faces = sqlx::query_as(
            "SELECT faces.id, box_left, box_top, box_width, box_height, quality, outcome,
                    person_id, best.name AS person, matched_photo, distance, runner_up_person_id AS runner_up_id,
                    second.name AS runner_up, runner_up_distance, source, group_id
             FROM faces LEFT JOIN person AS best ON best.id = person_id
                        LEFT JOIN person AS second ON second.id = runner_up_person_id
             WHERE image_id = ? ORDER BY faces.id",
        );
        let faces = faces.bind(image).fetch_all(&self.pool).await?;
        Ok(Some((row, details, faces)))
    }
}
