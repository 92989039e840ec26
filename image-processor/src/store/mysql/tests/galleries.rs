//! Which faces another gallery may say something else of.

use migrations::FaceOutcome;

use super::*;
use crate::tests::{MODEL, Recorded, face};

/// Far more than a test takes.
const LAST_HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn faces_are_found_by_their_outcome_and_the_revision_that_decided_them() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let strangers = recorded.image("/a.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let between = recorded.image("/b.jpg", vec![face(0, &[("ann.jpg", 0.57)])]).await?;
    let newer = recorded.image("/c.jpg", vec![face(0, &[])]).await?;
    recorded.look_by("r2", newer, vec![face(0, &[])]).await?;
    recorded.image("/d.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;

    assert_eq!(recorded.store.revisions(FaceOutcome::Unknown).await?, ["r1", "r2"]);
    assert_eq!(recorded.store.revisions(FaceOutcome::Ambiguous).await?, ["r1"]);
    let page = recorded.store.faces_under(FaceOutcome::Unknown, "r1", 0).await?;
    let faces = recorded.faces(strangers).await?;
    let found: Vec<(u64, u64, &str)> =
        page.iter().map(|face| (face.id, face.image_id, face.model_id.as_str())).collect();
    assert_eq!(found, [(faces[0].id, strangers.0, MODEL), (faces[1].id, strangers.0, MODEL)]);
    assert_eq!(recorded.store.faces_under(FaceOutcome::Unknown, "r1", faces[1].id).await?, []);
    let unsure = recorded.store.faces_under(FaceOutcome::Ambiguous, "r1", 0).await?;
    assert_eq!(unsure.iter().map(|face| face.image_id).collect::<Vec<_>>(), [between.0]);
    Ok(())
}

#[tokio::test]
async fn an_answer_by_an_older_gallery_is_found_for_a_while() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let late = recorded.image("/late.jpg", vec![face(0, &[])]).await?;
    recorded.image("/named.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    let newer = recorded.image("/newer.jpg", vec![face(0, &[])]).await?;
    recorded.look_by("r2", newer, vec![face(0, &[])]).await?;
    let old = recorded.image("/old.jpg", vec![face(0, &[])]).await?;
    sqlx::query("UPDATE images SET updated_at = updated_at - INTERVAL 2 HOUR WHERE id = ?")
        .bind(old.0)
        .execute(&recorded.database.pool)
        .await?;

    assert_eq!(recorded.store.answered_late(MODEL, "r2", LAST_HOUR).await?, [late.0]);
    assert_eq!(recorded.store.answered_late("another", "r2", LAST_HOUR).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn whom_an_older_gallery_named_is_found_with_the_photo_for_a_while() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let late = recorded.image("/late.jpg", vec![face(0, &[("ann.jpg", 0.2)]), face(500, &[])]).await?;
    recorded.image("/stranger.jpg", vec![face(0, &[("ann.jpg", 0.9)])]).await?;
    let newer = recorded.image("/newer.jpg", vec![face(0, &[])]).await?;
    recorded.look_by("r2", newer, vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    let old = recorded.image("/old.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    sqlx::query("UPDATE images SET updated_at = updated_at - INTERVAL 2 HOUR WHERE id = ?")
        .bind(old.0)
        .execute(&recorded.database.pool)
        .await?;

    let found = recorded.store.named_late(MODEL, "r2", LAST_HOUR).await?;

    assert_eq!(found, [(late.0, "ann.jpg".to_owned())]);
    assert_eq!(recorded.store.named_late("another", "r2", LAST_HOUR).await?, []);
    Ok(())
}

#[tokio::test]
async fn known_photos_are_told_in_the_order_of_their_names_with_their_people() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let named = [("anna.jpg", "Anna"), ("bob.jpg", "Bob"), ("ann.jpg", "Ann")]
        .map(|(photo, name)| (photo, name.to_owned()));
    recorded.store.add_known_photos(&named).await?;
    let [ann, anna, bob] =
        [recorded.person("Ann").await?, recorded.person("Anna").await?, recorded.person("Bob").await?];
    recorded.merge(anna, ann).await?;

    let all = recorded.store.photos_after("").await?;

    assert_eq!(all, [("ann.jpg".to_owned(), ann), ("anna.jpg".to_owned(), ann), ("bob.jpg".to_owned(), bob)]);
    assert_eq!(recorded.store.photos_after("anna.jpg").await?, [("bob.jpg".to_owned(), bob)]);
    Ok(())
}

#[tokio::test]
async fn the_faces_of_somebody_are_told_with_whether_a_photo_is_the_nearest() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let near = recorded.image("/a.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    let other = recorded.image("/b.jpg", vec![face(0, &[("ann_2.jpg", 0.2)])]).await?;
    recorded.image("/c.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;
    let ann = recorded.person("Ann").await?;
    let (first, second) = (recorded.only_face(near).await?.id, recorded.only_face(other).await?.id);

    let faces = recorded.store.faces_near_photos(ann, MODEL, &["ann.jpg", "ann_9.jpg"], 0).await?;

    assert_eq!(faces, [(first, near.0, true), (second, other.0, false)]);
    assert_eq!(recorded.store.faces_near_photos(ann, MODEL, &["ann.jpg"], second).await?, []);
    let of_another_model = recorded.store.faces_near_photos(ann, "another", &["ann.jpg"], 0).await?;
    assert!(of_another_model.iter().all(|(_, _, near)| !near), "{of_another_model:?}");
    Ok(())
}
