//! A picture is looked at again: which faces keep their rows, and what people said of them.

use migrations::{
    FaceOutcome,
    FaceVerdict::{Is, IsNot},
};

use super::*;
use crate::tests::{FaceState, Recorded, face};

fn told(face: &FaceState) -> (FaceOutcome, Option<&str>, &str) {
    (face.outcome, face.person.as_deref(), &face.source)
}

#[tokio::test]
async fn a_face_that_is_found_again_keeps_its_row_and_what_belongs_to_it() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let before = recorded.faces(image).await?;
    let ann = recorded.person("Ann").await?;
    recorded.say(before[1].id, IsNot, ann).await?;
    sqlx::query("UPDATE faces SET group_id = 7, created_at = '2000-01-01'")
        .execute(&recorded.database.pool)
        .await?;

    recorded.look_by("r2", image, vec![face(510, &[("bob.jpg", 0.3)]), face(900, &[])]).await?;

    let after = recorded.faces(image).await?;
    assert_eq!(after.len(), 2);
    assert_eq!((after[0].id, after[0].group_id), (before[1].id, Some(7)));
    assert_eq!(told(&after[0]), (FaceOutcome::Identified, Some("Bob"), "engine"));
    assert_eq!((after[0].matched_photo.as_deref(), after[0].distance), (Some("bob.jpg"), Some(0.3)));
    assert_eq!(after[0].gallery_revision, "r2");
    assert!(after[1].id > before[1].id, "the other one is new");
    assert_eq!(after[1].group_id, None);
    let verdicts: Vec<u64> =
        sqlx::query_scalar("SELECT face_id FROM face_verdicts").fetch_all(&recorded.database.pool).await?;
    assert_eq!(verdicts, [before[1].id]);
    let place: (i32, bool, bool) = sqlx::query_as(
        "SELECT box_left, created_at < '2001-01-01', updated_at > '2001-01-01' FROM faces WHERE id = ?",
    )
    .bind(before[1].id)
    .fetch_one(&recorded.database.pool)
    .await?;
    assert_eq!(place, (510, true, true));
    Ok(())
}

#[tokio::test]
async fn whom_a_person_named_the_face_stays_when_it_is_looked_at_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;
    let ann = recorded.person("Ann").await?;
    recorded.say(recorded.only_face(image).await?.id, Is, ann).await?;

    recorded.look(image, vec![face(4, &[("bob.jpg", 0.2), ("carl.jpg", 0.9)])]).await?;

    let after = recorded.only_face(image).await?;
    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Ann"), "person"));
    assert_eq!((after.matched_photo, after.distance, after.runner_up.as_deref()), (None, None, Some("Bob")));
    let state = recorded.state(image).await?;
    assert_eq!((state.status, state.person.as_deref()), (ImageStatus::Processed, Some("Ann")));
    Ok(())
}

#[tokio::test]
async fn somebody_who_was_ruled_out_is_not_named_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let near = &[("bob.jpg", 0.2), ("carl.jpg", 0.9)][..];
    let image = recorded.image("/a.jpg", vec![face(0, near)]).await?;
    let bob = recorded.person("Bob").await?;
    recorded.say(recorded.only_face(image).await?.id, IsNot, bob).await?;

    recorded.look(image, vec![face(4, near)]).await?;

    let after = recorded.only_face(image).await?;
    assert_eq!(told(&after), (FaceOutcome::Unknown, Some("Carl"), "engine"));
    let state = recorded.state(image).await?;
    assert_eq!((state.status, state.reason), (ImageStatus::Unresolved, Some(UnresolvedReason::UnknownFace)));
    Ok(())
}

#[tokio::test]
async fn a_face_that_a_person_named_stays_when_it_is_not_found_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[("bob.jpg", 0.2)]), face(500, &[])]).await?;
    let before = recorded.faces(image).await?;
    let ann = recorded.person("Ann").await?;
    recorded.say(before[0].id, Is, ann).await?;

    recorded.look(image, Vec::new()).await?;

    let after = recorded.only_face(image).await?;
    assert_eq!(after.id, before[0].id);
    // It was said while the picture was in work: nobody had decided the face again.
    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Ann"), "person"));
    assert_eq!((after.matched_photo, after.distance), (None, None));
    assert_eq!(recorded.state(image).await?.person.as_deref(), Some("Ann"));
    Ok(())
}

#[tokio::test]
async fn a_named_face_that_is_not_found_again_keeps_its_distance_to_that_person() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let near = &[("bob.jpg", 0.58), ("ann.jpg", 0.9)][..];
    let image = recorded.image("/a.jpg", vec![face(0, near)]).await?;
    let bob = recorded.person("Bob").await?;
    recorded.say(recorded.only_face(image).await?.id, Is, bob).await?;

    recorded.look(image, Vec::new()).await?;

    let after = recorded.only_face(image).await?;
    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Bob"), "person"));
    assert_eq!((after.matched_photo.as_deref(), after.distance), (Some("bob.jpg"), Some(0.58)));
    assert_eq!(after.runner_up.as_deref(), Some("Ann"));
    Ok(())
}

#[tokio::test]
async fn the_word_of_a_person_names_the_image_before_a_nearer_face_does() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let faces = || vec![face(0, &[("bob.jpg", 0.1)]), face(500, &[])];
    let image = recorded.image("/a.jpg", faces()).await?;
    assert_eq!(recorded.state(image).await?.person.as_deref(), Some("Bob"));
    let ann = recorded.person("Ann").await?;
    recorded.say(recorded.faces(image).await?[1].id, Is, ann).await?;

    recorded.look(image, faces()).await?;

    assert_eq!(recorded.state(image).await?.person.as_deref(), Some("Ann"));
    Ok(())
}

#[tokio::test]
async fn what_was_said_of_somebody_counts_of_whom_they_turned_out_to_be() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let faces = || vec![face(0, &[]), face(500, &[("ann.jpg", 0.2)])];
    let image = recorded.image("/a.jpg", faces()).await?;
    let before = recorded.faces(image).await?;
    let (ann, anna) = (recorded.person("Ann").await?, recorded.person("Anna").await?);
    recorded.say(before[0].id, Is, anna).await?;
    recorded.say(before[1].id, IsNot, anna).await?;
    recorded.merge(anna, ann).await?;

    recorded.look(image, faces()).await?;

    let after = recorded.faces(image).await?;
    assert_eq!(told(&after[0]), (FaceOutcome::Identified, Some("Ann"), "person"));
    assert_eq!(told(&after[1]), (FaceOutcome::Unknown, None, "engine"));
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_tells_nothing_of_faces_leaves_those_that_people_named() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let before = recorded.faces(image).await?;
    let (ann, bob) = (recorded.person("Ann").await?, recorded.person("Bob").await?);
    recorded.say(before[1].id, Is, ann).await?;
    make_due(&recorded.database.pool, image).await?;
    let claim = claim(&recorded.store, image).await?;

    recorded.store.record(&claim, Finding::of_older_recogniser(Some(bob))).await?;

    assert_eq!(recorded.only_face(image).await?.id, before[1].id);
    assert_eq!(recorded.state(image).await?.person.as_deref(), Some("Ann"));
    Ok(())
}
