//! Wishes that images be decided again: rows of `redecisions`.
//!
//! All of it runs at READ COMMITTED: gaps that were locked between the wishes of others would end in deadlocks with whoever
//! adds some.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use migrations::ImageStatus;
use service_kit::statements::{BEGIN_READ_COMMITTED, push_list};
use sqlx::{MySql, QueryBuilder, Transaction};

use super::{MySqlStore, microseconds, within};
use crate::{
    message::ImageId,
    store::{StoreError, Wish},
};

impl MySqlStore {
    /// Leases some images that are due to be decided again. Several may ask at once and get different ones. The newest
    /// wishes come first: what a person corrects does not wait behind all that a new photo may concern.
    pub(crate) async fn take_wishes(&self, most: u32, lease: Duration) -> Result<Vec<Wish>, StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            let rows: Vec<(u64, u64)> = sqlx::query_as(
                "SELECT image_id, wishes FROM redecisions FORCE INDEX (redecisions_due)
                 WHERE due_at <= UTC_TIMESTAMP(6) AND (leased_until IS NULL OR leased_until <= UTC_TIMESTAMP(6))
                 ORDER BY due_at DESC LIMIT ? FOR UPDATE SKIP LOCKED",
            )
            .bind(most)
            .fetch_all(&mut *transaction)
            .await?;
            if rows.is_empty() {
                return Ok(Vec::new());
            }
            let images: Vec<u64> = rows.iter().map(|(image, _)| *image).collect();
            let mut update = QueryBuilder::new("UPDATE redecisions SET leased_until = UTC_TIMESTAMP(6) + INTERVAL ");
            update.push_bind(microseconds(lease)).push(" MICROSECOND WHERE image_id IN ");
            push_list(&mut update, &images);
            update.build().execute(&mut *transaction).await?;
            transaction.commit().await?;
            let wish = |(image, wishes)| Wish { image: ImageId(image), wishes };
            Ok(rows.into_iter().map(wish).collect())
        })
        .await
    }

    /// Wishes that these images be decided again. One without a result is left out: the result that it gets is decided
    /// by what is true then.
    pub(crate) async fn wish(&self, images: &[u64]) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            wish(&mut transaction, images).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }

    /// Ends the leases of these wishes, whose images are due again after a while. Where somebody else has the row locked, it
    /// is due when its lease ends.
    pub(crate) async fn postpone_wishes(&self, wishes: &[Wish], after: Duration) -> Result<(), StoreError> {
        within(async {
            let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
            let free = lock(&mut transaction, wishes).await?;
            postpone(&mut transaction, &free, after).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await
    }
}

/// Wishes within the transaction that makes it necessary.
pub(super) async fn wish(transaction: &mut Transaction<'_, MySql>, images: &[u64]) -> Result<(), StoreError> {
    if images.is_empty() {
        return Ok(());
    }
    // IGNORE, for the foreign key: one that somebody deletes meanwhile needs no decision.
    let mut insert = QueryBuilder::new(
        "INSERT IGNORE INTO redecisions (image_id, due_at)
         SELECT id, UTC_TIMESTAMP(6) FROM images FORCE INDEX (PRIMARY) WHERE id IN ",
    );
    push_list(&mut insert, images);
    insert.push(" AND status IN (").push_bind(ImageStatus::Processed);
    insert.push(", ").push_bind(ImageStatus::Unresolved);
    insert.push(
        ") ON DUPLICATE KEY UPDATE wishes = redecisions.wishes + 1,
                                   due_at = LEAST(redecisions.due_at, VALUES(due_at))",
    );
    insert.build().execute(&mut **transaction).await?;
    Ok(())
}

/// Locks the rows of these wishes, and says whose they are. A row that somebody else has locked is left out, so that it
/// holds up no other: one more wish is being added to it.
pub(super) async fn lock(
    transaction: &mut Transaction<'_, MySql>,
    wishes: &[Wish],
) -> Result<Vec<Wish>, StoreError> {
    let images: Vec<u64> = wishes.iter().map(|wish| wish.image.0).collect();
    if images.is_empty() {
        return Ok(Vec::new());
    }
    let mut select = QueryBuilder::new("SELECT image_id FROM redecisions WHERE image_id IN ");
    push_list(&mut select, &images);
    select.push(" ORDER BY image_id FOR UPDATE SKIP LOCKED");
    let rows: Vec<u64> = select.build_query_scalar().fetch_all(&mut **transaction).await?;
    let locked: BTreeSet<u64> = rows.into_iter().collect();
    Ok(wishes.iter().copied().filter(|wish| locked.contains(&wish.image.0)).collect())
}

/// Removes wishes that came true. One to which others were added stays, and is due at once. So does one that nobody has
/// taken: it was made anew while whoever was too slow held the one before.
pub(super) async fn fulfil(
    transaction: &mut Transaction<'_, MySql>,
    wishes: &[Wish],
) -> Result<(), StoreError> {
    for (seen, images) in by_number(wishes) {
        let mut delete = QueryBuilder::new("DELETE FROM redecisions WHERE image_id IN ");
        push_list(&mut delete, &images);
        delete.push(" AND leased_until IS NOT NULL AND wishes = ").push_bind(seen);
        delete.build().execute(&mut **transaction).await?;
    }
    end_leases(transaction, wishes).await
}

/// A wish to which others were added, or that was made anew, is due at once.
pub(super) async fn postpone(
    transaction: &mut Transaction<'_, MySql>,
    wishes: &[Wish],
    after: Duration,
) -> Result<(), StoreError> {
    for (seen, images) in by_number(wishes) {
        let mut update = QueryBuilder::new("UPDATE redecisions SET due_at = UTC_TIMESTAMP(6) + INTERVAL ");
        update.push_bind(microseconds(after)).push(" MICROSECOND WHERE image_id IN ");
        push_list(&mut update, &images);
        update.push(" AND leased_until IS NOT NULL AND wishes = ").push_bind(seen);
        update.build().execute(&mut **transaction).await?;
    }
    end_leases(transaction, wishes).await
}

async fn end_leases(transaction: &mut Transaction<'_, MySql>, wishes: &[Wish]) -> Result<(), StoreError> {
    let images: Vec<u64> = wishes.iter().map(|wish| wish.image.0).collect();
    if images.is_empty() {
        return Ok(());
    }
    let mut update = QueryBuilder::new("UPDATE redecisions SET leased_until = NULL WHERE image_id IN ");
    push_list(&mut update, &images);
    update.build().execute(&mut **transaction).await?;
    Ok(())
}

/// The images by how many wishes were seen: mostly it is one wish each.
fn by_number(wishes: &[Wish]) -> BTreeMap<u64, Vec<u64>> {
    let mut images: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for wish in wishes {
        images.entry(wish.wishes).or_default().push(wish.image.0);
    }
    images
}
