//! All SQL of the receiver, in one file for each thing that is done.
//!
//! | file | what |
//! |---|---|
//! | `posting` | pictures are taken in, a group at a time |
//! | `outbox` | messages on their way to the queue |
//! | `idempotency` | the answers that are kept for requests that come again |
//! | `reading` | one image and its faces |
//! | `new_rows` | INSERTs of many rows, and the ids that they get |
//! | `kept_connection` | saves round trips |

mod idempotency;
mod kept_connection;
mod new_rows;
mod outbox;
mod posting;
mod reading;
mod rows;

use std::{
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use service_kit::statements::BEGIN_READ_COMMITTED;
use sqlx::{MySql, MySqlPool, Transaction, mysql::MySqlDatabaseError};
use thiserror::Error;
use tokio::time::timeout;

use kept_connection::KeptConnection;

pub(crate) use idempotency::{Begun, Claim, KeptAnswer};
pub use outbox::Place;
pub use posting::{Accepted, Committed, Post};
pub(crate) use rows::{FaceRow, ImageRow};

/// No transaction may take longer: a database that hangs must not hold a task for ever.
const TRANSACTION_TIMEOUT: Duration = Duration::from_secs(10);
/// Error number of a transaction that the database ended because two waited for each other.
const DEADLOCK: u16 = 1213;
/// Error number of a statement that waited too long for a row.
const LOCK_WAIT_TIMEOUT: u16 = 1205;

/// Why the database did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It is away, refuses, or holds what it must not.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// It does not answer.
    #[error("the database did not answer within {} s", TRANSACTION_TIMEOUT.as_secs())]
    TimedOut,
}

impl StoreError {
    /// Whether another transaction came first; the same one, done again, sees what that one did.
    fn is_lost_race(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        error.is_unique_violation() || number(&**error) == Some(DEADLOCK)
    }

    /// Whether a row stayed locked by somebody else for as long as the server lets a statement wait.
    pub(crate) fn is_locked_row(&self) -> bool {
        let Self::Database(sqlx::Error::Database(error)) = self else { return false };
        number(&**error) == Some(LOCK_WAIT_TIMEOUT)
    }
}

fn number(error: &dyn sqlx::error::DatabaseError) -> Option<u16> {
    error.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
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

async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(TRANSACTION_TIMEOUT, work).await.unwrap_or(Err(StoreError::TimedOut))
}

#[cfg(test)]
mod tests;
