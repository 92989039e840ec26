//! An image and its faces are read back, column by column.

use migrations::{FaceOutcome, UnresolvedReason};
use serde_json::json;
use time::macros::datetime;

use super::*;

/// A face of an image with nothing but what every face has.
pub(super) async fn insert_plain_face(pool: &MySqlPool, image: u64, score: f32) -> sqlx::Result<u64> {
    let face = sqlx::query(
        "INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks,
                            quality, embedding, model_id, gallery_revision, outcome, created_at, updated_at)
         VALUES (?, 0, 0, 1, 1, ?, '[]', '{}', '', 'm', 'g', 'unknown', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
    )
    .bind(image)
    .bind(score);
    Ok(face.execute(pool).await?.last_insert_id())
}

#[tokio::test]
async fn a_processed_image_is_read_with_its_person() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let person = insert_person(&database.pool, "John Doe").await?;
    let id = insert(&store, "/a.jpg").await?.0;
    sqlx::query(
        "UPDATE images SET status = 1, person = ?, attempts = 3, model_id = 'dlib', gallery_revision = 'r1',
                created_at = '2024-02-29 23:59:59.123456', updated_at = '2024-03-01 00:00:01'
         WHERE id = ?",
    )
    .bind(person)
    .bind(id)
    .execute(&database.pool)
    .await?;

    let row = store.image(id).await?.expect("the image was posted");

    assert_eq!((row.id, row.path.as_str(), row.status), (id, "/a.jpg", ImageStatus::Processed));
    assert_eq!((row.person_id, row.person_name.as_deref()), (Some(person), Some("John Doe")));
    assert_eq!((row.attempts, row.retryable), (3, false));
    assert_eq!((row.reason, row.error_code, row.error_detail), (None, None, None));
    assert_eq!((row.model_id.as_deref(), row.gallery_revision.as_deref()), (Some("dlib"), Some("r1")));
    assert_eq!(row.created_at, datetime!(2024-02-29 23:59:59.123456 UTC));
    assert_eq!(row.updated_at, datetime!(2024-03-01 00:00:01 UTC));
    Ok(())
}

#[tokio::test]
async fn a_failed_image_is_read_with_its_error() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert(&store, "/a.jpg").await?.0;
    sqlx::query(
        "UPDATE images SET status = 2, error_code = 'engine_failed', error_detail = 'no luck', retryable = TRUE
         WHERE id = ?",
    )
    .bind(id)
    .execute(&database.pool)
    .await?;

    let row = store.image(id).await?.expect("the image was posted");

    assert_eq!((row.status, row.retryable), (ImageStatus::Failed, true));
    assert_eq!(
        (row.error_code.as_deref(), row.error_detail.as_deref()),
        (Some("engine_failed"), Some("no luck"))
    );
    assert_eq!((row.person_id, row.person_name), (None, None));
    Ok(())
}

#[tokio::test]
async fn every_reason_of_an_unresolved_image_is_read() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert(&store, "/a.jpg").await?.0;

    for reason in UnresolvedReason::ALL {
        sqlx::query("UPDATE images SET status = 4, reason = ? WHERE id = ?")
            .bind(*reason)
            .bind(id)
            .execute(&database.pool)
            .await?;

        let row = store.image(id).await?.expect("the image was posted");

        assert_eq!((row.status, row.reason), (ImageStatus::Unresolved, Some(*reason)));
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_id_is_no_image_and_has_no_faces() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let id = insert(&store, "/a.jpg").await?.0;

    assert!(store.image(id + 1).await?.is_none());
    assert!(store.faces(id + 1).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_face_is_read_with_both_of_its_people() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    let jane = insert_person(&database.pool, "Jane Doe").await?;
    let image = insert(&store, "/a.jpg").await?.0;
    let id = sqlx::query(
        r#"INSERT INTO faces (image_id, box_left, box_top, box_width, box_height, detector_score, landmarks,
                              quality, embedding, model_id, gallery_revision, outcome, person_id, matched_photo,
                              distance, runner_up_person_id, runner_up_distance, source, created_at, updated_at)
           VALUES (?, -3, -4, 50, 60, 0.75, '[[1.5, 2]]', '{"size": 50}', 0x0000803F, 'dlib', 'r1', 'ambiguous',
                   ?, 'john.jpg', 0.5, ?, 0.625, 'person', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))"#,
    )
    .bind(image)
    .bind(john)
    .bind(jane)
    .execute(&database.pool)
    .await?
    .last_insert_id();

    let rows = store.faces(image).await?;

    let [row] = &rows[..] else { panic!("one face is stored: {rows:?}") };
    assert_eq!((row.id, row.outcome, row.source.as_str()), (id, FaceOutcome::Ambiguous, "person"));
    assert_eq!((row.box_left, row.box_top, row.box_width, row.box_height), (-3, -4, 50, 60));
    assert_eq!((&row.landmarks.0, &row.quality.0), (&json!([[1.5, 2]]), &json!({"size": 50})));
    assert_eq!((row.person_id, row.person_name.as_deref()), (Some(john), Some("John Doe")));
    assert_eq!((row.runner_up_person_id, row.runner_up_name.as_deref()), (Some(jane), Some("Jane Doe")));
    assert_eq!((row.distance, row.runner_up_distance), (Some(0.5), Some(0.625)));
    assert_eq!(
        (row.detector_score.to_bits(), row.matched_photo.as_deref()),
        (0.75_f32.to_bits(), Some("john.jpg"))
    );
    Ok(())
}

#[tokio::test]
async fn a_face_of_nobody_is_read_without_people() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let image = insert(&store, "/a.jpg").await?.0;
    insert_plain_face(&database.pool, image, 0.5).await?;

    let rows = store.faces(image).await?;

    let [row] = &rows[..] else { panic!("one face is stored: {rows:?}") };
    assert_eq!((row.outcome, row.source.as_str()), (FaceOutcome::Unknown, "engine"));
    assert_eq!((row.person_id, &row.person_name, row.distance), (None, &None, None));
    assert_eq!((row.runner_up_person_id, &row.runner_up_name, row.runner_up_distance), (None, &None, None));
    assert_eq!(row.matched_photo, None);
    Ok(())
}

#[tokio::test]
async fn faces_come_surest_first_and_only_those_of_the_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let image = insert(&store, "/a.jpg").await?.0;
    let other = insert(&store, "/b.jpg").await?.0;
    let mut faces = Vec::new();
    for (image, score) in [(image, 0.5), (image, 0.9), (other, 1.0), (image, 0.5)] {
        faces.push(insert_plain_face(&database.pool, image, score).await?);
    }

    let ids: Vec<u64> = store.faces(image).await?.iter().map(|face| face.id).collect();

    assert_eq!(ids, [faces[1], faces[0], faces[3]]);
    Ok(())
}
