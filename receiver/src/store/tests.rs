//! Every statement of the receiver's store, on a real MariaDB and by the receiver's own account.

mod again;
mod audit;
mod connections;
mod idempotency;
mod leasing;
mod lost;
mod people;
mod posting;
mod pruning;
mod reading;
mod together;

use std::path::Path;

use migrations::{ImageStatus, accounts::Account};
use picture_path::PicturePath;
use rollcall_tests::mariadb::ScratchDatabase;

use super::*;
use crate::{publisher::Announcement, trace_context::TraceContext};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn start() -> anyhow::Result<(ScratchDatabase, Store)> {
    let database = ScratchDatabase::start().await?;
    let store = Store::new(database.pool_of(Account::Receiver));
    Ok((database, store))
}

fn path(text: &str) -> PicturePath {
    PicturePath::parse(text, Path::new("/")).expect("a plain path")
}

fn post(text: &str) -> Post {
    Post::new(path(text), None, false)
}

fn rerun(text: &str) -> Post {
    Post::new(path(text), None, true)
}

/// Posts one path; what became of it, and the message to publish if there is one.
async fn accept(store: &Store, post: Post) -> Result<(Accepted, Option<Announcement>), StoreError> {
    let Committed { accepted, mut announcements } = store.accept_all(&[post]).await?;
    assert!(announcements.len() <= 1, "{announcements:?}");
    Ok((accepted[0], announcements.pop()))
}

/// Posts a new path; its image and the row that announces it.
async fn insert(store: &Store, text: &str) -> anyhow::Result<(u64, u64)> {
    let (accepted, announcement) = accept(store, post(text)).await?;
    let announcement = announcement.ok_or_else(|| anyhow::anyhow!("{text} is not announced"))?;
    Ok((accepted.id, announcement.outbox_id))
}

async fn count(pool: &MySqlPool, table: &'static str) -> sqlx::Result<i64> {
    let query = match table {
        "images" => "SELECT COUNT(*) FROM images",
        "outbox" => "SELECT COUNT(*) FROM outbox",
        "idempotency_keys" => "SELECT COUNT(*) FROM idempotency_keys",
        other => panic!("{other} is not counted"),
    };
    sqlx::query_scalar(query).fetch_one(pool).await
}

async fn insert_person(pool: &MySqlPool, name: &str) -> sqlx::Result<u64> {
    Ok(sqlx::query("INSERT INTO person (name) VALUES (?)").bind(name).execute(pool).await?.last_insert_id())
}

/// Another receiver, in the middle of storing a path.
async fn insert_uncommitted(pool: &MySqlPool, path: &str) -> sqlx::Result<Transaction<'static, MySql>> {
    let mut other = pool.begin().await?;
    sqlx::query(
        "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
         VALUES (?, UNHEX(SHA2(?, 256)), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .bind(path)
    .bind(path)
    .execute(&mut *other)
    .await?;
    Ok(other)
}

/// Until a group inserts its images, which it cannot while another receiver holds one of the paths. Asked by the
/// account that inserts: others do not see what it does.
async fn wait_for_insert(pool: &MySqlPool) -> anyhow::Result<()> {
    wait_for_statement(pool, "INSERT INTO images").await
}

/// The same for any statement that somebody else holds up, by how it begins.
pub(crate) async fn wait_for_statement(pool: &MySqlPool, beginning: &str) -> anyhow::Result<()> {
    rollcall_tests::wait::until("a statement that waits", Duration::from_secs(10), async || {
        let waiting: Vec<String> = sqlx::query_scalar(
            "SELECT CAST(INFO AS CHAR) FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT(?, '%')",
        )
        .bind(beginning)
        .fetch_all(pool)
        .await?;
        anyhow::ensure!(!waiting.is_empty(), "no {beginning} is under way");
        Ok(())
    })
    .await
}
