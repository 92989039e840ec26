//! What others do meanwhile: recognisers come and go, photos get their people, rows are locked.

use super::*;

/// While one model replaces another.
#[tokio::test]
async fn faces_of_a_model_whose_recogniser_is_away_wait_and_hold_up_no_others() -> anyhow::Result<()> {
    let other = Script {
        matches: Match::near(&[("bob.jpg", 0.2)]),
        model_id: "sface".to_owned(),
        ..Script::new(Recognize::Answers(no_face()))
    };
    let other = ScriptedRecogniser::start(other)?;
    let mut rig = Rig::start_beside(Match::near(&[("ann.jpg", 0.2)]), &[&other]).await?;
    let waits = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let decided = rig.recorded.image("/b.jpg", vec![face(0, &[])]).await?;
    sqlx::query("UPDATE faces SET model_id = 'sface' WHERE image_id = ?")
        .bind(decided.0)
        .execute(&rig.recorded.database.pool)
        .await?;
    rig.recogniser.go_away().await?;
    rig.recorded.store.wish(&[waits.0, decided.0]).await?;

    rig.redecider.decide_due().await?;

    assert_eq!(rig.recorded.only_face(decided).await?.person.as_deref(), Some("Bob"));
    assert_eq!(rig.recorded.only_face(waits).await?.person, None);
    assert_eq!(rig.recorded.wished().await?, [waits.0]);
    assert_eq!(rig.recorded.store.take_wishes(9, LEASE).await?, [], "it is not taken again at once");

    sqlx::query("UPDATE redecisions SET leased_until = NULL").execute(&rig.recorded.database.pool).await?;
    rig.recogniser.come_back()?;
    wait::until("the image to be decided when its recogniser is back", BUDGET, async || {
        rig.redecider.decide_due().await?;
        let wished = rig.recorded.wished().await?;
        anyhow::ensure!(wished.is_empty(), "{wished:?} wait");
        Ok(())
    })
    .await?;
    assert_eq!(rig.recorded.only_face(waits).await?.person.as_deref(), Some("Ann"));
    Ok(())
}

#[tokio::test]
async fn a_photo_of_nobody_makes_nobody_a_person_and_the_face_is_found_when_it_is_somebodys()
-> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("zoe.jpg", 0.1), ("bob.jpg", 0.9)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let people = "SELECT name FROM person ORDER BY id";

    let before = rig.decide(image).await?;

    assert_eq!(told(&before), (FaceOutcome::Unknown, Some("Bob"), "engine"));
    assert_eq!(before.gallery_revision, "r1", "a sweep for r2 comes to it");
    assert_eq!(rig.recorded.state(image).await?.gallery_revision.as_deref(), Some("r1"));
    let known: Vec<String> = sqlx::query_scalar(people).fetch_all(&rig.recorded.database.pool).await?;
    assert_eq!(known, ["Ann", "Bob", "Carl"]);

    rig.recorded.store.add_known_photos(&[("zoe.jpg", "Zoe".to_owned())]).await?;
    let after = rig.decide(image).await?;
    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Zoe"), "engine"));
    assert_eq!(after.gallery_revision, "r2");
    Ok(())
}

#[tokio::test]
async fn an_image_that_somebody_has_locked_holds_up_no_other() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.2)])).await?;
    let mut images = Vec::new();
    for number in 0..3 {
        images.push(rig.recorded.image(&format!("/{number}.jpg"), vec![face(0, &[])]).await?);
    }
    rig.recorded.store.wish(&images.iter().map(|image| image.0).collect::<Vec<_>>()).await?;
    let mut locking = rig.recorded.database.pool.begin().await?;
    sqlx::query("SELECT id FROM images WHERE id = ? FOR UPDATE")
        .bind(images[1].0)
        .execute(&mut *locking)
        .await?;

    rig.redecider.decide_due().await?;

    for (image, person) in images.iter().zip([Some("Ann"), None, Some("Ann")]) {
        assert_eq!(rig.recorded.only_face(*image).await?.person.as_deref(), person, "{image}");
    }
    assert_eq!(rig.recorded.wished().await?, [images[1].0]);
    locking.commit().await?;
    wait::until("the last image to be decided", BUDGET, async || {
        rig.redecider.decide_due().await?;
        let face = rig.recorded.only_face(images[1]).await?;
        anyhow::ensure!(face.person.as_deref() == Some("Ann"), "{face:?}");
        Ok(())
    })
    .await
}
