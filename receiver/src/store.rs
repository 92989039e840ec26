//! All SQL of the receiver.

mod rows;

use migrations::ImageStatus;
use picture_path::PicturePath;
use sha2::{Digest, Sha256};
use sqlx::{MySql, MySqlPool, QueryBuilder, Transaction};
use thiserror::Error;

pub(crate) use rows::{FaceRow, ImageRow};

use crate::{
    message::{self, TOPIC},
    publisher::Announcement,
    trace_context::TraceContext,
};

/// The database is away, refused, or holds what it must not.
#[derive(Debug, Error)]
#[error(transparent)]
pub(crate) struct StoreError(#[from] sqlx::Error);

/// What became of a path that somebody posted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Accepted {
    pub(crate) id: u64,
    pub(crate) status: ImageStatus,
    /// Whether the path was not known before.
    pub(crate) created: bool,
    /// The message to publish, where there is work to do.
    pub(crate) announcement: Option<Announcement>,
}

/// The receiver's access to the database.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: MySqlPool,
}

impl Store {
    pub(crate) fn new(pool: MySqlPool) -> Self {
        Self { pool }
    }

    /// Takes a picture in: a new row, the row that is there, or that row pending again if it had failed. The row and
    /// its outbox row are committed together.
    pub(crate) async fn accept(
        &self,
        path: &PicturePath,
        trace_context: Option<&TraceContext>,
    ) -> Result<Accepted, StoreError> {
        let hash = Sha256::digest(path.as_str());
        if let Some(known) = self.find(&hash).await? {
            return self.accept_known(known, trace_context).await;
        }
        match self.insert(path, &hash, trace_context).await {
            Err(StoreError(sqlx::Error::Database(error))) if error.is_unique_violation() => {
                // Somebody posted the same path between our two statements.
                let known = self.find(&hash).await?.ok_or(sqlx::Error::RowNotFound)?;
                self.accept_known(known, trace_context).await
            }
            inserted => inserted,
        }
    }

    async fn find(&self, hash: &[u8]) -> Result<Option<(u64, ImageStatus)>, StoreError> {
        let found = sqlx::query_as("SELECT id, status FROM images WHERE path_hash = ?")
            .bind(hash)
            .fetch_optional(&self.pool)
            .await?;
        Ok(found)
    }

    async fn insert(
        &self,
        path: &PicturePath,
        hash: &[u8],
        trace_context: Option<&TraceContext>,
    ) -> Result<Accepted, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let id = sqlx::query(
            "INSERT INTO images (path, path_hash, status, next_attempt_at, traceparent, created_at, updated_at)
             VALUES (?, ?, ?, UTC_TIMESTAMP(6), ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(path.as_str())
        .bind(hash)
        .bind(ImageStatus::Pending)
        .bind(trace_context.map(TraceContext::as_str))
        .execute(&mut *transaction)
        .await?
        .last_insert_id();
        let announcement = insert_outbox(&mut transaction, id, trace_context).await?;
        transaction.commit().await?;
        Ok(Accepted { id, status: ImageStatus::Pending, created: true, announcement: Some(announcement) })
    }

    /// A failed image begins anew; any other is left alone.
    async fn accept_known(
        &self,
        (id, status): (u64, ImageStatus),
        trace_context: Option<&TraceContext>,
    ) -> Result<Accepted, StoreError> {
        let known = Accepted { id, status, created: false, announcement: None };
        if status != ImageStatus::Failed {
            return Ok(known);
        }
        let mut transaction = self.pool.begin().await?;
        // By its id alone: through the index on the status, posts of one image at the same time are a deadlock.
        let revived = sqlx::query(
            "UPDATE images FORCE INDEX (PRIMARY)
             SET status = ?, error_code = NULL, error_detail = NULL, retryable = FALSE,
                 attempts = 0, losses = 0, rounds = 0,
                 next_attempt_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
             WHERE id = ? AND status = ?",
        )
        .bind(ImageStatus::Pending)
        .bind(id)
        .bind(ImageStatus::Failed)
        .execute(&mut *transaction)
        .await?
        .rows_affected();
        if revived == 0 {
            // Somebody else revived it first.
            return Ok(Accepted { status: ImageStatus::Pending, ..known });
        }
        let announcement = insert_outbox(&mut transaction, id, trace_context).await?;
        transaction.commit().await?;
        Ok(Accepted { status: ImageStatus::Pending, announcement: Some(announcement), ..known })
    }

    /// Marks outbox rows as sent.
    pub(crate) async fn mark_published(&self, outbox_ids: &[u64]) -> Result<(), StoreError> {
        let mut query = QueryBuilder::new(
            "UPDATE outbox SET published_at = UTC_TIMESTAMP(6), publishes = publishes + 1 WHERE id IN (",
        );
        let mut list = query.separated(", ");
        for id in outbox_ids {
            list.push_bind(*id);
        }
        query.push(")").build().execute(&self.pool).await?;
        Ok(())
    }

    /// One image, if there is one of that id.
    pub(crate) async fn image(&self, id: u64) -> Result<Option<ImageRow>, StoreError> {
        let row = sqlx::query_as(
            "SELECT images.id, path, status, reason, person AS person_id, person.name AS person_name,
                    error_code, error_detail, retryable, attempts, model_id, gallery_revision,
                    created_at, updated_at
             FROM images LEFT JOIN person ON person.id = images.person
             WHERE images.id = ?",
        )
        .bind(id)
        .fetch_optional(&self.pool)
        .await?;
        Ok(row)
    }

    /// The faces of one image, surest detection first.
    pub(crate) async fn faces(&self, image_id: u64) -> Result<Vec<FaceRow>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT faces.id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                    outcome, source, matched_photo,
                    person_id, best.name AS person_name, distance,
                    runner_up_person_id, second.name AS runner_up_name, runner_up_distance
             FROM faces
             LEFT JOIN person AS best ON best.id = faces.person_id
             LEFT JOIN person AS second ON second.id = faces.runner_up_person_id
             WHERE image_id = ?
             ORDER BY detector_score DESC, faces.id",
        )
        .bind(image_id)
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }
}

/// Puts the announcement of an image into the outbox, within the transaction that makes it necessary.
async fn insert_outbox(
    transaction: &mut Transaction<'_, MySql>,
    image_id: u64,
    trace_context: Option<&TraceContext>,
) -> Result<Announcement, StoreError> {
    let body = message::body(image_id, trace_context);
    let outbox_id =
        sqlx::query("INSERT INTO outbox (image_id, topic, body, due_at) VALUES (?, ?, ?, UTC_TIMESTAMP(6))")
            .bind(image_id)
            .bind(TOPIC)
            .bind(&body)
            .execute(&mut **transaction)
            .await?
            .last_insert_id();
    Ok(Announcement { outbox_id, body })
}

#[cfg(test)]
mod tests;
