//! A real MariaDB, told in words. Time passes there by moving what is stored.

use std::{collections::HashMap, time::Duration};

use image_processor::{message::DeadLetter, store::MySqlStore};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason, accounts::Account};
use receiver::store::Store as ReceiverStore;
use rollcall_tests::mariadb::ScratchDatabase;
use sqlx::FromRow;

use super::{Database, LEASE, steps};

pub(super) struct RealDatabase {
    scratch: ScratchDatabase,
    store: MySqlStore,
    receiver: ReceiverStore,
}

/// Times are seconds from now on.
#[derive(FromRow)]
struct ImageRow {
    id: u64,
    path: String,
    status: ImageStatus,
    person: Option<String>,
    reason: Option<UnresolvedReason>,
    error_code: Option<String>,
    retryable: bool,
    attempts: u32,
    losses: u32,
    rounds: u32,
    lease_token: u64,
    leased: Option<i64>,
    next: Option<i64>,
    model_id: Option<String>,
    gallery_revision: Option<String>,
}

#[derive(FromRow)]
struct MessageRow {
    id: u64,
    topic: String,
    body: Vec<u8>,
    due: i64,
    leased: Option<i64>,
    published: Option<i64>,
    publishes: u32,
}

impl RealDatabase {
    pub(super) fn on(scratch: ScratchDatabase) -> Self {
        let pool = scratch.pool_of(Account::ImageProcessor);
        let (store, mut tasks) = MySqlStore::start(pool, "worker".to_owned(), LEASE);
        // They end with the store.
        tasks.detach_all();
        let receiver = ReceiverStore::new(scratch.pool_of(Account::Receiver));
        Self { scratch, store, receiver }
    }

    async fn rows(&self) -> sqlx::Result<Vec<ImageRow>> {
        sqlx::query_as(
            "SELECT images.id, path, status, person.name AS person, reason, error_code, retryable, attempts, losses,
                    rounds, lease_token, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_until) AS leased,
                    IF(next_attempt_at > '9000-01-01', NULL,
                       TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), next_attempt_at)) AS next, model_id, gallery_revision
             FROM images LEFT JOIN person ON person.id = images.person ORDER BY images.id",
        )
        .fetch_all(&self.scratch.pool)
        .await
    }
}

impl Database for RealDatabase {
    type Store = MySqlStore;
    type Receiver = ReceiverStore;

    fn store(&self) -> &MySqlStore {
        &self.store
    }

    fn receiver(&self) -> &ReceiverStore {
        &self.receiver
    }

    async fn advance(&self, time: Duration) -> anyhow::Result<()> {
        sqlx::query(
            "UPDATE images SET lease_until = lease_until - INTERVAL ? SECOND,
                    next_attempt_at = IF(next_attempt_at > '9000-01-01', next_attempt_at,
                                         next_attempt_at - INTERVAL ? SECOND)",
        )
        .bind(time.as_secs())
        .bind(time.as_secs())
        .execute(&self.scratch.pool)
        .await?;
        sqlx::query(
            "UPDATE outbox SET due_at = due_at - INTERVAL ? SECOND, leased_until = leased_until - INTERVAL ? SECOND,
                    published_at = published_at - INTERVAL ? SECOND",
        )
        .bind(time.as_secs())
        .bind(time.as_secs())
        .bind(time.as_secs())
        .execute(&self.scratch.pool)
        .await?;
        Ok(())
    }

    async fn images(&self) -> anyhow::Result<Vec<(u64, String)>> {
        let words = |row: ImageRow| {
            let words = format!(
                "{} {:?} {:?} {:?} {:?} {} {} {} {} {} leased {:?} next {:?} {:?} {:?}",
                row.path,
                row.status,
                row.person,
                row.reason,
                row.error_code,
                row.retryable,
                row.attempts,
                row.losses,
                row.rounds,
                row.lease_token,
                row.leased.map(steps),
                row.next.map(steps),
                row.model_id,
                row.gallery_revision
            );
            (row.id, words)
        };
        Ok(self.rows().await?.into_iter().map(words).collect())
    }

    async fn messages(&self) -> anyhow::Result<Vec<(u64, String)>> {
        let paths: HashMap<u64, String> =
            self.rows().await?.into_iter().map(|row| (row.id, row.path)).collect();
        let rows: Vec<MessageRow> = sqlx::query_as(
            "SELECT id, topic, body, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) AS due,
                    TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), leased_until) AS leased,
                    TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), published_at) AS published, publishes
             FROM outbox ORDER BY id",
        )
        .fetch_all(&self.scratch.pool)
        .await?;
        let mut messages = Vec::new();
        for row in rows {
            let path = if row.topic == DeadLetter::TOPIC {
                let letter: serde_json::Value = serde_json::from_slice(&row.body)?;
                letter["path"].as_str().unwrap_or_default().to_owned()
            } else {
                paths[&u64::from_le_bytes(row.body[..8].try_into()?)].clone()
            };
            let words = format!(
                "message {} due {:?} leased {:?} published {:?} {} of {path:?}",
                row.topic,
                Some(steps(row.due)),
                row.leased.map(steps),
                row.published.map(steps),
                row.publishes
            );
            messages.push((row.id, words));
        }
        Ok(messages)
    }

    async fn faces(&self) -> anyhow::Result<Vec<String>> {
        let rows: Vec<(String, FaceOutcome, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT path, outcome, person.name, matched_photo
             FROM faces JOIN images ON images.id = image_id LEFT JOIN person ON person.id = person_id
             ORDER BY image_id, faces.id",
        )
        .fetch_all(&self.scratch.pool)
        .await?;
        let words =
            |(path, outcome, person, photo): (String, FaceOutcome, Option<String>, Option<String>)| {
                format!("{path} {outcome:?} {person:?} {photo:?}")
            };
        Ok(rows.into_iter().map(words).collect())
    }
}
