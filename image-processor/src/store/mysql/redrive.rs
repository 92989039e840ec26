//! Dead letters are put back: images that failed and that nobody would try again are pending, as if they were new.
//!
//! What an image becomes is what the receiver makes of one that is posted again (`reset` in its `store/posting.rs`). The
//! two services share no SQL, so that each can be replaced alone: whoever changes one statement changes both.

use std::collections::HashMap;

use migrations::ImageStatus;
use service_kit::statements::{BEGIN_READ_COMMITTED, push_list};
use sqlx::{FromRow, MySql, MySqlPool, QueryBuilder, Transaction};

use super::{
    MySqlStore,
    outbox::{self, Announced},
    within,
};
use crate::store::StoreError;

/// Images of one transaction: it holds its locks for a moment only.
pub(crate) const AT_ONCE: usize = 256;

/// Some dead letters, in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadPage {
    pub(crate) ids: Vec<u64>,
    /// Where the next page begins; `None` when this is the last one.
    pub(crate) next: Option<u64>,
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

#[derive(FromRow)]
struct Row {
    id: u64,
    status: ImageStatus,
    retryable: bool,
    traceparent: Option<String>,
}

impl Row {
    fn is_dead(&self) -> bool {
        self.status == ImageStatus::Failed && !self.retryable
    }
}

impl MySqlStore {
    /// The dead letters behind this id, up to [`AT_ONCE`]; with an error code only those that have it.
    pub(crate) async fn dead_letters(&self, after: u64, code: Option<&str>) -> Result<DeadPage, StoreError> {
        within(dead_letters(&self.pool, after, code)).await
    }

    /// How many there are.
    pub(crate) async fn count_dead_letters(&self, code: Option<&str>) -> Result<u64, StoreError> {
        within(count(&self.pool, code)).await
    }

    /// Which of these images could be put back.
    pub(crate) async fn sort_dead_letters(&self, ids: &[u64]) -> Result<PutBack, StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            Ok(look(&mut transaction, ids).await?.0)
        })
        .await
    }

    /// Puts these images back that are dead letters and announces them, in one transaction. Of several who do it at once,
    /// one does.
    pub(crate) async fn put_back(&self, ids: &[u64]) -> Result<PutBack, StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            let (put_back, announced) = look(&mut transaction, ids).await?;
            if !put_back.ids.is_empty() {
                reset(&mut transaction, &put_back.ids).await?;
                outbox::announce(&mut transaction, &announced).await?;
                transaction.commit().await?;
            }
            Ok(put_back)
        })
        .await
    }
}

async fn dead_letters(pool: &MySqlPool, after: u64, code: Option<&str>) -> Result<DeadPage, StoreError> {
    // Without a lease, which no failed image has, the index is one in the order of the ids.
    let mut select = QueryBuilder::new("SELECT id FROM images FORCE INDEX (images_lease) WHERE status = ");
    select.push_bind(ImageStatus::Failed).push(" AND lease_until IS NULL AND id > ").push_bind(after);
    push_dead(&mut select, code);
    select.push(" ORDER BY id LIMIT ").push_bind(AT_ONCE as u64);
    let ids: Vec<u64> = select.build_query_scalar().fetch_all(pool).await?;
    let next = ids.last().copied().filter(|_| ids.len() == AT_ONCE);
    Ok(DeadPage { ids, next })
}

async fn count(pool: &MySqlPool, code: Option<&str>) -> Result<u64, StoreError> {
    let mut select =
        QueryBuilder::new("SELECT COUNT(*) FROM images FORCE INDEX (images_lease) WHERE status = ");
    select.push_bind(ImageStatus::Failed).push(" AND lease_until IS NULL");
    push_dead(&mut select, code);
    let count: i64 = select.build_query_scalar().fetch_one(pool).await?;
    Ok(count.unsigned_abs())
}

fn push_dead(select: &mut QueryBuilder<MySql>, code: Option<&str>) {
    select.push(" AND NOT retryable");
    if let Some(code) = code {
        select.push(" AND error_code = ").push_bind(code.to_owned());
    }
}

/// Locks the images and sorts them. In the order of the ids, as everybody does who locks several.
async fn look(
    transaction: &mut Transaction<'_, MySql>,
    ids: &[u64],
) -> Result<(PutBack, Vec<Announced>), StoreError> {
    let (mut sorted, mut announced) = (PutBack::default(), Vec::new());
    if ids.is_empty() {
        return Ok((sorted, announced));
    }
    let mut select = QueryBuilder::new(
        "SELECT id, status, retryable, traceparent FROM images FORCE INDEX (PRIMARY) WHERE id IN ",
    );
    push_list(&mut select, ids);
    select.push(" ORDER BY id FOR UPDATE");
    let rows: Vec<Row> = select.build_query_as().fetch_all(&mut **transaction).await?;
    let mut rows: HashMap<u64, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        match rows.remove(&id) {
            Some(row) if row.is_dead() => {
                sorted.ids.push(id);
                announced.push(Announced { id, traceparent: row.traceparent });
            }
            Some(_) => sorted.not_dead.push(id),
            None => sorted.unknown.push(id),
        }
    }
    Ok((sorted, announced))
}

/// The fencing token rises, although no worker can hold a lease on such an image: who decides its faces again names the
/// token that he read, and must not write into an image that waits for its new look.
async fn reset(transaction: &mut Transaction<'_, MySql>, ids: &[u64]) -> Result<(), StoreError> {
    let mut update = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
    update.push_bind(ImageStatus::Pending).push(
        ", person = NULL, reason = NULL, error_code = NULL, error_detail = NULL, retryable = FALSE,
           attempts = 0, losses = 0, rounds = 0, lease_token = lease_token + 1,
           next_attempt_at = UTC_TIMESTAMP(6), updated_at = UTC_TIMESTAMP(6)
         WHERE id IN ",
    );
    push_list(&mut update, ids);
    update.build().execute(&mut **transaction).await?;
    Ok(())
}
