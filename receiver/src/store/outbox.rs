//! Messages on their way to the queue: leased, published, released, put aside, written again, deleted at last.
//!
//! A message is due when its time has come and it is neither published nor leased. Rows are updated by their ids alone,
//! so that relays and the publisher lock no rows but their own.

use std::{collections::HashMap, time::Duration};

use migrations::ImageStatus;
use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, MySqlExecutor, QueryBuilder};
use time::{PrimitiveDateTime, macros::datetime};

use super::{Store, StoreError, within};
use crate::{
    message::{self, TOPIC},
    relay::{Backlog, LastMessage, Leased, Outbox, Overdue, OverduePage},
    trace_context::TraceContext,
};

/// Rows of one DELETE at most: it holds its locks for a moment only.
const PRUNED_AT_ONCE: u32 = 1_000;
/// Where counting stops: the exact length of a longer queue says no more.
const COUNTED_AT_MOST: u32 = 100_000;

/// An image that waits too long.
#[derive(FromRow)]
struct OverdueRow {
    id: u64,
    next_attempt_at: PrimitiveDateTime,
    traceparent: Option<String>,
}

/// The last row of the outbox for an image.
#[derive(FromRow)]
struct LastRow {
    id: u64,
    image_id: u64,
    /// Microseconds since it was published.
    age: Option<i64>,
    publishes: u32,
}

/// A message that is due.
#[derive(FromRow)]
struct DueRow {
    id: u64,
    topic: String,
    body: Vec<u8>,
    publishes: u32,
}

/// In the order of the index over status and next attempt.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    next_attempt_at: PrimitiveDateTime,
    image_id: u64,
}

/// Before every image.
const FIRST_PLACE: Place = Place { next_attempt_at: datetime!(1970-01-01 00:00:00), image_id: 0 };

impl Store {
    /// Marks outbox rows as sent.
    pub(crate) async fn mark_published(&self, ids: &[u64]) -> Result<(), StoreError> {
        let update = QueryBuilder::new(
            "UPDATE outbox FORCE INDEX (PRIMARY)
             SET published_at = UTC_TIMESTAMP(6), publishes = publishes + 1 WHERE id IN ",
        );
        within(update_messages(&self.pool, update, ids)).await
    }

    async fn last_messages(&self, images: &[OverdueRow]) -> Result<HashMap<u64, LastMessage>, StoreError> {
        if images.is_empty() {
            return Ok(HashMap::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT last.id, last.image_id, last.publishes,
                    TIMESTAMPDIFF(MICROSECOND, last.published_at, UTC_TIMESTAMP(6)) AS age
             FROM (SELECT MAX(id) AS id FROM outbox WHERE topic = ",
        );
        query.push_bind(TOPIC).push(" AND image_id IN ");
        let ids: Vec<u64> = images.iter().map(|image| image.id).collect();
        push_list(&mut query, &ids);
        query.push(" GROUP BY image_id) AS newest JOIN outbox AS last ON last.id = newest.id");
        let rows: Vec<LastRow> = query.build_query_as().fetch_all(&self.pool).await?;
        let message = |row: LastRow| {
            let published = row.age.map(|age| Duration::from_micros(age.max(0).unsigned_abs()));
            (row.image_id, LastMessage { id: row.id, published, publishes: row.publishes })
        };
        Ok(rows.into_iter().map(message).collect())
    }
}

impl Outbox for Store {
    type Error = StoreError;
    type Place = Place;

    async fn lease(&self, most: usize, lease: Duration) -> Result<Vec<Leased>, StoreError> {
        within(async {
            let mut transaction = self.begin().await?;
            let due: Vec<DueRow> = sqlx::query_as(
                "SELECT id, topic, body, publishes FROM outbox FORCE INDEX (outbox_due)
                 WHERE published_at IS NULL AND due_at <= UTC_TIMESTAMP(6)
                       AND (leased_until IS NULL OR leased_until <= UTC_TIMESTAMP(6))
                 ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED",
            )
            .bind(most as u64)
            .fetch_all(&mut *transaction)
            .await?;
            let mut update = QueryBuilder::new(
                "UPDATE outbox FORCE INDEX (PRIMARY) SET leased_until = UTC_TIMESTAMP(6) + INTERVAL ",
            );
            update.push_bind(lease.as_secs()).push(" SECOND WHERE id IN ");
            let ids: Vec<u64> = due.iter().map(|row| row.id).collect();
            update_messages(&mut *transaction, update, &ids).await?;
            transaction.commit().await?;
            let leased =
                |DueRow { id, topic, body, publishes }| Leased { id, topic, body: body.into(), publishes };
            Ok(due.into_iter().map(leased).collect())
        })
        .await
    }

    async fn mark_published(&self, ids: &[u64]) -> Result<(), StoreError> {
        Self::mark_published(self, ids).await
    }

    async fn release(&self, ids: &[u64]) -> Result<(), StoreError> {
        let update =
            QueryBuilder::new("UPDATE outbox FORCE INDEX (PRIMARY) SET leased_until = NULL WHERE id IN ");
        within(update_messages(&self.pool, update, ids)).await
    }

    async fn put_aside(&self, id: u64, delay: Duration) -> Result<(), StoreError> {
        within(async {
            sqlx::query(
                "UPDATE outbox FORCE INDEX (PRIMARY)
                 SET leased_until = NULL, publishes = publishes + 1,
                     due_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND
                 WHERE id = ?",
            )
            .bind(delay.as_secs())
            .bind(id)
            .execute(&self.pool)
            .await?;
            Ok(())
        })
        .await
    }

    async fn overdue(
        &self,
        after: Option<&Place>,
        since: Duration,
        most: usize,
    ) -> Result<OverduePage<Place>, StoreError> {
        let place = after.copied().unwrap_or(FIRST_PLACE);
        within(async {
            let images: Vec<OverdueRow> = sqlx::query_as(
                "SELECT id, next_attempt_at, traceparent FROM images FORCE INDEX (images_due)
                 WHERE status = ? AND next_attempt_at <= UTC_TIMESTAMP(6) - INTERVAL ? SECOND
                       AND (next_attempt_at > ? OR next_attempt_at = ? AND id > ?)
                 ORDER BY next_attempt_at, id LIMIT ?",
            )
            .bind(ImageStatus::Pending)
            .bind(since.as_secs())
            .bind(place.next_attempt_at)
            .bind(place.next_attempt_at)
            .bind(place.image_id)
            .bind(most as u64)
            .fetch_all(&self.pool)
            .await?;
            let mut last_messages = self.last_messages(&images).await?;
            let next = images
                .last()
                .filter(|_| images.len() >= most)
                .map(|row| Place { next_attempt_at: row.next_attempt_at, image_id: row.id });
            let overdue = |row: OverdueRow| Overdue {
                image_id: row.id,
                traceparent: row.traceparent,
                last_message: last_messages.remove(&row.id),
            };
            Ok(OverduePage { images: images.into_iter().map(overdue).collect(), next })
        })
        .await
    }

    async fn announce_again(&self, images: &[Overdue]) -> Result<(), StoreError> {
        let kept: Vec<u64> =
            images.iter().filter_map(|image| image.last_message.map(|message| message.id)).collect();
        within(async {
            let mut transaction = self.begin().await?;
            // What another relay made due again meanwhile is left to it.
            let update = QueryBuilder::new(
                "UPDATE outbox FORCE INDEX (PRIMARY)
                 SET published_at = NULL, leased_until = NULL, due_at = UTC_TIMESTAMP(6)
                 WHERE published_at IS NOT NULL AND id IN ",
            );
            update_messages(&mut *transaction, update, &kept).await?;
            for image in images.iter().filter(|image| image.last_message.is_none()) {
                let trace_context = image.traceparent.as_deref().and_then(TraceContext::parse);
                // The image may be gone by now.
                sqlx::query(
                    "INSERT INTO outbox (image_id, topic, body, due_at)
                     SELECT id, ?, ?, UTC_TIMESTAMP(6) FROM images WHERE id = ?",
                )
                .bind(TOPIC)
                .bind(message::body(image.image_id, trace_context.as_ref()))
                .bind(image.image_id)
                .execute(&mut *transaction)
                .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    async fn prune(&self, age: Duration) -> Result<bool, StoreError> {
        within(async {
            let messages = sqlx::query(
                "DELETE FROM outbox WHERE published_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND
                 ORDER BY published_at LIMIT ?",
            );
            let answers = sqlx::query(
                "DELETE FROM idempotency_keys WHERE created_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND
                 ORDER BY created_at LIMIT ?",
            );
            let mut all_gone = true;
            for delete in [messages, answers] {
                let mut transaction = self.begin().await?;
                let deleted =
                    delete.bind(age.as_secs()).bind(PRUNED_AT_ONCE).execute(&mut *transaction).await?;
                transaction.commit().await?;
                all_gone &= deleted.rows_affected() < u64::from(PRUNED_AT_ONCE);
            }
            Ok(all_gone)
        })
        .await
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        within(async {
            let (due, oldest): (u64, Option<i64>) = sqlx::query_as(
                "SELECT CAST(COUNT(*) AS UNSIGNED),
                        TIMESTAMPDIFF(MICROSECOND, MIN(due_at), UTC_TIMESTAMP(6))
                 FROM (SELECT due_at FROM outbox WHERE published_at IS NULL AND due_at <= UTC_TIMESTAMP(6)
                       ORDER BY due_at LIMIT ?) AS due",
            )
            .bind(COUNTED_AT_MOST)
            .fetch_one(&self.pool)
            .await?;
            let oldest = Duration::from_micros(oldest.unwrap_or(0).max(0).unsigned_abs());
            Ok(Backlog { due, oldest })
        })
        .await
    }
}

/// Ends an update with the rows that it is for. No rows, no statement.
async fn update_messages(
    executor: impl MySqlExecutor<'_>,
    mut update: QueryBuilder<MySql>,
    ids: &[u64],
) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    // In one order for all, so that two who update the same rows wait for each other in one direction only.
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    push_list(&mut update, &ids);
    update.build().execute(executor).await?;
    Ok(())
}
