//! Every statement of the worker's store, on a real MariaDB and by the worker's own account.

mod claims;
mod contention;
mod drain;
mod duties;
mod failures;
mod galleries;
mod groups;
mod overtaken;
mod people;
mod redeciding;
mod redecisions;
mod redrive;
mod results;
mod successions;
mod sweeps;
mod unheard;

use migrations::{ImageStatus, UnresolvedReason, accounts::Account};
use rollcall_tests::mariadb::ScratchDatabase;
use sqlx::FromRow;

use super::*;
use crate::{
    decision::{ImageDecision, PersonId},
    retry::Blame,
    store::DecidedFace,
};

const LEASE: Duration = Duration::from_mins(1);
const FREE: Charge = Charge { attempt: false, loss: false };
const CHARGED: Charge = Charge { attempt: true, loss: false };

async fn start() -> anyhow::Result<(ScratchDatabase, MySqlStore)> {
    let database = ScratchDatabase::start().await?;
    let store = worker_on(&database);
    Ok((database, store))
}

/// A worker of its own on this database.
fn worker_on(database: &ScratchDatabase) -> MySqlStore {
    let pool = database.pool_of(Account::ImageProcessor);
    let (store, mut tasks) = MySqlStore::start(pool, "worker".to_owned(), LEASE);
    // They end with the store.
    tasks.detach_all();
    store
}

/// Puts a pending image there that is due.
async fn insert_image(pool: &MySqlPool) -> sqlx::Result<ImageId> {
    insert_image_at(pool, "/a.jpg").await
}

async fn insert_image_at(pool: &MySqlPool, path: &str) -> sqlx::Result<ImageId> {
    let inserted = sqlx::query(
        "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
         VALUES (?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .bind(path)
    .bind(path)
    .execute(pool)
    .await?;
    Ok(ImageId(inserted.last_insert_id()))
}

/// The topic and the body of each message for an image that waits to be published.
async fn outbox(pool: &MySqlPool, id: ImageId) -> sqlx::Result<Vec<(String, Vec<u8>)>> {
    sqlx::query_as(
        "SELECT topic, body FROM outbox WHERE image_id = ? AND due_at <= UTC_TIMESTAMP(6) ORDER BY id",
    )
    .bind(id.0)
    .fetch_all(pool)
    .await
}

async fn insert_person(pool: &MySqlPool, name: &str) -> sqlx::Result<PersonId> {
    let inserted = sqlx::query("INSERT INTO person (name) VALUES (?)").bind(name).execute(pool).await?;
    Ok(PersonId(inserted.last_insert_id()))
}

/// Makes an image pending and due again, as the end of its lease or a person would.
async fn make_due(pool: &MySqlPool, id: ImageId) -> sqlx::Result<()> {
    sqlx::query("UPDATE images SET status = 0, next_attempt_at = UTC_TIMESTAMP(6) WHERE id = ?")
        .bind(id.0)
        .execute(pool)
        .await?;
    Ok(())
}

async fn claim(store: &MySqlStore, id: ImageId) -> anyhow::Result<Claim> {
    match store.claim(id).await? {
        Claimed::Yes(claim) => Ok(claim),
        other => anyhow::bail!("the image could not be claimed: {other:?}"),
    }
}

fn failure(code: &str, detail: &str) -> Failure {
    Failure { blame: Blame::Attempt, code: code.to_owned(), detail: detail.to_owned(), recogniser: None }
}

/// What of `images` the worker writes.
#[derive(Debug, PartialEq, FromRow)]
struct ImageRow {
    status: ImageStatus,
    person: Option<u64>,
    reason: Option<UnresolvedReason>,
    error_code: Option<String>,
    error_detail: Option<String>,
    retryable: bool,
    attempts: u32,
    losses: u32,
    lease_token: u64,
    lease_owner: Option<String>,
    /// From now on; `None` without a lease.
    lease_seconds: Option<i64>,
    model_id: Option<String>,
    gallery_revision: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    accept_below: Option<f32>,
    unknown_from: Option<f32>,
    margin: Option<f32>,
}

async fn image(pool: &MySqlPool, id: ImageId) -> sqlx::Result<ImageRow> {
    sqlx::query_as(
        "SELECT status, person, reason, error_code, error_detail, retryable, attempts, losses, lease_token,
                lease_owner, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_until) AS lease_seconds,
                model_id, gallery_revision, width, height, accept_below, unknown_from, margin
         FROM images WHERE id = ?",
    )
    .bind(id.0)
    .fetch_one(pool)
    .await
}
