//! What recognisers say of stored embeddings and of their galleries.

use std::{net::SocketAddr, time::Duration};

use rollcall_tests::{
    scripted_recogniser::{Match, Recognize, Script, ScriptedRecogniser, no_face},
    wait,
};

use super::*;
use crate::{recognizer::RecognitionSource, retry::Blame};

fn script(model_id: &str) -> Script {
    Script {
        matches: Match::near(&[("ann.jpg", 0.25), ("bob.jpg", 0.5)]),
        gallery_revision: "r7".to_owned(),
        model_id: model_id.to_owned(),
        ..Script::new(Recognize::Answers(no_face()))
    }
}

fn start(scripts: Vec<Script>) -> anyhow::Result<(Vec<ScriptedRecogniser>, Recognizer)> {
    let servers: Vec<ScriptedRecogniser> =
        scripts.into_iter().map(ScriptedRecogniser::start).collect::<anyhow::Result<_>>()?;
    let addresses = servers.iter().map(|server| server.address().into()).collect();
    let source = RecognitionSource::List(addresses);
    Ok((servers, Recognizer::new(source, Duration::from_secs(10), "/srv/pictures".into())))
}

#[tokio::test]
async fn every_embedding_gets_its_own_matches_in_one_call() -> anyhow::Result<()> {
    let (servers, recognizer) = start(vec![script("dlib")])?;

    let matches = recognizer.match_faces("dlib", vec![vec![1.0], vec![2.0]]).await.expect("it answers");

    let near = |photo: &str, distance| Neighbour { photo: photo.to_owned(), distance };
    let nearest = vec![near("ann.jpg", 0.25), near("bob.jpg", 0.5)];
    assert_eq!(
        matches,
        Matches { nearest: vec![nearest.clone(), nearest], gallery_revision: "r7".to_owned() }
    );
    assert_eq!(servers[0].asked().matches, [2]);
    Ok(())
}

#[tokio::test]
async fn of_several_recognisers_one_that_has_the_model_answers() -> anyhow::Result<()> {
    let (_servers, recognizer) = start(vec![script("sface"), script("dlib")])?;

    for _ in 0..3 {
        recognizer.match_faces("dlib", vec![vec![1.0]]).await.expect("one of them has it");
    }

    assert!(recognizer.endpoints().iter().all(|view| !view.aside), "another model is no illness");
    Ok(())
}

#[tokio::test]
async fn a_model_that_nobody_has_is_nobodys_fault() -> anyhow::Result<()> {
    let (_servers, recognizer) = start(vec![script("sface")])?;

    let failure = recognizer.match_faces("dlib", vec![vec![1.0]]).await.expect_err("it has another");

    assert_eq!(failure.blame, Blame::Unready);
    Ok(())
}

/// It would be said to be no longer there, and what was to be asked of it forgotten.
#[tokio::test]
async fn a_model_whose_recogniser_is_away_may_be_had_later() -> anyhow::Result<()> {
    let (mut servers, recognizer) = start(vec![script("dlib"), script("sface")])?;
    servers[0].go_away().await?;

    for _ in 0..3 {
        let failure = recognizer.match_faces("dlib", vec![vec![1.0]]).await.expect_err("it is away");
        assert_eq!(failure.blame, Blame::Outage);
    }

    servers[0].come_back()?;
    wait::until("the one that has the model", Duration::from_secs(20), async || {
        recognizer.match_faces("dlib", vec![vec![1.0]]).await
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn of_many_recognisers_the_only_one_that_has_the_model_answers() -> anyhow::Result<()> {
    let others = (0..6).map(|_| script("sface"));
    let (_servers, recognizer) = start(others.chain([script("dlib")]).collect())?;

    for _ in 0..4 {
        recognizer.match_faces("dlib", vec![vec![1.0]]).await.expect("one of them has it");
    }
    Ok(())
}

#[tokio::test]
async fn each_recogniser_tells_its_own_gallery() -> anyhow::Result<()> {
    let photo = |photo: &str, skipped: &str| proto::KnownPhoto {
        photo: photo.to_owned(),
        content_hash: vec![7],
        skipped: skipped.to_owned(),
    };
    let photos = vec![photo("ann.jpg", ""), photo("blurred.jpg", "no face was found")];
    let (servers, recognizer) = start(vec![Script { photos: Some(photos), ..script("dlib") }])?;
    let address = Address::from(servers[0].address());

    assert_eq!(recognizer.addresses(), std::slice::from_ref(&address));
    assert_eq!(recognizer.revision_at(&address, "dlib").await.expect("it answers"), "r7");
    let gallery = recognizer.gallery_at(&address).await.expect("it answers");

    let searched = BTreeMap::from([("ann.jpg".to_owned(), vec![7])]);
    let expected = Gallery { revision: "r7".to_owned(), model_id: "dlib".to_owned(), photos: searched };
    assert_eq!(gallery, expected);
    assert_eq!(servers[0].asked().matches, [0_usize; 0], "a question without embeddings is none");
    Ok(())
}

#[tokio::test]
async fn a_recogniser_of_another_model_or_that_is_gone_tells_no_revision() -> anyhow::Result<()> {
    let (servers, recognizer) = start(vec![script("sface")])?;
    let address = Address::from(servers[0].address());
    let gone = Address::from(SocketAddr::from(([127, 0, 0, 1], 1)));

    let other = recognizer.revision_at(&address, "dlib").await.expect_err("it has another");
    let nobody = recognizer.revision_at(&gone, "dlib").await.expect_err("nobody is there");

    assert_eq!((other.blame, nobody.blame), (Blame::Unready, Blame::Outage));
    Ok(())
}
