//! The results of the last hour.

use sqlx::FromRow;

use super::{Store, StoreError};

/// An image that got its result within the last hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub(crate) struct Finished {
    /// How many whole minutes ago.
    pub(crate) minutes_ago: i64,
    /// From when it was posted until then.
    pub(crate) took_us: i64,
}

impl Store {
    /// Those of the last hour, the latest first, at most so many.
    pub(crate) async fn finished(&self, limit: u32) -> Result<Vec<Finished>, StoreError> {
        let query = sqlx::query_as(
            "SELECT TIMESTAMPDIFF(MINUTE, updated_at, UTC_TIMESTAMP(6)) AS minutes_ago,
                    TIMESTAMPDIFF(MICROSECOND, created_at, updated_at) AS took_us
             FROM images FORCE INDEX (images_updated)
             WHERE updated_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR AND status IN (1, 2, 4)
             ORDER BY updated_at DESC LIMIT ?",
        );
        Ok(query.bind(limit).fetch_all(&self.pool).await?)
    }
}
