//! Applies the migrations, makes the accounts after them, and tells whether they are applied.
//!
//! Safe to run twice and by many at once. A service is ready when the newest migration that *it* knows is applied
//! and ignores newer ones, so that two versions can live side by side.

use std::time::Duration;

use service_kit::database::{DatabaseFault, takes_writes};
use sqlx::{
    Connection, MySql, MySqlConnection, MySqlPool,
    migrate::{MigrateError, Migrator},
    pool::PoolConnection,
};
use thiserror::Error;
use tokio::time::{Instant, sleep};

use crate::accounts::{Credentials, MakingError, making};

static MIGRATOR: Migrator = Migrator {
    ignore_missing: true,
    // sqlx asks for its lock with a timeout of -1, to which MariaDB answers NULL: no lock. Ours is in `migrate`.
    locking: false,
    ..sqlx::migrate!("./sql")
};

/// Name of the advisory lock under which migrations run.
const LOCK_NAME: &str = "rollcall.migrations";
/// How long one process waits for another one's migrations.
const LOCK_TIMEOUT: Duration = Duration::from_mins(10);
/// How long a server may take to come, or to take writes.
const PATIENCE: Duration = Duration::from_mins(10);
const PAUSE: Duration = Duration::from_millis(500);
/// MySQL's and MariaDB's error number for a table that does not exist.
const NO_SUCH_TABLE: u16 = 1146;

/// Why the schema could not be brought up to date.
#[derive(Debug, Error)]
pub enum SchemaError {
    /// The database is away or refuses.
    #[error("the database cannot be asked: {0}")]
    Database(#[from] sqlx::Error),
    /// Another process held the lock all the time.
    #[error(
        "another process has held the lock {LOCK_NAME} for {} s: see whether a migration hangs",
        LOCK_TIMEOUT.as_secs()
    )]
    Locked,
    /// A migration failed; the ones before it stay applied.
    #[error("a migration failed: {0}")]
    Migration(#[from] MigrateError),
    /// The schema is up to date, an account is not.
    #[error(transparent)]
    Accounts(#[from] MakingError),
}

/// Applies what is missing. Waits while another process does the same.
pub async fn migrate_pool(pool: &MySqlPool) -> Result<(), SchemaError> {
    migrate_with_accounts(pool, &[]).await
}

/// Applies what is missing, then makes these accounts, before another process may do the same: what the binary
/// `migrate` does.
pub async fn migrate_with_accounts(pool: &MySqlPool, accounts: &[Credentials]) -> Result<(), SchemaError> {
    // A connection of its own, closed afterwards: the lock belongs to the connection.
    let mut connection = acquire_patiently(pool).await?.detach();
    lock(&mut connection).await?;
    migrate_locked(&mut connection).await?;
    if !accounts.is_empty() {
        making::make(&pool.connect_options(), accounts).await?;
    }
    Ok(connection.close().await?)
}

/// A connection, once there is a server that takes writes: platforms start it beside us, and then neither its name nor its
/// port is there yet.
async fn acquire_patiently(pool: &MySqlPool) -> sqlx::Result<PoolConnection<MySql>> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match writable(pool).await {
            Ok(Some(connection)) => return Ok(connection),
            Ok(None) if Instant::now() < deadline => {
                tracing::info!("the database takes no writes yet");
            }
            // Said here, where the next statement would be refused.
            Ok(None) => return pool.acquire().await,
            Err(error) if is_away(&error) && Instant::now() < deadline => {
                tracing::info!(%error, "the database is not there yet");
            }
            Err(error) => return Err(error),
        }
        sleep(PAUSE).await;
    }
}

/// A connection to a server that takes writes, and none to one that does not.
async fn writable(pool: &MySqlPool) -> sqlx::Result<Option<PoolConnection<MySql>>> {
    let mut connection = pool.acquire().await?;
    Ok(takes_writes(&mut connection).await?.then_some(connection))
}

/// Whether there is no server. One that refuses us will do so in ten minutes too.
fn is_away(error: &sqlx::Error) -> bool {
    DatabaseFault::of(error) == DatabaseFault::Away
}

async fn lock(connection: &mut MySqlConnection) -> Result<(), SchemaError> {
    let locked: Option<i64> = sqlx::query_scalar("SELECT GET_LOCK(?, ?)")
        .bind(LOCK_NAME)
        .bind(LOCK_TIMEOUT.as_secs())
        .fetch_one(&mut *connection)
        .await?;
    if locked == Some(1) { Ok(()) } else { Err(SchemaError::Locked) }
}

async fn migrate_locked(connection: &mut MySqlConnection) -> Result<(), SchemaError> {
    forget_unfinished(connection).await?;
    MIGRATOR.run_direct(None, connection, false).await?;
    Ok(())
}

/// A process that died inside a migration leaves its row marked as unfinished, on which sqlx refuses to go on. Each
/// file holds one statement that can be run again, so forgetting the row repairs it.
async fn forget_unfinished(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    let deleted = sqlx::query("DELETE FROM _sqlx_migrations WHERE success = FALSE").execute(connection).await;
    match deleted {
        Ok(done) if done.rows_affected() > 0 => {
            tracing::warn!("an unfinished migration was found and is run again");
            Ok(())
        }
        Ok(_) => Ok(()),
        Err(error) if is_missing_table(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Whether the newest migration that this process knows is applied.
pub async fn is_current(pool: &MySqlPool) -> Result<bool, sqlx::Error> {
    let newest = MIGRATOR.iter().map(|migration| migration.version).max();
    let applied = sqlx::query("SELECT version FROM _sqlx_migrations WHERE version = ? AND success = TRUE")
        .bind(newest)
        .fetch_optional(pool)
        .await;
    match applied {
        Ok(row) => Ok(row.is_some()),
        Err(error) if is_missing_table(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn is_missing_table(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(|error| error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>())
        .is_some_and(|error| error.number() == NO_SUCH_TABLE)
}
