//! A connection that stays at hand between transactions that follow each other closely.
//!
//! The pool asks the server whether a connection still stands each time it is taken and each time it is given back: two
//! round trips, a fifth of a small group of posts.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sqlx::{MySql, MySqlPool, pool::PoolConnection};
use tokio::time::Instant;

/// What rested for longer goes through the pool, which notices when the server is gone.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// A place for one connection; clones are the same place.
#[derive(Clone, Default)]
pub(super) struct KeptConnection(Arc<Mutex<Option<Kept>>>);

struct Kept {
    numbered: NumberedConnection,
    since: Instant,
}

/// A connection, and how its server numbers rows.
pub(super) struct NumberedConnection {
    pub(super) connection: PoolConnection<MySql>,
    /// From one number to the next: more than 1 where several servers number the rows of one table.
    pub(super) step: u64,
}

impl NumberedConnection {
    /// Asks the server, for which the answer stands as long as the connection does.
    async fn acquire(pool: &MySqlPool) -> Result<Self, sqlx::Error> {
        let mut connection = pool.acquire().await?;
        let step = sqlx::query_scalar("SELECT CAST(@@auto_increment_increment AS UNSIGNED)")
            .fetch_one(&mut *connection)
            .await?;
        Ok(Self { connection, step })
    }
}

impl KeptConnection {
    /// The connection that was kept, if it is fresh, else one of the pool.
    pub(super) async fn take(&self, pool: &MySqlPool) -> Result<NumberedConnection, sqlx::Error> {
        let kept = self.place(None);
        match kept.filter(|kept| kept.since.elapsed() < FRESH_FOR) {
            Some(kept) => Ok(kept.numbered),
            None => NumberedConnection::acquire(pool).await,
        }
    }

    /// Keeps a connection that did its work. One that did not, or that somebody stopped waiting for, is to be dropped.
    pub(super) fn keep(&self, numbered: NumberedConnection) {
        // Where two were in use, one goes back to the pool.
        let _other = self.place(Some(Kept { numbered, since: Instant::now() }));
    }

    fn place(&self, kept: Option<Kept>) -> Option<Kept> {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), kept)
    }
}

impl fmt::Debug for KeptConnection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeptConnection")
    }
}
