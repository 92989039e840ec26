//! All SQL of the frontend. It only reads.

use std::collections::HashMap;

use migrations::{ImageStatus, UnresolvedReason};
use sqlx::{FromRow, MySqlPool, QueryBuilder};
use thiserror::Error;
use time::OffsetDateTime;

/// The database is away, refuses, or holds what it must not.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct StoreError(#[from] sqlx::Error);

/// Which images a page shows. Positions are ids, so a page stays what it is while new images arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Position {
    Newest,
    /// The ones just older than this id.
    Before(u64),
    /// The ones just newer than this id.
    After(u64),
}

/// One image of the table.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct ImageRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) status: ImageStatus,
    pub(crate) reason: Option<UnresolvedReason>,
    pub(crate) person: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) created_at: OffsetDateTime,
}

/// A page of images, newest first.
#[derive(Debug)]
pub(crate) struct Images {
    pub(crate) rows: Vec<ImageRow>,
    pub(crate) has_newer: bool,
    pub(crate) has_older: bool,
}

/// The frontend's access to the database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: MySqlPool,
}

impl Store {
    pub(crate) fn new(pool: MySqlPool) -> Self {
        Self { pool }
    }

    /// At most `size` images.
    pub(crate) async fn images(&self, position: Position, size: usize) -> Result<Images, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT images.id, path, status, reason, person.name AS person, error_detail, created_at
             FROM images LEFT JOIN person ON person.id = images.person",
        );
        match position {
            Position::Newest => query.push(" ORDER BY images.id DESC"),
            Position::Before(id) => {
                query.push(" WHERE images.id < ").push_bind(id).push(" ORDER BY images.id DESC")
            }
            Position::After(id) => {
                query.push(" WHERE images.id > ").push_bind(id).push(" ORDER BY images.id")
            }
        };
        // One more than is shown tells whether there is another page.
        query.push(" LIMIT ").push_bind(u64::try_from(size + 1).unwrap_or(u64::MAX));
        let mut rows: Vec<ImageRow> = query.build_query_as().fetch_all(&self.pool).await?;
        let has_more = rows.len() > size;
        rows.truncate(size);
        Ok(match position {
            Position::Newest => Images { rows, has_newer: false, has_older: has_more },
            Position::Before(_) => Images { rows, has_newer: true, has_older: has_more },
            Position::After(_) => {
                rows.reverse();
                Images { rows, has_newer: has_more, has_older: true }
            }
        })
    }

    /// Everybody who was identified in these images, by image.
    pub(crate) async fn people_in(
        &self,
        images: &[ImageRow],
    ) -> Result<HashMap<u64, Vec<String>>, StoreError> {
        if images.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT DISTINCT image_id, person.name FROM faces JOIN person ON person.id = faces.person_id
             WHERE outcome = 'identified' AND image_id IN (",
        );
        let mut list = query.separated(", ");
        for image in images {
            list.push_bind(image.id);
        }
        query.push(") ORDER BY person.name");
        let rows: Vec<(u64, String)> = query.build_query_as().fetch_all(&self.pool).await?;
        let mut people: HashMap<u64, Vec<String>> = HashMap::new();
        for (image, name) in rows {
            people.entry(image).or_default().push(name);
        }
        Ok(people)
    }
}

#[cfg(test)]
mod tests;
