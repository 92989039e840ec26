//! A database that has many images already, all worked through.

use sqlx::MySqlPool;

/// Rows of one transaction.
const CHUNK: u32 = 50_000;

/// Adds this many processed images, each with its published outbox row.
pub(super) async fn processed_images(pool: &MySqlPool, images: u32) -> anyhow::Result<()> {
    let mut connection = pool.acquire().await?;
    for first in (0..images).step_by(CHUNK as usize) {
        let count = CHUNK.min(images - first);
        sqlx::query(
            "INSERT INTO images (path, path_hash, status, next_attempt_at, created_at, updated_at)
             SELECT path, UNHEX(SHA2(path, 256)), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
             FROM (SELECT CONCAT('/camera_3/2026-05-16/', LPAD(? + seq, 12, '0'), '.jpg') AS path
                   FROM seq_1_to_50000 WHERE seq <= ?) AS paths",
        )
        .bind(first)
        .bind(count)
        .execute(&mut *connection)
        .await?;
    }
    // The body is the id as eight bytes, the lowest first.
    sqlx::query(
        "INSERT INTO outbox (image_id, topic, body, due_at, published_at, publishes)
         SELECT id, 'images', REVERSE(UNHEX(LPAD(HEX(id), 16, '0'))), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), 1
         FROM images WHERE status = 1",
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query("ANALYZE TABLE images, outbox").execute(&mut *connection).await?;
    Ok(())
}
