//! All SQL of the receiver, in one file for each thing that is done.
//!
//! | file | what |
//! |---|---|
//! | `posting` | pictures are taken in, a group at a time |
//! | `outbox` | messages on their way to the queue |
//! | `idempotency` | the answers that are kept for requests that come again |
//! | `audit` | who changed what, in the transaction of the change |
//! | `reading` | one image and its faces |
//! | `listing` | pages of images under a filter |
//! | `redrive` | images are looked at again |
//! | `deletion` | images go |
//! | `statistics` | how many there are of everything |
//! | `export` | everything, in the order of the ids |
//! | `people` | people and their names |
//! | `merging` | people who are one, and who are not after all |
//! | `forgetting` | people who go |
//! | `known_photos` | whose known photo it is |
//! | `verdicts` | what people say of faces |
//! | `pictured_face` | where a face is in its picture |
//! | `groups` | unknown faces that look alike |
//! | `redecisions` | which images are to be decided again |
//! | `uploads` | who uploaded a picture |
//! | `refusal` | why a change was not made |
//! | `new_rows` | INSERTs of many rows, and the ids that they get |
//! | `kept_connection` | saves round trips |

pub(crate) mod audit;
mod deletion;
mod export;
mod forgetting;
mod groups;
mod idempotency;
mod kept_connection;
mod known_photos;
mod listing;
mod merging;
mod new_rows;
mod outbox;
mod people;
mod pictured_face;
mod posting;
mod reading;
mod redecisions;
mod redrive;
mod refusal;
mod rows;
mod statistics;
mod uploads;
mod verdicts;

use std::{
    fmt::Display,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use service_kit::{database::DatabaseFault, statements::BEGIN_READ_COMMITTED};
use sqlx::{MySql, MySqlPool, Transaction};
use thiserror::Error;
use tokio::time::timeout;

use kept_connection::KeptConnection;
use posting::TRIES;
use refusal::Repeatable;

pub(crate) use export::{DecidedFace, ResultRow};
pub(crate) use groups::{GroupRow, GroupedFaceRow, Naming};
pub(crate) use idempotency::{Begun, Claim, KeptAnswer};
pub(crate) use known_photos::{Confirmed, Reserved};
pub(crate) use listing::{Listed, SummaryRow};
pub(crate) use merging::MergeRow;
pub use outbox::Place;
pub(crate) use people::{CountedPerson, FoundPerson, OwnPhoto, Whom};
pub(crate) use pictured_face::PicturedFace;
pub use posting::{Accepted, Committed, Post};
pub(crate) use redrive::{AT_ONCE as DEAD_LETTERS_AT_ONCE, Again, DeadLetterRow, PutBack, Retried};
pub(crate) use refusal::{ChangeError, Refusal};
pub(crate) use rows::{FaceRow, ImageRow};
pub(crate) use statistics::Counted;

/// No transaction may take longer: a database that hangs must not hold a task for ever.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the database did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is away, refuses, or holds what it must not.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It does not answer.
    #[error("the database did not answer within {} s", TRANSACTION_TIMEOUT.as_secs())]
    TimedOut,
    /// An image that was found is gone: somebody deleted it meanwhile.
    #[error("an image was deleted meanwhile")]
    Gone,
}

impl StoreError {
    /// What it means for whoever asked.
    pub(crate) fn fault(&self) -> DatabaseFault {
        match self {
            Self::Database(error) => DatabaseFault::of(error),
            Self::TimedOut => DatabaseFault::Away,
            Self::Gone => DatabaseFault::LostRace,
        }
    }
}

/// The receiver's access to the database; cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: MySqlPool,
    kept: KeptConnection,
    /// Whether the last group of posts held no path that was known.
    new_paths_arrive: Arc<AtomicBool>,
}

impl Store {
    /// Over these connections.
    #[must_use]
    pub fn new(pool: MySqlPool) -> Self {
        Self { pool, kept: KeptConnection::default(), new_paths_arrive: Arc::default() }
    }

    async fn begin(&self) -> Result<Transaction<'static, MySql>, StoreError> {
        Ok(self.pool.begin_with(BEGIN_READ_COMMITTED).await?)
    }
}

async fn within<T, E: From<StoreError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(TRANSACTION_TIMEOUT, work).await.unwrap_or_else(|_| Err(StoreError::TimedOut.into()))
}

/// Does a transaction again that lost a race.
async fn repeatedly<T, E: Repeatable + Display, F: Future<Output = Result<T, E>>>(
    mut transact: impl FnMut() -> F,
) -> Result<T, E> {
    for _ in 1..TRIES {
        match transact().await {
            Err(error) if error.lost_race() => {
                tracing::debug!(%error, "a transaction that lost a race is done again");
            }
            done => return done,
        }
    }
    transact().await
}

#[cfg(test)]
pub(crate) mod tests;
