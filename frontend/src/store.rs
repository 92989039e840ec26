//! All SQL of the frontend. It only reads.

mod counts;

use std::collections::HashMap;

use migrations::{ImageStatus, UnresolvedReason};
use service_kit::database::DatabaseFault;
use sqlx::{FromRow, MySql, MySqlPool, QueryBuilder};
use thiserror::Error;
use time::OffsetDateTime;

pub(crate) use counts::{Count, Counts};

use crate::view::{Filter, Position, View};

/// The database is away, refuses, or holds what it must not.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct StoreError(#[from] sqlx::Error);

impl StoreError {
    /// What it means for whoever asked.
    pub(crate) fn fault(&self) -> DatabaseFault {
        DatabaseFault::of(&self.0)
    }
}

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
    pub(crate) next_attempt_at: OffsetDateTime,
    pub(crate) created_at: OffsetDateTime,
    /// For an image in work: since when it is.
    pub(crate) updated_at: OffsetDateTime,
    /// When the row was read, by the database's clock.
    pub(crate) read_at: OffsetDateTime,
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
    pub(crate) async fn images(&self, view: View, size: usize) -> Result<Images, StoreError> {
        // One more than is shown tells whether there is another page.
        let mut rows = self.rows(view, size + 1).await?;
        let has_more = rows.len() > size;
        rows.truncate(size);
        let (has_newer, has_older) = match (view.position, rows.first()) {
            (_, None) => (false, false),
            (Position::Newest, _) => (false, has_more),
            (Position::Before(_), Some(newest)) => {
                (self.any(View { position: Position::After(newest.id), ..view }).await?, has_more)
            }
            (Position::After(_), Some(oldest)) => {
                (has_more, self.any(View { position: Position::Before(oldest.id), ..view }).await?)
            }
        };
        if let Position::After(_) = view.position {
            rows.reverse();
        }
        Ok(Images { rows, has_newer, has_older })
    }

    async fn any(&self, view: View) -> Result<bool, StoreError> {
        Ok(!self.rows(view, 1).await?.is_empty())
    }

    /// The images nearest to the position, nearest first.
    async fn rows(&self, View { filter, position }: View, limit: usize) -> Result<Vec<ImageRow>, StoreError> {
        let mut query = QueryBuilder::new(
            "SELECT images.id, path, status, reason, person.name AS person, error_code, error_detail, retryable,
                    next_attempt_at, created_at, updated_at, UTC_TIMESTAMP(6) AS read_at
             FROM images",
        );
        // Left alone, the optimiser reads the whole table for a status or a reason that few old images have.
        query.push(match filter {
            Filter::All => "",
            Filter::Status(_) => " FORCE INDEX (images_lease)",
            Filter::Reason(_) => " FORCE INDEX (images_reason)",
        });
        query.push(" LEFT JOIN person ON person.id = images.person WHERE TRUE");
        push_filter(&mut query, filter);
        match position {
            Position::Newest => query.push(" ORDER BY images.id DESC"),
            Position::Before(id) => {
                query.push(" AND images.id < ").push_bind(id).push(" ORDER BY images.id DESC")
            }
            Position::After(id) => query.push(" AND images.id > ").push_bind(id).push(" ORDER BY images.id"),
        };
        query.push(" LIMIT ").push_bind(u64::try_from(limit).unwrap_or(u64::MAX));
        Ok(query.build_query_as().fetch_all(&self.pool).await?)
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

/// Only an image in work has a lease. To say so of the others makes the index on (status, `lease_until`) one in the
/// order of their ids, from which a page is read without a look at other images.
fn push_filter(query: &mut QueryBuilder<MySql>, filter: Filter) {
    match filter {
        Filter::All => {}
        Filter::Reason(reason) => {
            query.push(" AND reason = ").push_bind(reason);
        }
        Filter::Status(status) => {
            query.push(" AND status = ").push_bind(status);
            if status != ImageStatus::Processing {
                query.push(" AND lease_until IS NULL");
            }
        }
    }
}

#[cfg(test)]
mod tests;
