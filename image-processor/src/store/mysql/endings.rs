//! A claim ends without a result: the image is given back, or it failed.

use std::time::Duration;

use migrations::ImageStatus;
use sqlx::MySqlPool;

use super::{microseconds, outbox};
use crate::{
    recognizer::Failure,
    retry::{Charge, Fate, LOST_TOO_OFTEN},
    store::{Claim, StoreError},
};

/// Width of `images.error_code`; the code may be the recogniser's own word.
const ERROR_CODE_CHARACTERS: usize = 64;
/// Width of `images.error_detail`.
const ERROR_DETAIL_CHARACTERS: usize = 1024;
/// A failed image that is not tried again is never due; so the search for those that are passes it by.
pub(super) const NEVER: &str = "9999-12-31";

pub(super) async fn release(
    pool: &MySqlPool,
    claim: &Claim,
    after: Duration,
    failed: Option<(&Failure, Charge)>,
) -> Result<bool, StoreError> {
    let charge = failed.map_or_else(Charge::default, |(_, charge)| charge);
    let released = sqlx::query(
        "UPDATE images FORCE INDEX (PRIMARY)
         SET status = ?, attempts = attempts + ?, losses = losses + ?,
             error_code = COALESCE(?, error_code), error_detail = COALESCE(?, error_detail),
             next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND,
             lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
         WHERE id = ? AND status = ? AND lease_token = ?",
    )
    .bind(ImageStatus::Pending)
    .bind(u32::from(charge.attempt))
    .bind(u32::from(charge.loss))
    .bind(failed.map(|(failure, _)| code(&failure.code)))
    .bind(failed.map(|(failure, _)| detail(failure)))
    .bind(microseconds(after))
    .bind(claim.id.0)
    .bind(ImageStatus::Processing)
    .bind(claim.token)
    .execute(pool)
    .await?;
    Ok(released.rows_affected() == 1)
}

pub(super) async fn fail(
    pool: &MySqlPool,
    claim: &Claim,
    failure: &Failure,
    fate: Fate,
    charge: Charge,
) -> Result<bool, StoreError> {
    let (error_code, retry_after) = match fate {
        Fate::Retryable(after) => (failure.code.as_str(), Some(microseconds(after))),
        Fate::Lost => (LOST_TOO_OFTEN, None),
        Fate::Final | Fate::GivenUp => (failure.code.as_str(), None),
    };
    let mut transaction = pool.begin().await?;
    let failed = sqlx::query(
        "UPDATE images FORCE INDEX (PRIMARY)
         SET status = ?, person = NULL, reason = NULL, error_code = ?, error_detail = ?, retryable = ?,
             attempts = attempts + ?, losses = losses + ?,
             next_attempt_at = COALESCE(UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND, ?),
             lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
         WHERE id = ? AND status = ? AND lease_token = ?",
    )
    .bind(ImageStatus::Failed)
    .bind(code(error_code))
    .bind(detail(failure))
    .bind(retry_after.is_some())
    .bind(u32::from(charge.attempt))
    .bind(u32::from(charge.loss))
    .bind(retry_after)
    .bind(NEVER)
    .bind(claim.id.0)
    .bind(ImageStatus::Processing)
    .bind(claim.token)
    .execute(&mut *transaction)
    .await?;
    if failed.rows_affected() == 0 {
        return Ok(false);
    }
    if matches!(fate, Fate::GivenUp | Fate::Lost) {
        outbox::bury(&mut transaction, &[claim.id.0]).await?;
    }
    transaction.commit().await?;
    Ok(true)
}

fn code(code: &str) -> String {
    code.chars().take(ERROR_CODE_CHARACTERS).collect()
}

fn detail(failure: &Failure) -> String {
    failure.detail.chars().take(ERROR_DETAIL_CHARACTERS).collect()
}
