//! Known photos of somebody, and of those who turned out to be them.

use sqlx::FromRow;

use super::{Store, StoreError};

/// A known photo.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct PhotoRow {
    pub(crate) photo: String,
    /// Whose it is by its own row.
    pub(crate) owner: u64,
    pub(crate) owner_name: String,
}

impl Store {
    /// At most `limit` photos, by name.
    pub(crate) async fn photos(&self, person: u64, limit: u32) -> Result<Vec<PhotoRow>, StoreError> {
        let query = sqlx::query_as(
            "SELECT image_name AS photo, person.id AS owner, person.name AS owner_name
             FROM person JOIN person_images ON person_images.person_id = person.id WHERE person.id = ?
             UNION ALL
             SELECT image_name, person.id, person.name
             FROM person JOIN person_images ON person_images.person_id = person.id WHERE person.merged_into = ?
             ORDER BY photo LIMIT ?",
        );
        Ok(query.bind(person).bind(person).bind(limit).fetch_all(&self.pool).await?)
    }
}
