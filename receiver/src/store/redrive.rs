//! Images are looked at again: one that somebody names, because it failed or in spite of its result, or dead letters, which
//! nobody would try again.
//!
//! image-processor does the same with its `redrive` (`store/mysql/redrive.rs` there). The two services share no SQL, so
//! that each can be replaced alone: whoever changes one statement changes both.

use std::collections::HashMap;

use migrations::{ImageStatus, UnresolvedReason};
use serde_json::{Value, json};
use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction};
use time::OffsetDateTime;

use super::{
    Store, StoreError,
    audit::{self, Action, AuditEntry},
    posting::reset,
    repeatedly, within,
};
use crate::{
    actor::Actor,
    message::{self, TOPIC},
    trace_context::TraceContext,
};

/// Images of one transaction: it holds its locks for a moment only.
pub(crate) const AT_ONCE: usize = 256;

/// One dead letter.
#[derive(Debug, FromRow)]
pub(crate) struct DeadLetterRow {
    pub(crate) id: u64,
    pub(crate) path: String,
    pub(crate) error_code: Option<String>,
    pub(crate) error_detail: Option<String>,
    pub(crate) attempts: u32,
    pub(crate) losses: u32,
    pub(crate) rounds: u32,
    pub(crate) updated_at: OffsetDateTime,
}

/// What became of images that were to be put back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PutBack {
    pub(crate) ids: Vec<u64>,
    /// There are no such images.
    pub(crate) unknown: Vec<u64>,
    /// They have not failed, or are tried again anyway.
    pub(crate) not_dead: Vec<u64>,
}

/// Why one image is to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It failed, whether it would be tried again or not.
    Failed,
    /// Whatever came of it.
    Ended,
}

/// What became of one image that was to be looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Retried {
    /// It is pending.
    PutBack,
    /// It is not of the kind that is wanted.
    NotSo(ImageStatus),
    /// There is none.
    Unknown,
}

impl Again {
    const fn wants(self, status: ImageStatus) -> bool {
        match status {
            ImageStatus::Pending | ImageStatus::Processing => false,
            ImageStatus::Failed => true,
            ImageStatus::Processed | ImageStatus::Unresolved => matches!(self, Self::Ended),
        }
    }

    const fn action(self) -> Action {
        match self {
            Self::Failed => Action::ImageRetried,
            Self::Ended => Action::ImageRerun,
        }
    }
}

/// An image that this transaction has locked.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    id: u64,
    pub(super) path: String,
    status: ImageStatus,
    reason: Option<UnresolvedReason>,
    person: Option<u64>,
    error_code: Option<String>,
    retryable: bool,
    traceparent: Option<String>,
}

impl Store {
    /// The newest dead letters below this id.
    pub(crate) async fn dead_letters_before(
        &self,
        before: u64,
        most: u32,
    ) -> Result<Vec<DeadLetterRow>, StoreError> {
        within(async {
            // Without a lease, which no failed image has, the index is one in the order of the ids.
            let rows = sqlx::query_as(
                "SELECT id, path, error_code, error_detail, attempts, losses, rounds, updated_at
                 FROM images FORCE INDEX (images_lease)
                 WHERE status = ? AND lease_until IS NULL AND id < ? AND NOT retryable
                 ORDER BY id DESC LIMIT ?",
            );
            Ok(rows.bind(ImageStatus::Failed).bind(before).bind(most).fetch_all(&self.pool).await?)
        })
        .await
    }

    /// The ids of the dead letters above this one, up to [`AT_ONCE`]; with an error code only of those that have it.
    pub(crate) async fn dead_letters_after(
        &self,
        after: u64,
        code: Option<&str>,
    ) -> Result<Vec<u64>, StoreError> {
        let mut select =
            QueryBuilder::new("SELECT id FROM images FORCE INDEX (images_lease) WHERE status = ");
        select.push_bind(ImageStatus::Failed).push(" AND lease_until IS NULL AND NOT retryable AND id > ");
        select.push_bind(after);
        if let Some(code) = code {
            select.push(" AND error_code = ").push_bind(code);
        }
        select.push(" ORDER BY id LIMIT ").push_bind(AT_ONCE as u64);
        within(async { Ok(select.build_query_scalar().fetch_all(&self.pool).await?) }).await
    }

    /// Puts those of these images back that are dead letters, and announces them, in one transaction.
    pub(crate) async fn put_back(&self, ids: &[u64], actor: &Actor) -> Result<PutBack, StoreError> {
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        within(repeatedly(|| self.try_put_back(&ids, actor))).await
    }

    async fn try_put_back(&self, ids: &[u64], actor: &Actor) -> Result<PutBack, StoreError> {
        let mut transaction = self.begin().await?;
        let mut rows = lock(&mut transaction, ids).await?;
        let (mut put_back, mut dead) = (PutBack::default(), Vec::new());
        for id in ids {
            match rows.remove(id) {
                Some(row) if row.status == ImageStatus::Failed && !row.retryable => dead.push(row),
                Some(_) => put_back.not_dead.push(*id),
                None => put_back.unknown.push(*id),
            }
        }
        begin_anew(&mut transaction, &dead, Again::Failed, actor).await?;
        transaction.commit().await?;
        put_back.ids = dead.into_iter().map(|row| row.id).collect();
        Ok(put_back)
    }

    /// Makes one image pending again that is as `again` wants it, and announces it.
    pub(crate) async fn look_again(
        &self,
        id: u64,
        again: Again,
        actor: &Actor,
    ) -> Result<Retried, StoreError> {
        within(repeatedly(|| self.try_look_again(id, again, actor))).await
    }

    async fn try_look_again(&self, id: u64, again: Again, actor: &Actor) -> Result<Retried, StoreError> {
        let mut transaction = self.begin().await?;
        let Some(row) = lock(&mut transaction, &[id]).await?.remove(&id) else { return Ok(Retried::Unknown) };
        if !again.wants(row.status) {
            return Ok(Retried::NotSo(row.status));
        }
        begin_anew(&mut transaction, &[row], again, actor).await?;
        transaction.commit().await?;
        Ok(Retried::PutBack)
    }
}

/// In the order of the ids, as everybody does who locks several.
pub(super) async fn lock(
    transaction: &mut Transaction<'_, MySql>,
    ids: &[u64],
) -> Result<HashMap<u64, Row>, StoreError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut select = QueryBuilder::new(
        "SELECT id, path, status, reason, person, error_code, retryable, traceparent
         FROM images FORCE INDEX (PRIMARY) WHERE id IN ",
    );
    push_list(&mut select, ids);
    select.push(" ORDER BY id FOR UPDATE");
    let rows: Vec<Row> = select.build_query_as().fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Makes images pending that this transaction has locked, as if they were new, and announces them. The relay sends the
/// messages, within a second or so.
async fn begin_anew(
    transaction: &mut Transaction<'_, MySql>,
    images: &[Row],
    again: Again,
    actor: &Actor,
) -> Result<(), StoreError> {
    if images.is_empty() {
        return Ok(());
    }
    let mut entries = Vec::with_capacity(images.len());
    for image in images {
        let (from, to) = (told(transaction, image).await?, json!({"status": ImageStatus::Pending.name()}));
        entries.push(AuditEntry::of_image(again.action(), image.id, json!({"from": from, "to": to})));
    }
    audit::write(transaction, actor, &entries).await?;
    let ids: Vec<u64> = images.iter().map(|image| image.id).collect();
    reset(transaction, &ids).await?;
    let mut insert = QueryBuilder::new("INSERT INTO outbox (image_id, topic, body, due_at) ");
    insert.push_values(images, |mut row, image| {
        let trace_context = image.traceparent.as_deref().and_then(TraceContext::parse);
        row.push_bind(image.id)
            .push_bind(TOPIC)
            .push_bind(message::body(image.id, trace_context.as_ref()))
            .push("UTC_TIMESTAMP(6)");
    });
    insert.build().persistent(false).execute(&mut **transaction).await?;
    Ok(())
}

/// What the audit trail tells of the state of an image.
pub(super) async fn told(transaction: &mut Transaction<'_, MySql>, image: &Row) -> Result<Value, StoreError> {
    let mut told = json!({"status": image.status.name()});
    if let Some(reason) = image.reason {
        told["reason"] = json!(reason.name());
    }
    if let Some(code) = &image.error_code {
        told["error"] = json!(code);
    }
    if let Some(id) = image.person {
        let name: Option<String> = sqlx::query_scalar("SELECT name FROM person WHERE id = ?")
            .bind(id)
            .fetch_optional(&mut **transaction)
            .await?;
        told["person"] = json!({"id": id, "name": name});
    }
    Ok(told)
}
