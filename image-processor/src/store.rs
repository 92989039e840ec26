//! All SQL of the worker. Every write to an image that was claimed says which claim it belongs to: a worker that
//! lost its lease writes nothing.
//!
//! An image is found by its id alone (`FORCE INDEX (PRIMARY)`): an index on the status, which MariaDB prefers while few
//! images have that status, would lock the images of other workers too, up to a deadlock.

mod finding;
mod people;

use std::time::Duration;

use migrations::ImageStatus;
use sqlx::{MySql, MySqlPool, Transaction};
use thiserror::Error;
use tokio::time::timeout;

pub(crate) use finding::{DecidedFace, Finding};

use crate::{decision::ImageDecision, message::ImageId, recognizer::Failure};

/// No statement may take longer: a database that hangs must not hold a worker for ever.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);
/// Nobody looks at an image again sooner: no message may go in circles.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);
/// Width of `images.error_code`; the code may be the recogniser's own word.
const ERROR_CODE_CHARACTERS: usize = 64;
/// Width of `images.error_detail`.
const ERROR_DETAIL_CHARACTERS: usize = 1024;

/// Why the database did not do what it was asked.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    /// It is away or refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It does not answer.
    #[error("the database did not answer within {} s", STATEMENT_TIMEOUT.as_secs())]
    TimedOut,
}

/// A lease on an image.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) id: ImageId,
    /// As it is stored.
    pub(crate) path: String,
    /// Attempts that were charged before this one.
    pub(crate) attempts: u32,
    /// The fencing token of this lease.
    token: u64,
}

/// What became of the wish to work on an image.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// It is ours until the lease ends.
    Yes(Claim),
    /// It waits, or another worker is at it: worth another look after this time.
    NotYet(Duration),
    /// It has its result.
    NothingToDo,
    /// There is no such image.
    Unknown,
}

/// The worker's access to the database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: MySqlPool,
}

impl Store {
    pub(crate) fn new(pool: MySqlPool) -> Self {
        Self { pool }
    }

    /// Takes a lease on an image that is pending and due, or whose lease ran out: its worker is gone, which is a loss.
    pub(crate) async fn claim(
        &self,
        id: ImageId,
        owner: &str,
        lease: Duration,
    ) -> Result<Claimed, StoreError> {
        within(async {
            // Assignments are done from left to right: the loss is counted from the status before the claim.
            // LAST_INSERT_ID(x) hands x to the client: the new token, without a second look at the row.
            let claimed = sqlx::query(
                "UPDATE images FORCE INDEX (PRIMARY)
                 SET losses = losses + (status = ?), status = ?,
                     lease_token = LAST_INSERT_ID(lease_token + 1), lease_owner = ?,
                     lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, updated_at = UTC_TIMESTAMP(6)
                 WHERE id = ? AND (status = ? AND next_attempt_at <= UTC_TIMESTAMP(6)
                                   OR status = ? AND lease_until <= UTC_TIMESTAMP(6))",
            )
            .bind(ImageStatus::Processing)
            .bind(ImageStatus::Processing)
            .bind(owner)
            .bind(lease.as_secs())
            .bind(id.0)
            .bind(ImageStatus::Pending)
            .bind(ImageStatus::Processing)
            .execute(&self.pool)
            .await?;
            if claimed.rows_affected() == 0 {
                return self.why_not_claimed(id).await;
            }
            let (path, attempts) = sqlx::query_as("SELECT path, attempts FROM images WHERE id = ?")
                .bind(id.0)
                .fetch_one(&self.pool)
                .await?;
            Ok(Claimed::Yes(Claim { id, path, attempts, token: claimed.last_insert_id() }))
        })
        .await
    }

    async fn why_not_claimed(&self, id: ImageId) -> Result<Claimed, StoreError> {
        let row: Option<(ImageStatus, Option<i64>)> = sqlx::query_as(
            "SELECT status, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), IF(status = ?, lease_until, next_attempt_at))
             FROM images WHERE id = ?",
        )
        .bind(ImageStatus::Processing)
        .bind(id.0)
        .fetch_optional(&self.pool)
        .await?;
        Ok(match row {
            None => Claimed::Unknown,
            Some((ImageStatus::Pending | ImageStatus::Processing, wait)) => {
                let wait = Duration::from_micros(wait.and_then(|wait| wait.try_into().ok()).unwrap_or(0));
                Claimed::NotYet(wait.max(SHORTEST_WAIT))
            }
            Some(_) => Claimed::NothingToDo,
        })
    }

    /// Writes the result of a claim with all of its faces; `false` when the lease was lost and nothing was written.
    pub(crate) async fn record(&self, claim: &Claim, finding: &Finding) -> Result<bool, StoreError> {
        let (status, person, reason) = match finding.decision {
            ImageDecision::Processed(person) => (ImageStatus::Processed, Some(person.0), None),
            ImageDecision::Unresolved(reason) => (ImageStatus::Unresolved, None, Some(reason)),
        };
        within(async {
            let mut transaction = self.pool.begin().await?;
            let written = sqlx::query(
                "UPDATE images FORCE INDEX (PRIMARY)
                 SET status = ?, person = ?, reason = ?, error_code = NULL, error_detail = NULL, retryable = FALSE,
                     losses = 0, model_id = ?, gallery_revision = ?,
                     lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
                 WHERE id = ? AND status = ? AND lease_token = ?",
            )
            .bind(status)
            .bind(person)
            .bind(reason)
            .bind(&finding.model_id)
            .bind(&finding.gallery_revision)
            .bind(claim.id.0)
            .bind(ImageStatus::Processing)
            .bind(claim.token)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            if written == 0 {
                return Ok(false);
            }
            replace_faces(&mut transaction, claim.id, finding).await?;
            transaction.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Ends a claim with an error.
    pub(crate) async fn fail(
        &self,
        claim: &Claim,
        failure: &Failure,
        retryable: bool,
    ) -> Result<(), StoreError> {
        let code: String = failure.code.chars().take(ERROR_CODE_CHARACTERS).collect();
        let detail: String = failure.detail.chars().take(ERROR_DETAIL_CHARACTERS).collect();
        within(async {
            sqlx::query(
                "UPDATE images FORCE INDEX (PRIMARY)
                 SET status = ?, person = NULL, reason = NULL, error_code = ?, error_detail = ?, retryable = ?,
                     attempts = attempts + 1,
                     lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
                 WHERE id = ? AND status = ? AND lease_token = ?",
            )
            .bind(ImageStatus::Failed)
            .bind(code)
            .bind(detail)
            .bind(retryable)
            .bind(claim.id.0)
            .bind(ImageStatus::Processing)
            .bind(claim.token)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    /// Gives a claim back: pending again, due after a while.
    pub(crate) async fn release(
        &self,
        claim: &Claim,
        after: Duration,
        charged: bool,
    ) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE images FORCE INDEX (PRIMARY)
                 SET status = ?, attempts = attempts + ?,
                     next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND,
                     lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
                 WHERE id = ? AND status = ? AND lease_token = ?",
            )
            .bind(ImageStatus::Pending)
            .bind(u32::from(charged))
            .bind(u64::try_from(after.as_micros()).unwrap_or(u64::MAX))
            .bind(claim.id.0)
            .bind(ImageStatus::Processing)
            .bind(claim.token)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }
}

/// The faces of an earlier run are deleted by their ids: a DELETE by image locks the gap in which another worker is
/// about to insert the faces of its own image, and two such workers are a deadlock.
async fn replace_faces(
    transaction: &mut Transaction<'_, MySql>,
    image: ImageId,
    finding: &Finding,
) -> Result<(), StoreError> {
    let earlier: Vec<u64> = sqlx::query_scalar("SELECT id FROM faces WHERE image_id = ?")
        .bind(image.0)
        .fetch_all(&mut **transaction)
        .await?;
    for face in earlier {
        sqlx::query("DELETE FROM faces WHERE id = ?").bind(face).execute(&mut **transaction).await?;
    }
    for face in &finding.faces {
        face.insert(image, finding).execute(&mut **transaction).await?;
    }
    Ok(())
}

async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(STATEMENT_TIMEOUT, work).await.unwrap_or(Err(StoreError::TimedOut))
}

#[cfg(test)]
mod tests;
