//! Rows of images and their faces.

use std::collections::HashMap;

use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};
use time::OffsetDateTime;

use super::{Store, StoreError};

/// One image of the table.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ImageRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) reason: Option<UnresolvedReason>,
    /// The name of the best identified face.
    pub(crate) person: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) retryable: bool,
    /// Columns of the picture; none before it was looked at.
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) next_attempt_at: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    /// For an image in work: since when it is.
    pub(crate) updated_at: OffsetDateTime,
    /// When the row was read, by the database's clock.
    pub(crate) read_at: OffsetDateTime,
}

/// One face of an image of the table.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct FaceRow {
    pub(crate) image_id: u64,
    pub(crate) box_left: i32,
    pub(crate) box_top: i32,
    pub(crate) box_width: u32,
    pub(crate) box_height: u32,
    pub(crate) outcome: FaceOutcome,
    /// Who it is or may be.
    pub(crate) person: Option<String>,
}

impl Store {
    /// These images, newest first; those that are not there are left out.
    pub(crate) async fn images_by_id(&self, ids: &[u64]) -> Result<Vec<ImageRow>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT images.id, path, status, reason, person.name AS person, error_code, error_detail, retryable,
                    width, height, next_attempt_at, created_at, updated_at, UTC_TIMESTAMP(6) AS read_at
             FROM images LEFT JOIN person ON person.id = images.person WHERE images.id IN ",
        );
        push_list(&mut query, ids);
        query.push(" ORDER BY images.id DESC");
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
    }

    /// The faces of these images, by image, in the order in which they were found.
    pub(crate) async fn faces_of(
        &self,
        images: &[ImageRow],
    ) -> Result<HashMap<u64, Vec<FaceRow>>, StoreError> {
        if images.is_empty() {
            return Ok(HashMap::new());
        }
        let ids: Vec<u64> = images.iter().map(|image| image.id).collect();
        let mut query = QueryBuilder::new(
            "SELECT image_id, box_left, box_top, box_width, box_height, outcome, person.name AS person
             FROM faces LEFT JOIN person ON person.id = faces.person_id WHERE image_id IN ",
        );
        push_list(&mut query, &ids);
        query.push(" ORDER BY faces.id");
        let rows: Vec<FaceRow> = query.build_query_as().fetch_all(&self.pool).await?;
        let mut faces: HashMap<u64, Vec<FaceRow>> = HashMap::new();
        for face in rows {
            faces.entry(face.image_id).or_default().push(face);
        }
        Ok(faces)
    }
}
