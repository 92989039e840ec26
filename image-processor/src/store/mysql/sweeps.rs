//! What the sweeper does: leases that ran out are ended, rounds of failed images begin.
//!
//! Rows that somebody else has locked are skipped: several sweepers share the work, and a worker that is just writing
//! its late result is left alone.

use migrations::ImageStatus;
use service_kit::statements::push_list;
use sqlx::{MySql, MySqlPool, QueryBuilder, Transaction};

use super::{endings::NEVER, outbox, outbox::Announced};
use crate::{
    retry::{LOST_TOO_OFTEN, MAX_LOSSES},
    store::{StoreError, Swept},
};

/// Images of one sweep.
const BATCH: u32 = 256;
const LOST_DETAIL: &str =
    "recognition of this picture was lost time and again: it may be the picture that ends it";

pub(super) async fn end_leases(pool: &MySqlPool) -> Result<Swept, StoreError> {
    let mut transaction = pool.begin().await?;
    let rows: Vec<(u64, u32, Option<String>)> = sqlx::query_as(
        "SELECT id, losses, traceparent FROM images FORCE INDEX (images_lease)
         WHERE status = ? AND lease_until <= UTC_TIMESTAMP(6)
         ORDER BY lease_until LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind(ImageStatus::Processing)
    .bind(BATCH)
    .fetch_all(&mut *transaction)
    .await?;
    let (lost, left): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|(_, losses, _)| losses + 1 >= MAX_LOSSES);
    let lost: Vec<u64> = lost.into_iter().map(|(id, ..)| id).collect();
    let left: Vec<Announced> =
        left.into_iter().map(|(id, _, traceparent)| Announced { id, traceparent }).collect();
    if !left.is_empty() {
        put_back(&mut transaction, &left, "losses = losses + 1").await?;
    }
    if !lost.is_empty() {
        give_up(&mut transaction, &lost).await?;
    }
    transaction.commit().await?;
    Ok(Swept { put_back: left.len() as u64, given_up: lost.len() as u64 })
}

pub(super) async fn begin_rounds(pool: &MySqlPool) -> Result<Swept, StoreError> {
    let mut transaction = pool.begin().await?;
    let due: Vec<Announced> = sqlx::query_as(
        "SELECT id, traceparent FROM images FORCE INDEX (images_due)
         WHERE status = ? AND next_attempt_at <= UTC_TIMESTAMP(6) AND retryable
         ORDER BY next_attempt_at LIMIT ? FOR UPDATE SKIP LOCKED",
    )
    .bind(ImageStatus::Failed)
    .bind(BATCH)
    .fetch_all(&mut *transaction)
    .await?;
    if !due.is_empty() {
        put_back(&mut transaction, &due, "attempts = 0, rounds = rounds + 1, retryable = FALSE").await?;
    }
    transaction.commit().await?;
    Ok(Swept { put_back: due.len() as u64, given_up: 0 })
}

/// Makes images pending that this transaction has locked, and announces them.
async fn put_back(
    transaction: &mut Transaction<'_, MySql>,
    images: &[Announced],
    counting: &'static str,
) -> Result<(), StoreError> {
    let ids: Vec<u64> = images.iter().map(|image| image.id).collect();
    let mut update = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
    update.push_bind(ImageStatus::Pending);
    update.push(
        ", next_attempt_at = UTC_TIMESTAMP(6), lease_owner = NULL, lease_until = NULL,
           updated_at = UTC_TIMESTAMP(6), ",
    );
    update.push(counting).push(" WHERE id IN ");
    push_list(&mut update, &ids);
    update.build().execute(&mut **transaction).await?;
    outbox::announce(transaction, images).await
}

/// Fails images that this transaction has locked, for good.
async fn give_up(transaction: &mut Transaction<'_, MySql>, ids: &[u64]) -> Result<(), StoreError> {
    let mut update = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
    update.push_bind(ImageStatus::Failed);
    update.push(", person = NULL, reason = NULL, retryable = FALSE, error_code = ").push_bind(LOST_TOO_OFTEN);
    update.push(", error_detail = ").push_bind(LOST_DETAIL).push(", next_attempt_at = ").push_bind(NEVER);
    update.push(
        ", losses = losses + 1, lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
         WHERE id IN ",
    );
    push_list(&mut update, ids);
    update.build().execute(&mut **transaction).await?;
    outbox::bury(transaction, ids).await
}

/// Leases that ran out, and rounds that are due.
pub(super) async fn count(pool: &MySqlPool) -> Result<(u64, u64), StoreError> {
    let counts: (i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM images WHERE status = ? AND lease_until <= UTC_TIMESTAMP(6)),
                (SELECT COUNT(*) FROM images WHERE status = ? AND next_attempt_at <= UTC_TIMESTAMP(6) AND retryable)",
    )
    .bind(ImageStatus::Processing)
    .bind(ImageStatus::Failed)
    .fetch_one(pool)
    .await?;
    Ok((counts.0.unsigned_abs(), counts.1.unsigned_abs()))
}
