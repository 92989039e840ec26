//! Whether a service may use the database, in words that say what to do, for anybody who may ask.

use std::{fmt::Display, time::Duration};

use service_kit::database::{DatabaseFault, takes_writes};
use sqlx::MySqlPool;
use tokio::time::timeout;

use crate::schema::is_current;

/// Less than a readiness check may take, so that these words are told and not that it took too long.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// For a service that only reads.
pub async fn to_read(pool: MySqlPool) -> Result<(), String> {
    within_patience(ask_schema(&pool)).await
}

/// For a service that writes too.
pub async fn to_write(pool: MySqlPool) -> Result<(), String> {
    within_patience(async {
        ask_schema(&pool).await?;
        let asked = async { takes_writes(&mut *pool.acquire().await?).await };
        match asked.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(words(DatabaseFault::ReadOnly)),
            Err(error) => Err(told(&error, DatabaseFault::of(&error))),
        }
    })
    .await
}

async fn ask_schema(pool: &MySqlPool) -> Result<(), String> {
    match is_current(pool).await {
        Ok(true) => Ok(()),
        Ok(false) => Err("the schema is older than this service: run migrate".to_owned()),
        Err(error) => Err(told(&error, DatabaseFault::of(&error))),
    }
}

async fn within_patience(asked: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    let late = format!("no answer within {} ms", PATIENCE.as_millis());
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(told(&late, DatabaseFault::Away)))
}

/// The error itself may name hosts and accounts: it is for the log.
fn told(error: &dyn Display, fault: DatabaseFault) -> String {
    tracing::warn!(%error, "the database cannot be used");
    words(fault)
}

fn words(fault: DatabaseFault) -> String {
    let words = match fault {
        DatabaseFault::Away | DatabaseFault::LostRace | DatabaseFault::LockedRow => {
            "the database does not answer: see that it runs, and that MYSQL_HOST and MYSQL_PORT or MYSQL_SOCKET lead to it"
        }
        DatabaseFault::Unprepared => {
            "the database does not let this service in: run migrate, and see that MYSQL_DATABASE, MYSQL_USER and the password are right"
        }
        DatabaseFault::ReadOnly => {
            "the database takes no writes: wait for its failover to end, or set read_only = OFF at the primary"
        }
        DatabaseFault::Permanent => "the database refuses this service's questions: the log says why",
    };
    words.to_owned()
}
