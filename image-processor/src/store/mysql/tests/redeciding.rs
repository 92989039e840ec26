//! Images are read to be decided again, and what is decided is written.

use std::collections::BTreeSet;

use identification::{Outcome, Quality};
use migrations::{
    FaceOutcome,
    FaceVerdict::{Is, IsNot},
};
use serde_json::{Value, json};

use super::*;
use crate::{
    decision::{FaceDecision, ImageDecision, Said, stored_decision},
    store::{FaceColumns, ImageColumns, Redecided, RedecidedFace, Redecisions, StoredImage, Wish},
    tests::{DLIB, Recorded, face},
};

pub(super) const LONG: Duration = Duration::from_mins(1);

/// The image as it is stored.
async fn stored(recorded: &Recorded, image: ImageId) -> anyhow::Result<StoredImage> {
    let mut images = recorded.store.stored_images(&[image.0]).await?;
    anyhow::ensure!(images.len() == 1, "it has no result");
    Ok(images.remove(0))
}

/// The same with its first face being this person, as the gallery `r2` says.
fn naming(image: &StoredImage, person: PersonId) -> Redecided {
    let (status, whom, reason) = stored_decision(ImageDecision::Identified(person));
    let decision = FaceDecision { outcome: Outcome::Identified, named: None, best: None, runner_up: None };
    let after = FaceColumns { person: Some(person), distance: Some(0.25), ..FaceColumns::of(&decision) };
    let faces = image.faces.iter().enumerate().map(|(number, face)| RedecidedFace {
        id: face.id,
        before: face.result.clone(),
        after: if number == 0 { after.clone() } else { face.result.clone() },
        gallery_revision: Some("r2".to_owned()),
    });
    Redecided {
        id: image.id,
        token: image.token,
        before: image.result,
        after: ImageColumns { status, person: whom, reason },
        gallery_revision: Some("r2".to_owned()),
        faces: faces.collect(),
    }
}

/// Takes the wish for the image.
async fn wish(recorded: &Recorded, image: ImageId) -> anyhow::Result<Vec<Wish>> {
    recorded.store.wish(&[image.0]).await?;
    Ok(recorded.store.take_wishes(9, LONG).await?)
}

/// An image of a stranger who turns out to be Ann: wished for, read and decided, and not written yet.
pub(super) async fn decided(recorded: &Recorded) -> anyhow::Result<(ImageId, Redecisions)> {
    let id = recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let ann = recorded.person("Ann").await?;
    let fulfilled = wish(recorded, id).await?;
    let image = stored(recorded, id).await?;
    Ok((id, Redecisions { images: vec![naming(&image, ann)], fulfilled, ..Redecisions::default() }))
}

/// Each entry of the history: actor, action, person, face, image, what changed.
async fn history(
    recorded: &Recorded,
) -> sqlx::Result<Vec<(String, String, Option<u64>, Option<u64>, Option<u64>, Value)>> {
    sqlx::query_as(
        "SELECT actor, action, person_id, face_id, image_id, detail FROM audit_entries ORDER BY id",
    )
    .fetch_all(&recorded.database.pool)
    .await
}

#[tokio::test]
async fn an_image_is_read_with_all_that_decides_about_it() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let mut seen_badly = face(500, &[]);
    seen_badly.quality.missed = vec![proto::QualityLimit::Yaw.into()];
    let near = &[("anna.jpg", 0.3), ("bob.jpg", 0.5), ("carl.jpg", 0.7)][..];
    let image = recorded.image("/a.jpg", vec![face(0, near), seen_badly]).await?;
    let [ann, anna, bob] =
        [recorded.person("Ann").await?, recorded.person("Anna").await?, recorded.person("Bob").await?];
    let faces = recorded.faces(image).await?;
    recorded.say(faces[0].id, IsNot, bob).await?;
    recorded.say(faces[1].id, Is, anna).await?;
    recorded.say(faces[1].id, IsNot, bob).await?;
    recorded.merge(anna, ann).await?;

    let image = stored(&recorded, image).await?;

    assert_eq!((image.token, image.thresholds), (1, Some(DLIB)));
    assert_eq!(
        image.result,
        ImageColumns { status: ImageStatus::Processed, person: Some(anna), reason: None }
    );
    assert_eq!(image.decision, ImageDecision::Identified(ann));
    let [first, second] = &image.faces[..] else { anyhow::bail!("two faces: {image:?}") };
    assert_eq!(
        (first.area, &first.embedding[..], first.quality),
        (10_000, &[1.0, 2.0][..], Quality::Sufficient)
    );
    assert_eq!((first.model_id.as_str(), first.gallery_revision.as_str()), ("dlib", "r1"));
    assert_eq!(first.result.person, Some(anna), "as the row says it");
    let candidates: Vec<(PersonId, &str, f32)> = first
        .candidates
        .iter()
        .map(|candidate| (candidate.person, candidate.photo.as_str(), candidate.distance))
        .collect();
    assert_eq!(candidates, [(ann, "anna.jpg", 0.3), (bob, "", 0.5)], "whom they turned out to be");
    assert_eq!(first.said, Said { is: None, is_not: BTreeSet::from([bob]) });
    assert_eq!((second.quality, &second.candidates[..]), (Quality::Insufficient, &[][..]));
    assert_eq!(second.said, Said { is: Some(ann), is_not: BTreeSet::from([bob]) });
    Ok(())
}

#[tokio::test]
async fn a_face_of_an_earlier_version_is_seen_badly_where_its_outcome_says_so() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let first = recorded.faces(image).await?[0].id;
    sqlx::query("UPDATE faces SET quality = '{}', outcome = IF(id = ?, 'low_quality', outcome)")
        .bind(first)
        .execute(&recorded.database.pool)
        .await?;
    sqlx::query("UPDATE images SET margin = NULL").execute(&recorded.database.pool).await?;

    let image = stored(&recorded, image).await?;

    let qualities: Vec<Quality> = image.faces.iter().map(|face| face.quality).collect();
    assert_eq!(qualities, [Quality::Insufficient, Quality::Sufficient]);
    assert_eq!(image.thresholds, None);
    Ok(())
}

#[tokio::test]
async fn only_images_with_a_result_are_read() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let image = recorded.image("/a.jpg", Vec::new()).await?;
    let pending = insert_image_at(&recorded.database.pool, "/b.jpg").await?;

    let images = recorded.store.stored_images(&[image.0, pending.0, u64::MAX]).await?;

    assert_eq!(images.iter().map(|image| image.id).collect::<Vec<_>>(), [image]);
    assert_eq!(recorded.store.stored_images(&[]).await?, []);
    Ok(())
}

#[tokio::test]
async fn what_is_decided_again_is_written_with_its_history_and_the_wish_is_gone() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let id = recorded.image("/a.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let ann = recorded.person("Ann").await?;
    let fulfilled = wish(&recorded, id).await?;
    sqlx::query("UPDATE images SET updated_at = '2000-01-01'").execute(&recorded.database.pool).await?;
    let image = stored(&recorded, id).await?;

    let redecisions = Redecisions { images: vec![naming(&image, ann)], fulfilled, ..Redecisions::default() };
    let written = recorded.store.record_again(&redecisions).await?;

    assert_eq!(written, BTreeSet::from([id.0]));
    let state = recorded.state(id).await?;
    assert_eq!(
        (state.status, state.person.as_deref(), state.reason),
        (ImageStatus::Processed, Some("Ann"), None)
    );
    assert_eq!((state.lease_token, state.gallery_revision.as_deref()), (2, Some("r2")));
    let faces = recorded.faces(id).await?;
    assert_eq!((faces[0].outcome, faces[0].person.as_deref()), (FaceOutcome::Identified, Some("Ann")));
    assert_eq!((faces[0].distance, faces[0].gallery_revision.as_str()), (Some(0.25), "r2"));
    assert_eq!((faces[1].outcome, faces[1].gallery_revision.as_str()), (FaceOutcome::Unknown, "r2"));
    assert_eq!(recorded.wished().await?, [0_u64; 0]);
    let shown_anew: bool = sqlx::query_scalar("SELECT updated_at > '2001-01-01' FROM images")
        .fetch_one(&recorded.database.pool)
        .await?;
    assert!(shown_anew);
    let detail = json!({"from": {"outcome": "unknown", "person": null},
                        "to": {"outcome": "identified", "person": {"id": ann.0, "name": "Ann"}}});
    let (engine, action) = ("engine".to_owned(), "face_redecided".to_owned());
    assert_eq!(
        history(&recorded).await?,
        [(engine, action, Some(ann.0), Some(faces[0].id), Some(id.0), detail)]
    );
    Ok(())
}

#[tokio::test]
async fn an_image_that_comes_to_the_same_is_not_shown_anew_but_fenced() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let id = recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let fulfilled = wish(&recorded, id).await?;
    sqlx::query("UPDATE images SET updated_at = '2000-01-01'").execute(&recorded.database.pool).await?;
    let image = stored(&recorded, id).await?;
    let mut same = naming(&image, PersonId(1));
    same.after = same.before;
    same.faces[0].after = same.faces[0].before.clone();

    recorded
        .store
        .record_again(&Redecisions { images: vec![same], fulfilled, ..Redecisions::default() })
        .await?;

    let state = recorded.state(id).await?;
    assert_eq!((state.lease_token, state.gallery_revision.as_deref()), (2, Some("r2")));
    assert_eq!(recorded.only_face(id).await?.gallery_revision, "r2");
    let untouched: bool = sqlx::query_scalar("SELECT updated_at < '2001-01-01' FROM images")
        .fetch_one(&recorded.database.pool)
        .await?;
    assert!(untouched);
    assert!(history(&recorded).await?.is_empty());
    assert_eq!(recorded.wished().await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn what_was_decided_from_an_older_row_is_not_written_and_is_due_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let (id, redecisions) = decided(&recorded).await?;
    recorded.look(id, vec![face(0, &[("bob.jpg", 0.3)])]).await?;

    let written = recorded.store.record_again(&redecisions).await?;

    assert_eq!(written, BTreeSet::new());
    assert_eq!(recorded.state(id).await?.person.as_deref(), Some("Bob"));
    assert_eq!(recorded.store.take_wishes(9, LONG).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_in_work_again_is_left_alone() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let (id, redecisions) = decided(&recorded).await?;
    make_due(&recorded.database.pool, id).await?;
    let claim = claim(&recorded.store, id).await?;

    let written = recorded.store.record_again(&redecisions).await?;

    assert_eq!(written, BTreeSet::new());
    assert_eq!(recorded.only_face(id).await?.person, None);
    assert!(recorded.store.renew(&claim).await?, "the lease is still held");
    Ok(())
}

#[tokio::test]
async fn a_wish_that_was_added_meanwhile_stays_and_is_due() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let (id, redecisions) = decided(&recorded).await?;
    recorded.store.wish(&[id.0]).await?;

    recorded.store.record_again(&redecisions).await?;

    let taken = recorded.store.take_wishes(9, LONG).await?;
    assert_eq!(taken, [Wish { image: id, wishes: 2 }]);
    Ok(())
}

#[tokio::test]
async fn an_image_or_a_wish_that_somebody_has_locked_is_left_for_later() -> anyhow::Result<()> {
    for lock in ["SELECT id FROM images FOR UPDATE", "SELECT image_id FROM redecisions FOR UPDATE"] {
        let recorded = Recorded::start().await?;
        let (id, redecisions) = decided(&recorded).await?;
        let mut locking = recorded.database.pool.begin().await?;
        sqlx::query(lock).execute(&mut *locking).await?;

        recorded.store.record_again(&redecisions).await?;
        locking.commit().await?;

        assert_eq!(recorded.wished().await?, [id.0], "{lock}");
        assert_eq!(recorded.store.take_wishes(9, LONG).await?, [], "{lock}");
    }
    Ok(())
}

#[tokio::test]
async fn what_waits_for_a_recogniser_is_written_as_it_is_and_wished_for_later() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let (id, Redecisions { images, fulfilled, .. }) = decided(&recorded).await?;

    let redecisions = Redecisions { images, waiting: fulfilled, wait: LONG, ..Redecisions::default() };
    recorded.store.record_again(&redecisions).await?;

    assert_eq!(recorded.state(id).await?.person.as_deref(), Some("Ann"));
    assert_eq!(recorded.wished().await?, [id.0]);
    assert_eq!(recorded.store.take_wishes(9, LONG).await?, []);
    Ok(())
}
