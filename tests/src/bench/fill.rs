//! A database that has many images already.

use sqlx::MySqlPool;

/// Rows of one transaction.
const CHUNK: u32 = 50_000;
/// Images of a day, where images have a time.
const OF_A_DAY: u32 = 8_640;
/// Somebody who is in every tenth image.
pub(super) const EVERYWHERE: &str = "Everywhere";
/// Somebody who is in one image, an old one.
pub(super) const ONCE: &str = "Once";

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

/// On how many days so many images were posted.
pub(super) fn days(images: u32) -> u32 {
    images.div_ceil(OF_A_DAY)
}

/// A day on which images were posted, the first one is 0.
pub(super) fn day(number: u32) -> String {
    let first = time::macros::date!(2025 - 01 - 01);
    (first + time::Duration::days(number.into())).to_string()
}

/// Adds this many images, one every ten seconds, of every kind that a list can be asked for: common ones and rare ones.
pub(super) async fn images_of_all_kinds(pool: &MySqlPool, images: u32) -> anyhow::Result<()> {
    processed_images(pool, images).await?;
    for statement in [
        "INSERT INTO person (id, name) VALUES (1, 'Everywhere'), (2, 'Once')",
        // Of ten images six are processed, two unresolved, one failed and one pending; a few are in work.
        "UPDATE images
         SET created_at = '2025-01-01' + INTERVAL (id - 1) * 10 SECOND, updated_at = created_at + INTERVAL 1 SECOND,
             status = CASE WHEN id % 100000 = 9 THEN 3 WHEN id % 10 < 6 THEN 1 WHEN id % 10 < 8 THEN 4
                           WHEN id % 10 = 8 THEN 2 ELSE 0 END,
             reason = IF(id % 10 IN (6, 7), IF(id < 50, 'low_quality', 'unknown_face'), NULL),
             person = CASE WHEN id = 1 THEN 2 WHEN id % 10 = 0 THEN 1 ELSE NULL END,
             lease_until = IF(id % 100000 = 9, '2999-01-01', NULL)",
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                            embedding, model_id, gallery_revision, outcome, person_id, created_at, updated_at)
         SELECT id, 0, 0, 80, 80, 1, '[]', '{}', REPEAT('x', 512), 'm', 'g', IF(person IS NULL, 'unknown', 'identified'),
                person, created_at, updated_at
         FROM images WHERE status IN (1, 4)",
        // Strangers who were seen eight times each, and somebody who was seen often.
        "UPDATE faces SET group_id = IF(id < 40000, 1, id - id % 8) WHERE outcome = 'unknown'",
        "INSERT INTO audit_entries (at, actor, action, person_id, face_id, image_id, detail)
         SELECT updated_at, 'engine', 'face_redecided', person_id, id, image_id,
                '{\"from\": {\"outcome\": \"unknown\", \"person\": null},
                  \"to\": {\"outcome\": \"identified\", \"person\": {\"id\": 1, \"name\": \"Everywhere\"}}}'
         FROM faces WHERE person_id IS NOT NULL",
        "ANALYZE TABLE images, faces, person, audit_entries",
    ] {
        sqlx::query(statement).execute(pool).await?;
    }
    Ok(())
}
