//! How many there are of everything, and how the last hour went.

use std::collections::HashMap;

use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};

use super::{Store, StoreError, within};

/// Results of the last hour of which the times are looked at: the newest.
const TIMED: u32 = 20_000;

/// Counts, and times in microseconds.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) statuses: HashMap<ImageStatus, u64>,
    pub(crate) reasons: HashMap<UnresolvedReason, u64>,
    pub(crate) outcomes: HashMap<FaceOutcome, u64>,
    pub(crate) people: u64,
    pub(crate) known_photos: u64,
    /// Of the last hour.
    pub(crate) results: u64,
    /// From the post of an image to its result; of the last hour, newest first.
    pub(crate) times: Vec<i64>,
}

impl Store {
    /// Counts everything, each along one index.
    pub(crate) async fn statistics(&self) -> Result<Counted, StoreError> {
        within(async {
            let by_status = "SELECT status, CAST(COUNT(*) AS UNSIGNED) FROM images GROUP BY status";
            let by_reason = "SELECT reason, CAST(COUNT(*) AS UNSIGNED) FROM images
                             WHERE reason IS NOT NULL GROUP BY reason";
            let by_outcome = "SELECT outcome, CAST(COUNT(*) AS UNSIGNED) FROM faces GROUP BY outcome";
            let statuses: Vec<(ImageStatus, u64)> = sqlx::query_as(by_status).fetch_all(&self.pool).await?;
            let reasons: Vec<(UnresolvedReason, u64)> =
                sqlx::query_as(by_reason).fetch_all(&self.pool).await?;
            let outcomes: Vec<(FaceOutcome, u64)> = sqlx::query_as(by_outcome).fetch_all(&self.pool).await?;
            let (people, known_photos) = sqlx::query_as(
                "SELECT (SELECT CAST(COUNT(*) AS UNSIGNED) FROM person WHERE merged_into IS NULL),
                        (SELECT CAST(COUNT(*) AS UNSIGNED) FROM person_images)",
            )
            .fetch_one(&self.pool)
            .await?;
            let results = sqlx::query_scalar(
                "SELECT CAST(COUNT(*) AS UNSIGNED) FROM images FORCE INDEX (images_updated)
                 WHERE updated_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR AND status IN (1, 2, 4)",
            )
            .fetch_one(&self.pool)
            .await?;
            let times = sqlx::query_scalar(
                "SELECT TIMESTAMPDIFF(MICROSECOND, created_at, updated_at)
                 FROM images FORCE INDEX (images_updated)
                 WHERE updated_at > UTC_TIMESTAMP(6) - INTERVAL 1 HOUR AND status IN (1, 2, 4)
                 ORDER BY updated_at DESC LIMIT ?",
            )
            .bind(TIMED)
            .fetch_all(&self.pool)
            .await?;
            Ok(Counted {
                statuses: statuses.into_iter().collect(),
                reasons: reasons.into_iter().collect(),
                outcomes: outcomes.into_iter().collect(),
                people,
                known_photos,
                results,
                times,
            })
        })
        .await
    }
}
