//! What waits between a post and a worker.

use migrations::ImageStatus;
use time::OffsetDateTime;

use super::{Count, Store, StoreError};

/// How the queue stands. The rows are asked and not nsqd: its messages only say that there is something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Queue {
    /// Since when the image waits that could have been taken first; in the future when each is to be tried later.
    /// `None` when no image waits.
    pub(crate) first_due: Option<OffsetDateTime>,
    /// Messages that should have been published by now and are not.
    pub(crate) unpublished: Count,
    /// The database's time.
    pub(crate) read_at: OffsetDateTime,
}

impl Store {
    /// How the queue stands; messages are counted up to `limit`.
    pub(crate) async fn queue(&self, limit: u64) -> Result<Queue, StoreError> {
        let query = sqlx::query_as(
            "SELECT (SELECT MIN(next_attempt_at) FROM images WHERE status = ?),
                    (SELECT COUNT(*) FROM (SELECT 1 FROM outbox
                     WHERE published_at IS NULL AND due_at <= UTC_TIMESTAMP(6) LIMIT ?) AS counted),
                    UTC_TIMESTAMP(6)",
        );
        let query = query.bind(ImageStatus::Pending).bind(limit + 1);
        let (first_due, unpublished, read_at): (_, i64, _) = query.fetch_one(&self.pool).await?;
        let unpublished = Count::up_to(limit, u64::try_from(unpublished).unwrap_or(0));
        Ok(Queue { first_due, unpublished, read_at })
    }
}
