//! Messages that the receiver's relay publishes: announcements of images that are pending again, and dead letters.

use service_kit::statements::push_list;
use sqlx::{FromRow, MySql, QueryBuilder, Transaction, types::Json};

use crate::{
    message::{DeadLetter, ImageId, TOPIC, announcement},
    store::StoreError,
};

/// An image that is announced.
#[derive(FromRow)]
pub(super) struct Announced {
    pub(super) id: u64,
    pub(super) traceparent: Option<String>,
}

/// Announces images within the transaction that makes it necessary.
pub(super) async fn announce(
    transaction: &mut Transaction<'_, MySql>,
    images: &[Announced],
) -> Result<(), StoreError> {
    if images.is_empty() {
        return Ok(());
    }
    let mut insert = QueryBuilder::new("INSERT INTO outbox (image_id, topic, body, due_at) ");
    insert.push_values(images, |mut row, image| {
        let body = announcement(ImageId(image.id), image.traceparent.as_deref());
        row.push_bind(image.id).push_bind(TOPIC).push_bind(body).push("UTC_TIMESTAMP(6)");
    });
    insert.build().persistent(false).execute(&mut **transaction).await?;
    Ok(())
}

/// Tells the dead letters of images that were just given up, within the transaction that gave them up.
pub(super) async fn bury(transaction: &mut Transaction<'_, MySql>, ids: &[u64]) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut select = QueryBuilder::new(
        "SELECT id, path, error_code, error_detail, attempts, losses, rounds FROM images WHERE id IN ",
    );
    push_list(&mut select, ids);
    let letters: Vec<DeadLetter> = select.build_query_as().fetch_all(&mut **transaction).await?;
    let mut insert = QueryBuilder::new("INSERT INTO outbox (image_id, topic, body, due_at) ");
    insert.push_values(&letters, |mut row, letter| {
        row.push_bind(letter.id)
            .push_bind(DeadLetter::TOPIC)
            .push_bind(Json(letter))
            .push("UTC_TIMESTAMP(6)");
    });
    insert.build().persistent(false).execute(&mut **transaction).await?;
    Ok(())
}
