//! Galleries change, with a real MariaDB and recognisers that answer what the test wrote down.

use proto::KnownPhoto;
use rollcall_tests::scripted_recogniser::{Recognize, Script, ScriptedRecogniser, no_face};

use super::*;
use crate::{
    recognizer::RecognitionSource,
    tests::{Recorded, face, worker_on},
};

const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// A recogniser with this gallery: its revision and its photos, each with a word for its content.
fn script(revision: &str, photos: &[(&str, &str)]) -> Script {
    let photo = |(photo, content): &(&str, &str)| KnownPhoto {
        photo: (*photo).to_owned(),
        content_hash: content.as_bytes().to_vec(),
        skipped: String::new(),
    };
    Script {
        photos: Some(photos.iter().map(photo).collect()),
        gallery_revision: revision.to_owned(),
        ..Script::new(Recognize::Answers(no_face()))
    }
}

/// A watch over recognisers that keep to these scripts.
async fn start<const N: usize>(
    scripts: [Script; N],
) -> anyhow::Result<(Recorded, Vec<ScriptedRecogniser>, GalleryWatch)> {
    let recognisers: Vec<ScriptedRecogniser> =
        scripts.into_iter().map(ScriptedRecogniser::start).collect::<anyhow::Result<_>>()?;
    let source =
        RecognitionSource::List(recognisers.iter().map(|recogniser| recogniser.address().into()).collect());
    let recorded = Recorded::start().await?;
    let asking = Recognizer::new(source, CALL_TIMEOUT, "/srv/pictures".into());
    let watch = GalleryWatch::new(recorded.store.clone(), asking);
    Ok((recorded, recognisers, watch))
}

/// The images that a look wishes to be decided again.
async fn look(watch: &mut GalleryWatch, recorded: &Recorded) -> anyhow::Result<Vec<u64>> {
    anyhow::ensure!(watch.look().await?, "somebody else has the duty");
    let wished = recorded.wished().await?;
    sqlx::query("DELETE FROM redecisions").execute(&recorded.database.pool).await?;
    Ok(wished)
}

async fn known_photos(recorded: &Recorded) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT image_name, person.name FROM person_images JOIN person ON person.id = person_id ORDER BY image_name",
    )
    .fetch_all(&recorded.database.pool)
    .await
}

#[tokio::test]
async fn people_appear_with_their_photos_before_a_picture_shows_them() -> anyhow::Result<()> {
    let (recorded, recognisers, mut watch) = start([script("r1", &[("ann.jpg", "1")])]).await?;

    watch.look().await?;
    recognisers[0].change(|says| *says = script("r2", &[("ann.jpg", "1"), ("bob_2.jpg", "2")]));
    watch.look().await?;

    let named = [("ann.jpg", "Ann"), ("bob_2.jpg", "Bob")];
    assert_eq!(
        known_photos(&recorded).await?,
        named.map(|(photo, name)| (photo.to_owned(), name.to_owned()))
    );
    Ok(())
}

#[tokio::test]
async fn images_with_faces_that_another_gallery_left_unnamed_are_decided_again() -> anyhow::Result<()> {
    let (recorded, recognisers, mut watch) = start([script("r1", &[("ann.jpg", "1")])]).await?;
    let stranger = recorded.image("/stranger.jpg", vec![face(0, &[]), face(500, &[])]).await?;
    let between = recorded.image("/between.jpg", vec![face(0, &[("ann.jpg", 0.57)])]).await?;
    recorded.image("/named.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    let other_model = recorded.image("/model.jpg", vec![face(0, &[])]).await?;
    sqlx::query("UPDATE faces SET model_id = 'another' WHERE image_id = ?")
        .bind(other_model.0)
        .execute(&recorded.database.pool)
        .await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0], "all was decided by this gallery");

    recognisers[0].change(|says| *says = script("r2", &[("ann.jpg", "1"), ("bob.jpg", "2")]));

    assert_eq!(look(&mut watch, &recorded).await?, [stranger.0, between.0]);
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0], "once");
    Ok(())
}

#[tokio::test]
async fn what_was_answered_by_an_older_gallery_meanwhile_is_decided_when_all_agree() -> anyhow::Result<()> {
    let one = || script("r1", &[("ann.jpg", "1")]);
    let (recorded, recognisers, mut watch) = start([one(), one()]).await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    let newer = || script("r2", &[("ann.jpg", "1"), ("bob.jpg", "2")]);

    recognisers[0].change(|says| *says = newer());
    assert_eq!(look(&mut watch, &recorded).await?, [image.0], "as soon as one has it");
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);

    recognisers[1].change(|says| *says = newer());
    assert_eq!(look(&mut watch, &recorded).await?, [image.0], "the other one may have answered");
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn images_that_showed_somebody_by_a_photo_that_is_gone_are_decided_again() -> anyhow::Result<()> {
    let photos = [("ann.jpg", "1"), ("ann_2.jpg", "2"), ("bob.jpg", "3")];
    let (recorded, recognisers, mut watch) = start([script("r1", &photos)]).await?;
    let gone = recorded.image("/gone.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    recorded.image("/other.jpg", vec![face(0, &[("ann_2.jpg", 0.2)])]).await?;
    let replaced = recorded.image("/replaced.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);

    recognisers[0].change(|says| *says = script("r2", &[("ann_2.jpg", "2"), ("bob.jpg", "another")]));

    assert_eq!(look(&mut watch, &recorded).await?, [gone.0, replaced.0]);
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn a_photo_that_went_while_nobody_watched_is_noticed() -> anyhow::Result<()> {
    let (recorded, _recognisers, mut watch) = start([script("r1", &[("bob.jpg", "3")])]).await?;
    let gone = recorded.image("/gone.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    recorded.image("/other.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;

    assert_eq!(look(&mut watch, &recorded).await?, [gone.0]);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_was_late_is_decided_again() -> anyhow::Result<()> {
    let (recorded, _recognisers, mut watch) = start([script("r2", &[])]).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    let late = recorded.image("/late.jpg", vec![face(0, &[])]).await?;
    let known = recorded.image("/known.jpg", vec![face(0, &[])]).await?;
    recorded.look_by("r2", known, vec![face(0, &[])]).await?;

    watch.late_search_at = Instant::now();

    assert_eq!(look(&mut watch, &recorded).await?, [late.0]);
    Ok(())
}

#[tokio::test]
async fn a_late_answer_that_names_somebody_by_a_photo_that_is_gone_is_decided_again() -> anyhow::Result<()> {
    let (recorded, _recognisers, mut watch) = start([script("r2", &[("bob.jpg", "1")])]).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    let late = recorded.image("/late.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    recorded.image("/known.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;

    watch.late_search_at = Instant::now();

    assert_eq!(look(&mut watch, &recorded).await?, [late.0]);
    Ok(())
}

/// While one model replaces another, each has its own photos: one may not see a face where the other does.
#[tokio::test]
async fn a_photo_that_is_gone_is_noticed_beside_recognisers_of_another_model() -> anyhow::Result<()> {
    let photos = &[("ann.jpg", "1"), ("bob.jpg", "2")][..];
    let other = Script { model_id: "sface".to_owned(), ..script("s1", &photos[1..]) };
    let (recorded, recognisers, mut watch) = start([script("r1", photos), other]).await?;
    let gone = recorded.image("/gone.jpg", vec![face(0, &[("ann.jpg", 0.2)])]).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0], "the photo is there, whatever the other says");

    recognisers[0].change(|says| *says = script("r2", &photos[1..]));

    assert_eq!(look(&mut watch, &recorded).await?, [gone.0]);
    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn while_nothing_changes_no_gallery_is_listed() -> anyhow::Result<()> {
    let (recorded, recognisers, mut watch) = start([script("r1", &[("ann.jpg", "1")])]).await?;
    look(&mut watch, &recorded).await?;
    let listed = recognisers[0].asked().list;

    for _ in 0..3 {
        look(&mut watch, &recorded).await?;
    }

    assert_eq!(recognisers[0].asked().list, listed);
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_has_another_model_now_is_asked_for_its_name() -> anyhow::Result<()> {
    let (recorded, recognisers, mut watch) = start([script("r1", &[])]).await?;
    look(&mut watch, &recorded).await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    sqlx::query("UPDATE faces SET model_id = 'newer', gallery_revision = 'r0'")
        .execute(&recorded.database.pool)
        .await?;

    recognisers[0].change(|says| says.model_id = "newer".to_owned());

    assert_eq!(look(&mut watch, &recorded).await?, [image.0]);
    Ok(())
}

#[tokio::test]
async fn one_process_at_a_time_watches_and_the_next_one_begins_anew() -> anyhow::Result<()> {
    let (recorded, recognisers, mut watch) = start([script("r1", &[])]).await?;
    look(&mut watch, &recorded).await?;
    let image = recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let other = worker_on(&recorded.database, "other");
    recorded.store.leave_duty(DUTY).await?;
    assert!(other.hold_duty(DUTY, LEASE).await?);
    recognisers[0].change(|says| *says = script("r2", &[]));

    assert!(!watch.look().await?);
    assert_eq!(recorded.wished().await?, [0_u64; 0]);

    other.leave_duty(DUTY).await?;
    assert_eq!(look(&mut watch, &recorded).await?, [image.0]);
    Ok(())
}

#[tokio::test]
async fn recognisers_that_do_not_answer_change_nothing() -> anyhow::Result<()> {
    let (recorded, mut recognisers, mut watch) = start([script("r1", &[])]).await?;
    look(&mut watch, &recorded).await?;
    recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    recognisers[0].go_away().await?;

    assert_eq!(look(&mut watch, &recorded).await?, [0_u64; 0]);
    Ok(())
}
