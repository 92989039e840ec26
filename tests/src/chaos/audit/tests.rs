//! Rows made wrong on purpose are found, on a real server.

use super::*;
use crate::mariadb::ScratchDatabase;

/// Three images with one face each: all is well.
const WELL: [&str; 4] = [
    "INSERT INTO images (id, path, path_hash, status, next_attempt_at, created_at, updated_at)
     SELECT seq, seq, UNHEX(SHA2(seq, 256)), 1, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
     FROM (SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3) AS numbers",
    "UPDATE images SET status = 2, error_code = 'lost_too_often' WHERE id = 3",
    "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                        embedding, model_id, gallery_revision, outcome, created_at, updated_at)
     SELECT id, 1, 2, 3, 4, 1, '[]', '{}', '', 'dlib', 'r1', 'identified', created_at, updated_at
     FROM images WHERE status = 1",
    "INSERT INTO outbox (image_id, topic, body, due_at, published_at)
     SELECT id, IF(id = 3, 'images.dead', 'images'), '', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM images",
];

fn expected() -> Expected {
    Expected { accepted: [1, 2, 3].into(), fatal: [3].into(), charged: [2].into() }
}

/// What the audit says after this was done to the rows.
async fn after(database: &ScratchDatabase, statement: &'static str) -> anyhow::Result<Vec<String>> {
    let mut connection = database.pool.acquire().await?;
    for table in ["DELETE FROM faces", "DELETE FROM outbox", "DELETE FROM images"] {
        sqlx::query(table).execute(&mut *connection).await?;
    }
    for row in WELL.into_iter().chain([statement]) {
        sqlx::query(row).execute(&mut *connection).await?;
    }
    let violations = audit(&mut connection, &expected()).await?;
    Ok(violations.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn what_is_well_is_not_blamed_and_every_wrong_row_is_named() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let table = [
        ("UPDATE images SET attempts = 1 WHERE id = 2", &[][..]),
        ("INSERT INTO outbox (image_id, topic, body, due_at) VALUES (1, 'images', '', '9999-01-01')", &[]),
        ("DELETE FROM images WHERE id = 2", &["1 images were accepted and are not in the table: 2"]),
        (
            "INSERT INTO images (id, path, path_hash, status, next_attempt_at, created_at, updated_at, reason)
             VALUES (9, '9', UNHEX(SHA2(9, 256)), 4, NOW(), NOW(), NOW(), 'no_face')",
            &[
                "1 images are in the table and were accepted from nobody: 9",
                "1 images show one face and have another number of them: 9",
            ],
        ),
        ("UPDATE images SET status = 0 WHERE id = 1", &["1 images were accepted and have no final result: 1"]),
        (
            "UPDATE images SET status = 2, retryable = TRUE WHERE id = 2",
            &[
                "1 images were accepted and have no final result: 2",
                "1 images failed, and nobody expects it: 2",
            ],
        ),
        (
            "UPDATE images SET status = 2, error_code = 'lost_too_often' WHERE id < 3",
            &["2 images failed, and nobody expects it: 1, 2"],
        ),
        (
            "UPDATE images SET error_code = 'engine_failed' WHERE id = 3",
            &[
                "1 images failed, and nobody expects it: 3",
                "1 images end the recogniser and were not given up: 3",
            ],
        ),
        ("DELETE FROM faces WHERE image_id = 1", &["1 images show one face and have another number of them: 1"]),
        (
            "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks,
                                quality, embedding, model_id, gallery_revision, outcome, created_at, updated_at)
             SELECT image_id, box_left, box_top, box_width, box_height, detector_score, landmarks, quality,
                    embedding, model_id, gallery_revision, outcome, created_at, updated_at
             FROM faces WHERE image_id = 2",
            &[
                "1 images show one face and have another number of them: 2",
                "1 images have a face twice: 2",
            ],
        ),
        ("UPDATE images SET lease_owner = 'w' WHERE id = 1", &["1 images are still leased: 1"]),
        (
            "UPDATE images SET status = 3, lease_until = UTC_TIMESTAMP(6) WHERE id = 1",
            &["1 images were accepted and have no final result: 1", "1 images are still leased: 1"],
        ),
        ("UPDATE images SET attempts = 1 WHERE id = 1", &["1 images were charged for an outage: 1"]),
        (
            "UPDATE outbox SET published_at = NULL WHERE image_id = 1",
            &["1 images have a message in the outbox that is due: 1"],
        ),
        (
            "UPDATE outbox SET topic = 'images.dead' WHERE image_id = 2",
            &["1 images have a dead letter, and nobody expects it: 2"],
        ),
        (
            "DELETE FROM outbox WHERE topic = 'images.dead'",
            &["1 images end the recogniser and have no dead letter: 3"],
        ),
    ];
    for (statement, found) in table {
        assert_eq!(after(&database, statement).await?, found, "{statement}");
    }
    Ok(())
}

#[test]
fn a_violation_names_the_first_ten_images() {
    let violation = Violation { what: "are wrong", images: (1..=11).collect() };

    assert_eq!(violation.to_string(), "11 images are wrong: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...");
}
