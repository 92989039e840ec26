//! One image and its faces, as `GET /api/v1/images/{id}` shows them.

use migrations::ImageStatus;

use super::{FaceRow, ImageRow, Store, StoreError};

impl Store {
    /// One image, if there is one of that id.
    pub(crate) async fn image(&self, id: u64) -> Result<Option<ImageRow>, StoreError> {
        let row = sqlx::query_as(
            "SELECT images.id, path, status, reason, person AS person_id, person.name AS person_name,
                    error_code, error_detail, retryable, attempts, losses, rounds,
                    IF(status = ? AND (attempts > 0 OR next_attempt_at > UTC_TIMESTAMP(6)), next_attempt_at, NULL)
                        AS next_attempt_at,
                    model_id, gallery_revision, created_at, updated_at
             FROM images LEFT JOIN person ON person.id = images.person
             WHERE images.id = ?",
        )
        .bind(ImageStatus::Pending)
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row)
    }

    /// The faces of one image, surest detection first.
    pub(crate) async fn faces(&self, image_id: u64) -> Result<Vec<FaceRow>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT faces.id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                    outcome, source, matched_photo,
                    person_id, best.name AS person_name, distance,
                    runner_up_person_id, second.name AS runner_up_name, runner_up_distance
             FROM faces
             LEFT JOIN person AS best ON best.id = faces.person_id
             LEFT JOIN person AS second ON second.id = faces.runner_up_person_id
             WHERE image_id = ?
             ORDER BY detector_score DESC, faces.id",
        )
        .bind(image_id)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }
}
