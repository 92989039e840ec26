//! What the drain does: images are taken straight from the table, without a message.

use std::time::Duration;

use migrations::ImageStatus;
use sqlx::{FromRow, MySqlPool};

use super::{claims::name_of_claim, microseconds, unheard::Unheard};
use crate::{
    message::ImageId,
    retry::History,
    store::{Claim, Remaining, StoreError},
};

#[derive(FromRow)]
struct DueRow {
    id: u64,
    path: String,
    attempts: u32,
    losses: u32,
    rounds: u32,
    lease_token: u64,
}

/// The image that is due longest. Rows that somebody else has locked are skipped, so several drains share the work.
pub(super) async fn claim_due(
    pool: &MySqlPool,
    last: ImageId,
    owner: &str,
    lease: Duration,
    unheard: &Unheard,
) -> Result<Option<Claim>, StoreError> {
    let mut transaction = pool.begin().await?;
    let due: Option<DueRow> = sqlx::query_as(
        "SELECT id, path, attempts, losses, rounds, lease_token FROM images FORCE INDEX (images_due)
         WHERE status = ? AND next_attempt_at <= UTC_TIMESTAMP(6) AND id <= ?
         ORDER BY next_attempt_at LIMIT 1 FOR UPDATE SKIP LOCKED",
    )
    .bind(ImageStatus::Pending)
    .bind(last.0)
    .fetch_optional(&mut *transaction)
    .await?;
    let Some(due) = due else { return Ok(None) };
    let owner = name_of_claim(owner);
    sqlx::query(
        "UPDATE images FORCE INDEX (PRIMARY)
         SET lease_token = lease_token + 1, lease_owner = ?, status = ?,
             lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, updated_at = UTC_TIMESTAMP(6)
         WHERE id = ?",
    )
    .bind(&owner)
    .bind(ImageStatus::Processing)
    .bind(microseconds(lease))
    .bind(due.id)
    .execute(&mut *transaction)
    .await?;
    let committing = unheard.committing(owner, vec![due.id]);
    transaction.commit().await?;
    committing.heard();
    Ok(Some(Claim {
        id: ImageId(due.id),
        path: due.path,
        history: History { attempts: due.attempts, losses: due.losses, rounds: due.rounds },
        token: due.lease_token + 1,
    }))
}

pub(super) async fn last_image(pool: &MySqlPool) -> Result<ImageId, StoreError> {
    let last: Option<u64> = sqlx::query_scalar("SELECT MAX(id) FROM images").fetch_one(pool).await?;
    Ok(ImageId(last.unwrap_or(0)))
}

pub(super) async fn remaining(pool: &MySqlPool, last: ImageId) -> Result<Remaining, StoreError> {
    let counts: (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM images WHERE status = ? AND next_attempt_at <= UTC_TIMESTAMP(6) AND id <= ?),
                (SELECT COUNT(*) FROM images WHERE status = ? AND next_attempt_at > UTC_TIMESTAMP(6) AND id <= ?),
                (SELECT COUNT(*) FROM images WHERE status = ? AND id <= ?)",
    )
    .bind(ImageStatus::Pending)
    .bind(last.0)
    .bind(ImageStatus::Pending)
    .bind(last.0)
    .bind(ImageStatus::Processing)
    .bind(last.0)
    .fetch_one(pool)
    .await?;
    let (due, delayed, processing) =
        (counts.0.unsigned_abs(), counts.1.unsigned_abs(), counts.2.unsigned_abs());
    Ok(Remaining { due, delayed, processing })
}
