//! Which faces another gallery may say something else of.

use std::time::Duration;

use migrations::{FaceOutcome, ImageStatus};
use service_kit::statements::push_list;
use sqlx::{FromRow, QueryBuilder};

use super::{MySqlStore, microseconds, within};
use crate::{decision::PersonId, store::StoreError};

/// Rows of one look.
pub(crate) const PAGE: u32 = 1_000;

/// A face of a look through the table.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct FaceInPage {
    pub(crate) id: u64,
    pub(crate) image_id: u64,
    pub(crate) model_id: String,
}

impl MySqlStore {
    /// The revisions under which faces with this outcome are stored.
    pub(crate) async fn revisions(&self, outcome: FaceOutcome) -> Result<Vec<String>, StoreError> {
        within(async {
            // From one to the next: DISTINCT would read every face.
            let mut revisions: Vec<String> = Vec::new();
            while let Some(next) = sqlx::query_scalar(
                "SELECT gallery_revision FROM faces FORCE INDEX (faces_outcome)
                 WHERE outcome = ? AND gallery_revision > ? ORDER BY gallery_revision LIMIT 1",
            )
            .bind(outcome)
            .bind(revisions.last().map_or("", String::as_str))
            .fetch_optional(&self.pool)
            .await?
            {
                revisions.push(next);
            }
            Ok(revisions)
        })
        .await
    }

    /// A page of the faces with this outcome that are stored under this revision, those behind this id.
    pub(crate) async fn faces_under(
        &self,
        outcome: FaceOutcome,
        gallery_revision: &str,
        after: u64,
    ) -> Result<Vec<FaceInPage>, StoreError> {
        within(async {
            let page = sqlx::query_as(
                "SELECT id, image_id, model_id FROM faces FORCE INDEX (faces_outcome)
                 WHERE outcome = ? AND gallery_revision = ? AND id > ? ORDER BY id LIMIT ?",
            )
            .bind(outcome)
            .bind(gallery_revision)
            .bind(after)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            Ok(page)
        })
        .await
    }

    /// The images that changed within this time and have faces that nobody was named in, decided by this model and another
    /// revision than this.
    pub(crate) async fn answered_late(
        &self,
        model_id: &str,
        gallery_revision: &str,
        within_last: Duration,
    ) -> Result<Vec<u64>, StoreError> {
        within(async {
            let images = sqlx::query_scalar(
                "SELECT id FROM images FORCE INDEX (images_updated)
                 WHERE updated_at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AND status IN (?, ?)
                   AND gallery_revision <> ? AND model_id = ?
                   AND EXISTS (SELECT 1 FROM faces
                               WHERE image_id = images.id AND outcome IN (?, ?) AND faces.gallery_revision <> ?)",
            )
            .bind(microseconds(within_last))
            .bind(ImageStatus::Processed)
            .bind(ImageStatus::Unresolved)
            .bind(gallery_revision)
            .bind(model_id)
            .bind(FaceOutcome::Unknown)
            .bind(FaceOutcome::Ambiguous)
            .bind(gallery_revision)
            .fetch_all(&self.pool)
            .await?;
            Ok(images)
        })
        .await
    }

    /// The images that changed within this time and have faces that somebody was named in by a known photo, decided by this
    /// model and another revision than this; each with that photo.
    pub(crate) async fn named_late(
        &self,
        model_id: &str,
        gallery_revision: &str,
        within_last: Duration,
    ) -> Result<Vec<(u64, String)>, StoreError> {
        within(async {
            let images = sqlx::query_as(
                "SELECT images.id, matched_photo
                 FROM images FORCE INDEX (images_updated) JOIN faces ON image_id = images.id
                 WHERE images.updated_at >= UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND AND status IN (?, ?)
                   AND images.gallery_revision <> ? AND images.model_id = ?
                   AND outcome = ? AND faces.gallery_revision <> ? AND matched_photo IS NOT NULL",
            )
            .bind(microseconds(within_last))
            .bind(ImageStatus::Processed)
            .bind(ImageStatus::Unresolved)
            .bind(gallery_revision)
            .bind(model_id)
            .bind(FaceOutcome::Identified)
            .bind(gallery_revision)
            .fetch_all(&self.pool)
            .await?;
            Ok(images)
        })
        .await
    }

    /// A page of the known photos that have a person, with that person or whom they turned out to be: those behind this
    /// name.
    pub(crate) async fn photos_after(&self, name: &str) -> Result<Vec<(String, PersonId)>, StoreError> {
        within(async {
            let page: Vec<(String, u64)> = sqlx::query_as(
                "SELECT image_name, COALESCE(person.merged_into, person.id)
                 FROM person_images JOIN person ON person.id = person_id
                 WHERE image_name > ? ORDER BY image_name LIMIT ?",
            )
            .bind(name)
            .bind(PAGE)
            .fetch_all(&self.pool)
            .await?;
            Ok(page.into_iter().map(|(photo, person)| (photo, PersonId(person))).collect())
        })
        .await
    }

    /// A page of the faces of this person, those behind this id: each with its image, and whether one of these photos is
    /// the nearest under this model.
    pub(crate) async fn faces_near_photos(
        &self,
        person: PersonId,
        model_id: &str,
        photos: &[&str],
        after: u64,
    ) -> Result<Vec<(u64, u64, bool)>, StoreError> {
        within(async {
            let mut select = QueryBuilder::new("SELECT id, image_id, COALESCE(matched_photo IN ");
            push_list(&mut select, photos);
            select.push(" AND model_id = ").push_bind(model_id);
            select.push(", FALSE) FROM faces FORCE INDEX (faces_person) WHERE person_id = ");
            select.push_bind(person.0).push(" AND id > ").push_bind(after);
            select.push(" ORDER BY id LIMIT ").push_bind(PAGE);
            Ok(select.build_query_as().fetch_all(&self.pool).await?)
        })
        .await
    }
}
