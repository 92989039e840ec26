//! Images are decided again, with a real MariaDB and a recogniser that answers what the test wrote down.

mod meanwhile;

use std::num::NonZeroU32;

use migrations::{
    FaceOutcome,
    FaceVerdict::{Is, IsNot},
    ImageStatus, UnresolvedReason,
};
use rollcall_tests::{
    scripted_recogniser::{Match, Recognize, Script, ScriptedRecogniser, no_face},
    wait,
};
use tonic::Code;

use super::*;
use crate::{
    breaker::{BreakerOptions, CallOutcome},
    recognizer::RecognitionSource,
    tests::{FaceState, Recorded, face},
};

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const BUDGET: Duration = Duration::from_secs(20);

struct Rig {
    recorded: Recorded,
    recogniser: ScriptedRecogniser,
    breaker: Breaker,
    redecider: Redecider,
}

impl Rig {
    /// A recogniser whose `Match` does this, as the gallery `r2`.
    async fn start(matches: Match) -> anyhow::Result<Self> {
        Self::start_beside(matches, &[]).await
    }

    /// The same beside other recognisers.
    async fn start_beside(matches: Match, others: &[&ScriptedRecogniser]) -> anyhow::Result<Self> {
        let script = Script {
            matches,
            gallery_revision: "r2".to_owned(),
            ..Script::new(Recognize::Answers(no_face()))
        };
        let recogniser = ScriptedRecogniser::start(script)?;
        let recorded = Recorded::start().await?;
        let known = [("ann.jpg", "Ann"), ("bob.jpg", "Bob"), ("carl.jpg", "Carl")];
        recorded.store.add_known_photos(&known.map(|(photo, name)| (photo, name.to_owned()))).await?;
        let all = others.iter().copied().chain([&recogniser]);
        let source = RecognitionSource::List(all.map(|recogniser| recogniser.address().into()).collect());
        let asking = Recognizer::new(source, CALL_TIMEOUT, "/srv/pictures".into());
        let options = BreakerOptions { failures: NonZeroU32::MIN, ..BreakerOptions::new(CALL_TIMEOUT) };
        let breaker = Breaker::new(options, Jitter::random());
        // The longest waits there can be.
        let jitter = Jitter::of(|| 1.0);
        let redecider = Redecider::new(recorded.store.clone(), asking, breaker.clone(), jitter);
        Ok(Self { recorded, recogniser, breaker, redecider })
    }

    /// Somebody wishes the image to be decided again, and it is.
    async fn decide(&mut self, image: crate::message::ImageId) -> anyhow::Result<FaceState> {
        self.recorded.store.wish(&[image.0]).await?;
        self.redecider.decide_due().await?;
        self.recorded.only_face(image).await
    }
}

fn told(face: &FaceState) -> (FaceOutcome, Option<&str>, &str) {
    (face.outcome, face.person.as_deref(), &face.source)
}

#[tokio::test]
async fn a_stranger_resolves_when_a_photo_of_them_is_known() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.3), ("bob.jpg", 0.9)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[("bob.jpg", 0.9)])]).await?;

    let after = rig.decide(image).await?;

    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Ann"), "engine"));
    assert_eq!((after.matched_photo.as_deref(), after.distance), (Some("ann.jpg"), Some(0.3)));
    assert_eq!((after.runner_up.as_deref(), after.gallery_revision.as_str()), (Some("Bob"), "r2"));
    let state = rig.recorded.state(image).await?;
    assert_eq!(
        (state.status, state.person.as_deref(), state.reason),
        (ImageStatus::Processed, Some("Ann"), None)
    );
    assert_eq!((state.lease_token, state.gallery_revision.as_deref()), (2, Some("r2")));
    assert_eq!(rig.recorded.wished().await?, [0_u64; 0]);
    assert_eq!(rig.recogniser.asked().matches, [1]);
    Ok(())
}

#[tokio::test]
async fn the_faces_of_many_images_are_asked_about_together() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[])).await?;
    let mut images = Vec::new();
    for number in 0..3 {
        images
            .push(rig.recorded.image(&format!("/{number}.jpg"), vec![face(0, &[]), face(500, &[])]).await?.0);
    }
    rig.recorded.store.wish(&images).await?;

    rig.redecider.decide_due().await?;

    assert_eq!(rig.recogniser.asked().matches, [6]);
    assert_eq!(rig.recorded.wished().await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn what_a_person_said_comes_before_what_a_recogniser_says() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.1), ("bob.jpg", 0.3), ("carl.jpg", 0.9)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[("ann.jpg", 0.1)])]).await?;
    let id = rig.recorded.only_face(image).await?.id;
    let (ann, dora) = (rig.recorded.person("Ann").await?, rig.recorded.person("Dora").await?);

    rig.recorded.say(id, IsNot, ann).await?;
    assert_eq!(told(&rig.decide(image).await?), (FaceOutcome::Identified, Some("Bob"), "engine"));

    rig.recorded.say(id, Is, dora).await?;
    let named = rig.decide(image).await?;
    assert_eq!(told(&named), (FaceOutcome::Identified, Some("Dora"), "person"));
    assert_eq!((named.matched_photo, named.distance, named.runner_up.as_deref()), (None, None, Some("Bob")));

    sqlx::query("DELETE FROM face_verdicts").execute(&rig.recorded.database.pool).await?;
    assert_eq!(told(&rig.decide(image).await?), (FaceOutcome::Identified, Some("Ann"), "engine"));
    Ok(())
}

#[tokio::test]
async fn photos_of_somebody_who_turned_out_to_be_somebody_else_name_that_one() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.30), ("anna.jpg", 0.31)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[("ann.jpg", 0.30), ("anna.jpg", 0.31)])]).await?;
    assert_eq!(rig.recorded.only_face(image).await?.outcome, FaceOutcome::Ambiguous);
    let (ann, anna) = (rig.recorded.person("Ann").await?, rig.recorded.person("Anna").await?);
    rig.recorded.merge(anna, ann).await?;

    let after = rig.decide(image).await?;

    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Ann"), "engine"));
    assert_eq!(after.distance, identification::score(&[0.30, 0.31], 2));
    Ok(())
}

#[tokio::test]
async fn while_no_recogniser_answers_what_people_said_counts_and_the_rest_waits() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::Fails(Code::Unavailable)).await?;
    let named = rig.recorded.image("/named.jpg", vec![face(0, &[])]).await?;
    let refused = rig.recorded.image("/refused.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;
    let stranger = rig.recorded.image("/stranger.jpg", vec![face(0, &[])]).await?;
    let (ann, bob) = (rig.recorded.person("Ann").await?, rig.recorded.person("Bob").await?);
    rig.recorded.say(rig.recorded.only_face(named).await?.id, Is, ann).await?;
    rig.recorded.say(rig.recorded.only_face(refused).await?.id, IsNot, bob).await?;
    rig.recorded.store.wish(&[named.0, refused.0, stranger.0]).await?;

    rig.redecider.decide_due().await?;

    let after = rig.recorded.only_face(named).await?;
    assert_eq!(told(&after), (FaceOutcome::Identified, Some("Ann"), "person"));
    let after = rig.recorded.only_face(refused).await?;
    assert_eq!(told(&after), (FaceOutcome::Unknown, None, "engine"));
    assert_eq!(rig.recorded.state(refused).await?.reason, Some(UnresolvedReason::UnknownFace));
    assert_eq!(rig.recorded.state(stranger).await?.lease_token, 1, "nothing was written");
    assert_eq!(rig.recorded.wished().await?, [named.0, refused.0, stranger.0]);

    rig.recogniser.change(|script| script.matches = Match::near(&[("carl.jpg", 0.2)]));
    wait::until("the images to be decided when it answers", BUDGET, async || {
        rig.redecider.decide_due().await?;
        let wished = rig.recorded.wished().await?;
        anyhow::ensure!(wished.is_empty(), "{wished:?} wait");
        Ok(())
    })
    .await?;

    assert_eq!(rig.recorded.only_face(named).await?.person.as_deref(), Some("Ann"));
    assert_eq!(rig.recorded.only_face(refused).await?.person.as_deref(), Some("Carl"));
    assert_eq!(rig.recorded.only_face(stranger).await?.person.as_deref(), Some("Carl"));
    Ok(())
}

#[tokio::test]
async fn while_the_breaker_is_open_nobody_is_asked() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.2)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    rig.breaker.try_acquire()?.begin().end(CallOutcome::Failed);

    let after = rig.decide(image).await?;

    assert_eq!(after.outcome, FaceOutcome::Unknown);
    assert_eq!(rig.recorded.wished().await?, [image.0]);
    assert_eq!(rig.recogniser.asked().matches, [0_usize; 0]);
    Ok(())
}

#[tokio::test]
async fn a_call_that_fails_is_nothing_to_the_breaker() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::Fails(Code::Internal)).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;

    rig.decide(image).await?;

    assert_eq!(*rig.breaker.state().borrow(), BreakerState::Closed);
    assert_eq!(rig.recogniser.asked().matches, [1]);
    Ok(())
}

#[tokio::test]
async fn faces_of_a_model_that_no_recogniser_has_are_decided_by_what_people_said() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("carl.jpg", 0.1)])).await?;
    rig.recogniser.change(|script| script.model_id = "another".to_owned());
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[("bob.jpg", 0.2)])]).await?;
    let before = rig.recorded.only_face(image).await?;

    let undisturbed = rig.decide(image).await?;

    assert_eq!(undisturbed, before);
    assert_eq!(rig.recorded.wished().await?, [0_u64; 0]);
    let bob = rig.recorded.person("Bob").await?;
    rig.recorded.say(before.id, IsNot, bob).await?;
    assert_eq!(told(&rig.decide(image).await?), (FaceOutcome::Unknown, None, "engine"));
    assert_eq!(rig.recorded.wished().await?, [0_u64; 0]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_in_work_is_not_wished_for_any_more() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    rig.recorded.store.wish(&[image.0]).await?;
    sqlx::query("UPDATE images SET status = 0").execute(&rig.recorded.database.pool).await?;

    rig.redecider.decide_due().await?;

    assert_eq!(rig.recorded.wished().await?, [0_u64; 0]);
    assert_eq!(rig.recogniser.asked().matches, [0_usize; 0]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_cannot_be_written_holds_up_no_other() -> anyhow::Result<()> {
    let mut rig = Rig::start(Match::near(&[("ann.jpg", 0.2)])).await?;
    let fine = rig.recorded.image("/fine.jpg", vec![face(0, &[])]).await?;
    let spoiled = rig.recorded.image("/spoiled.jpg", vec![face(0, &[])]).await?;
    sqlx::query("ALTER TABLE images ADD CONSTRAINT spoiled CHECK (path <> '/spoiled.jpg' OR status <> 1)")
        .execute(&rig.recorded.database.pool)
        .await?;
    rig.recorded.store.wish(&[fine.0, spoiled.0]).await?;

    rig.redecider.decide_due().await?;

    assert_eq!(rig.recorded.only_face(fine).await?.person.as_deref(), Some("Ann"));
    assert_eq!(rig.recorded.only_face(spoiled).await?.outcome, FaceOutcome::Unknown);
    assert_eq!(rig.recorded.wished().await?, [spoiled.0]);
    Ok(())
}

#[tokio::test]
async fn the_loop_decides_what_is_due_and_ends_when_it_is_told_to() -> anyhow::Result<()> {
    let rig = Rig::start(Match::near(&[("ann.jpg", 0.2)])).await?;
    let image = rig.recorded.image("/a.jpg", vec![face(0, &[])]).await?;
    let stopping = CancellationToken::new();
    let running = tokio::spawn({
        let stopping = stopping.clone();
        async move { rig.redecider.run(&stopping).await }
    });

    rig.recorded.store.wish(&[image.0]).await?;

    wait::until("the image to be decided again", BUDGET, async || {
        let face = rig.recorded.only_face(image).await?;
        anyhow::ensure!(face.person.as_deref() == Some("Ann"), "{face:?}");
        Ok(())
    })
    .await?;
    stopping.cancel();
    running.await?;
    Ok(())
}
