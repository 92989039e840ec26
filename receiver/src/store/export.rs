//! Everything that is known, a page at a time in the order of the ids.

use std::collections::HashMap;

use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};
use time::OffsetDateTime;

use super::{CountedPerson, Store, StoreError, within};
use crate::person_ref::PersonRef;

/// An image and what came of it.
#[derive(Debug, FromRow)]
pub(crate) struct ResultRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) person_id: Option<u64>,
    pub(crate) person_name: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) created_at: OffsetDateTime,
    pub(crate) updated_at: OffsetDateTime,
}

/// What was decided of one face.
#[derive(Debug, FromRow)]
pub(crate) struct DecidedFace {
    image_id: u64,
    pub(crate) outcome: FaceOutcome,
    pub(crate) person_id: Option<u64>,
    pub(crate) person_name: Option<String>,
}

impl Store {
    /// The next people of their own above an id, at most so many.
    pub(crate) async fn people_after(&self, after: u64, most: u32) -> Result<Vec<CountedPerson>, StoreError> {
        within(async {
            let people: Vec<PersonRef> = sqlx::query_as(
                "SELECT id, name FROM person WHERE merged_into IS NULL AND id > ? ORDER BY id LIMIT ?",
            )
            .bind(after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
            self.counted(people).await
        })
        .await
    }

    /// The next images above an id, at most so many, each with its faces.
    pub(crate) async fn results_after(
        &self,
        after: u64,
        most: u32,
    ) -> Result<Vec<(ResultRow, Vec<DecidedFace>)>, StoreError> {
        within(async {
            let images: Vec<ResultRow> = sqlx::query_as(
                "SELECT images.id, path, status, reason, person AS person_id, person.name AS person_name, error_code,
                        error_detail, created_at, updated_at
                 FROM images LEFT JOIN person ON person.id = images.person
                 WHERE images.id > ? ORDER BY images.id LIMIT ?",
            )
            .bind(after)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
            let mut faces = self.decided_faces(&images).await?;
            Ok(images
                .into_iter()
                .map(|image| {
                    let faces = faces.remove(&image.id).unwrap_or_default();
                    (image, faces)
                })
                .collect())
        })
        .await
    }

    async fn decided_faces(
        &self,
        images: &[ResultRow],
    ) -> Result<HashMap<u64, Vec<DecidedFace>>, StoreError> {
        let mut faces: HashMap<u64, Vec<DecidedFace>> = HashMap::new();
        if images.is_empty() {
            return Ok(faces);
        }
        let ids: Vec<u64> = images.iter().map(|image| image.id).collect();
        let mut query = QueryBuilder::new(
            "SELECT image_id, outcome, person_id, person.name AS person_name
             FROM faces LEFT JOIN person ON person.id = faces.person_id WHERE image_id IN ",
        );
        push_list(&mut query, &ids);
        query.push(" ORDER BY faces.id");
        let rows: Vec<DecidedFace> = query.build_query_as().fetch_all(&self.pool).await?;
        for face in rows {
            faces.entry(face.image_id).or_default().push(face);
        }
        Ok(faces)
    }
}
