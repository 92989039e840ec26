//! A claim ends with a result: the image and its faces, written once and as a whole.

use identification::{Candidate, Outcome, Reason, Thresholds};
use migrations::FaceOutcome;
use serde_json::{Value, json};

use super::*;
use crate::{
    decision::FaceDecision,
    recognizer::{RecognizedFace, Size},
};

/// A face of nobody we know, at a place of its own.
fn stranger(left: i32) -> DecidedFace {
    let face = RecognizedFace {
        bounds: proto::Box { left, top: -4, width: 50, height: 60 },
        score: 0.75,
        landmarks: vec![proto::Point { x: 1.5, y: 2.0 }],
        quality: proto::Quality {
            size: 50,
            sharpness: 1.5,
            brightness: 128.0,
            roll: -2.0,
            yaw: 3.0,
            missed: vec![],
        },
        embedding: vec![1.0, -2.0],
        nearest: Vec::new(),
    };
    let decision = FaceDecision { outcome: Outcome::Unknown, named: None, best: None, runner_up: None };
    DecidedFace { face, candidates: Vec::new(), decision }
}

/// A face of this person, with a second one behind.
pub(super) fn identified(person: PersonId, second: PersonId) -> DecidedFace {
    let candidate = |person, photo: &str, distance| Candidate { person, photo: photo.to_owned(), distance };
    let decision = FaceDecision {
        outcome: Outcome::Identified,
        named: None,
        best: Some(candidate(person, "john.jpg", 0.25)),
        runner_up: Some(candidate(second, "jane.jpg", 0.5)),
    };
    DecidedFace { decision, ..stranger(-3) }
}

pub(super) fn finding(decision: ImageDecision, faces: Vec<DecidedFace>) -> Finding {
    Finding {
        decision,
        faces,
        model_id: Some("dlib".to_owned()),
        gallery_revision: Some("r1".to_owned()),
        size: Some(Size { width: 640, height: 480 }),
        thresholds: Some(Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 }),
    }
}

pub(super) fn of_strangers(lefts: &[i32]) -> Finding {
    let faces = lefts.iter().map(|left| stranger(*left)).collect();
    finding(ImageDecision::Unresolved(Reason::UnknownFace), faces)
}

/// The id and the left edge of each face.
pub(super) async fn faces(pool: &MySqlPool, id: ImageId) -> sqlx::Result<Vec<(u64, i32)>> {
    sqlx::query_as("SELECT id, box_left FROM faces WHERE image_id = ? ORDER BY id")
        .bind(id.0)
        .fetch_all(pool)
        .await
}

pub(super) async fn left_edges(pool: &MySqlPool, id: ImageId) -> sqlx::Result<Vec<i32>> {
    Ok(faces(pool, id).await?.into_iter().map(|(_, left)| left).collect())
}

#[tokio::test]
async fn an_image_with_an_identified_face_is_processed() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    sqlx::query("UPDATE images SET attempts = 2, losses = 3, error_code = 'old', error_detail = 'old', reason = 'no_face'")
        .execute(&database.pool)
        .await?;
    let claim = claim(&store, id).await?;

    let recorded = store.record(&claim, finding(ImageDecision::Identified(john), Vec::new())).await?;

    assert!(recorded);
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.person, row.reason), (ImageStatus::Processed, Some(john.0), None));
    assert_eq!((row.error_code, row.error_detail, row.retryable), (None, None, false));
    assert_eq!((row.attempts, row.losses), (2, 0));
    assert_eq!((row.lease_token, row.lease_owner, row.lease_seconds), (1, None, None));
    assert_eq!((row.model_id.as_deref(), row.gallery_revision.as_deref()), (Some("dlib"), Some("r1")));
    assert_eq!((row.width, row.height), (Some(640), Some(480)));
    assert_eq!((row.accept_below, row.unknown_from, row.margin), (Some(0.55), Some(0.6), Some(0.05)));
    Ok(())
}

#[tokio::test]
async fn an_image_in_which_nobody_was_named_keeps_the_reason() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for (reason, stored) in [
        (Reason::NoFace, UnresolvedReason::NoFace),
        (Reason::LowQuality, UnresolvedReason::LowQuality),
        (Reason::UnknownFace, UnresolvedReason::UnknownFace),
        (Reason::Ambiguous, UnresolvedReason::Ambiguous),
    ] {
        make_due(&database.pool, id).await?;
        let claim = claim(&store, id).await?;

        store.record(&claim, finding(ImageDecision::Unresolved(reason), Vec::new())).await?;

        let row = image(&database.pool, id).await?;
        assert_eq!((row.status, row.person, row.reason), (ImageStatus::Unresolved, None, Some(stored)));
    }
    Ok(())
}

#[tokio::test]
async fn the_word_of_an_older_recogniser_is_recorded_without_faces() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    let claim = claim(&store, id).await?;

    store.record(&claim, Finding::of_older_recogniser(Some(john))).await?;

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.person), (ImageStatus::Processed, Some(john.0)));
    assert_eq!((row.model_id, row.gallery_revision), (None, None));
    assert_eq!((row.width, row.height, row.accept_below), (None, None, None));
    assert_eq!(faces(&database.pool, id).await?, []);
    Ok(())
}

#[tokio::test]
async fn a_face_is_stored_with_all_that_was_found() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    let jane = insert_person(&database.pool, "Jane Doe").await?;
    let claim = claim(&store, id).await?;

    store.record(&claim, finding(ImageDecision::Identified(john), vec![identified(john, jane)])).await?;

    let place: (i32, i32, u32, u32, f32) =
        sqlx::query_as("SELECT box_left, box_top, box_width, box_height, detector_score FROM faces")
            .fetch_one(&database.pool)
            .await?;
    assert_eq!(place, (-3, -4, 50, 60, 0.75));
    let seen: (Value, Value, Vec<u8>) =
        sqlx::query_as("SELECT landmarks, quality, embedding FROM faces").fetch_one(&database.pool).await?;
    let quality = json!({"size": 50, "sharpness": 1.5, "brightness": 128.0, "roll": -2.0, "yaw": 3.0,
                          "missed": []});
    assert_eq!(seen, (json!([[1.5, 2.0]]), quality, vec![0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]));
    let best: (FaceOutcome, Option<u64>, Option<String>, Option<f32>) =
        sqlx::query_as("SELECT outcome, person_id, matched_photo, distance FROM faces")
            .fetch_one(&database.pool)
            .await?;
    assert_eq!(best, (FaceOutcome::Identified, Some(john.0), Some("john.jpg".to_owned()), Some(0.25)));
    let second: (Option<u64>, Option<f32>) =
        sqlx::query_as("SELECT runner_up_person_id, runner_up_distance FROM faces")
            .fetch_one(&database.pool)
            .await?;
    assert_eq!(second, (Some(jane.0), Some(0.5)));
    let origin: (String, String, String) =
        sqlx::query_as("SELECT model_id, gallery_revision, source FROM faces")
            .fetch_one(&database.pool)
            .await?;
    assert_eq!(origin, ("dlib".to_owned(), "r1".to_owned(), "engine".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_face_of_nobody_is_stored_without_people() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;

    store.record(&claim, of_strangers(&[0])).await?;

    let nobody: bool = sqlx::query_scalar(
        "SELECT outcome = 'unknown' AND person_id IS NULL AND matched_photo IS NULL AND distance IS NULL
                AND runner_up_person_id IS NULL AND runner_up_distance IS NULL
         FROM faces",
    )
    .fetch_one(&database.pool)
    .await?;
    assert!(nobody);
    Ok(())
}

#[tokio::test]
async fn a_face_keeps_its_outcome() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;
    let faces =
        [Outcome::Identified, Outcome::Unknown, Outcome::Ambiguous, Outcome::LowQuality].map(|outcome| {
            DecidedFace { decision: FaceDecision { outcome, ..stranger(0).decision }, ..stranger(0) }
        });

    store.record(&claim, finding(ImageDecision::Unresolved(Reason::Ambiguous), faces.into())).await?;

    let stored: Vec<FaceOutcome> =
        sqlx::query_scalar("SELECT outcome FROM faces ORDER BY id").fetch_all(&database.pool).await?;
    assert_eq!(stored, FaceOutcome::ALL);
    Ok(())
}

#[tokio::test]
async fn a_face_that_is_seen_badly_is_stored_with_the_limits_that_it_misses() -> anyhow::Result<()> {
    const OF_A_NEWER_RECOGNISER: i32 = 77;
    let (database, store) = start().await?;
    let table = [
        (proto::QualityLimit::Size.into(), "size"),
        (proto::QualityLimit::Sharpness.into(), "sharpness"),
        (proto::QualityLimit::TooDark.into(), "too_dark"),
        (proto::QualityLimit::TooBright.into(), "too_bright"),
        (proto::QualityLimit::Roll.into(), "roll"),
        (proto::QualityLimit::Yaw.into(), "yaw"),
        (OF_A_NEWER_RECOGNISER, "other"),
    ];
    for (number, word) in table {
        let id = insert_image_at(&database.pool, word).await?;
        let mut face = stranger(0);
        face.decision.outcome = Outcome::LowQuality;
        face.face.quality.missed = vec![number, number];

        let claim = claim(&store, id).await?;
        store.record(&claim, finding(ImageDecision::Unresolved(Reason::LowQuality), vec![face])).await?;

        let (outcome, quality): (FaceOutcome, Value) =
            sqlx::query_as("SELECT outcome, quality FROM faces WHERE image_id = ?")
                .bind(id.0)
                .fetch_one(&database.pool)
                .await?;
        assert_eq!((outcome, &quality["missed"]), (FaceOutcome::LowQuality, &json!([word])));
    }
    Ok(())
}

#[tokio::test]
async fn recording_a_claim_twice_leaves_one_set_of_faces() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;
    assert!(store.record(&claim, of_strangers(&[1, 2])).await?);
    let before = faces(&database.pool, id).await?;

    assert!(!store.record(&claim, of_strangers(&[1, 2])).await?);

    assert_eq!(before.len(), 2);
    assert_eq!(faces(&database.pool, id).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_run_again_has_only_the_faces_of_the_last_run() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for found in [&[0, 100, 200][..], &[300, 400], &[]] {
        make_due(&database.pool, id).await?;
        let claim = claim(&store, id).await?;

        assert!(store.record(&claim, of_strangers(found)).await?);

        assert_eq!(left_edges(&database.pool, id).await?, found);
    }
    Ok(())
}

#[tokio::test]
async fn a_face_that_cannot_be_stored_leaves_everything_as_it_was() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let first = claim(&store, id).await?;
    store.record(&first, of_strangers(&[1])).await?;
    make_due(&database.pool, id).await?;
    let second = claim(&store, id).await?;
    let faces_before = faces(&database.pool, id).await?;
    let john = insert_person(&database.pool, "John Doe").await?;
    let mut unstorable = identified(john, john);
    unstorable.decision.best.as_mut().expect("somebody is near").photo = "a".repeat(256);

    let result = store
        .record(&second, finding(ImageDecision::Unresolved(Reason::Ambiguous), vec![stranger(2), unstorable]))
        .await;

    result.expect_err("the name of the photo is too long");
    assert_eq!(image(&database.pool, id).await?.status, ImageStatus::Processing);
    assert_eq!(faces(&database.pool, id).await?, faces_before);
    Ok(())
}

#[tokio::test]
async fn every_face_of_a_crowd_is_stored_in_order() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;
    let crowd: Vec<i32> = (0..150).collect();

    assert!(store.record(&claim, of_strangers(&crowd)).await?);

    assert_eq!(left_edges(&database.pool, id).await?, crowd);
    Ok(())
}
