//! Which images changed a moment ago: read along the index on `updated_at` alone.

use sqlx::FromRow;
use time::OffsetDateTime;

use super::{Store, StoreError};

/// That an image changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub(crate) struct Change {
    pub(crate) id: u64,
    pub(crate) updated_at: OffsetDateTime,
}

impl Store {
    /// The changes since a moment, the earliest first, at most so many.
    pub(crate) async fn changes(&self, since: OffsetDateTime, limit: u32) -> Result<Vec<Change>, StoreError> {
        let query = sqlx::query_as(
            "SELECT id, updated_at FROM images FORCE INDEX (images_updated) WHERE updated_at >= ?
             ORDER BY updated_at, id LIMIT ?",
        );
        Ok(query.bind(since).bind(limit).fetch_all(&self.pool).await?)
    }

    /// The present, by the database's clock, and the newest images.
    pub(crate) async fn present(&self, newest: u32) -> Result<(OffsetDateTime, Vec<u64>), StoreError> {
        let now: OffsetDateTime = sqlx::query_scalar("SELECT UTC_TIMESTAMP(6)").fetch_one(&self.pool).await?;
        let query = sqlx::query_scalar("SELECT id FROM images ORDER BY id DESC LIMIT ?").bind(newest);
        Ok((now, query.fetch_all(&self.pool).await?))
    }
}
