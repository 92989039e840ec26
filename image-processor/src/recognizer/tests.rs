//! Several recognisers asked as one: who gets a call, what one that fails costs, what a change of the set loses.

use std::{net::SocketAddr, path::Path};

use rollcall_tests::{
    scripted_recogniser::{Recognize, Script, ScriptedRecogniser, no_face},
    wait,
};
use tokio::task::JoinSet;

use super::*;

const CALL_TIMEOUT: Duration = Duration::from_secs(10);
const BUDGET: Duration = Duration::from_secs(20);

fn answering() -> Script {
    Script::new(Recognize::Answers(no_face()))
}

fn failing(code: Code) -> Script {
    Script::new(Recognize::Fails(code))
}

fn recognizer_of(addresses: &[SocketAddr], call_timeout: Duration) -> Recognizer {
    let source = RecognitionSource::List(addresses.iter().map(|address| (*address).into()).collect());
    Recognizer::new(source, call_timeout, "/srv/pictures".into())
}

/// Recognisers that keep to these scripts, and what asks them.
fn start<const N: usize>(scripts: [Script; N]) -> anyhow::Result<([ScriptedRecogniser; N], Recognizer)> {
    let mut servers = Vec::new();
    for script in scripts {
        servers.push(ScriptedRecogniser::start(script)?);
    }
    let addresses: Vec<SocketAddr> = servers.iter().map(ScriptedRecogniser::address).collect();
    let Ok(servers) = <[ScriptedRecogniser; N]>::try_from(servers) else {
        unreachable!("one for each script")
    };
    Ok((servers, recognizer_of(&addresses, CALL_TIMEOUT)))
}

fn picture() -> Picture {
    Picture::File(picture_path::PicturePath::parse("/a.jpg", Path::new("/")).expect("a path"))
}

fn asked(server: &ScriptedRecogniser) -> usize {
    server.asked().recognize.len()
}

fn aside(recognizer: &Recognizer) -> Vec<bool> {
    recognizer.endpoints().iter().map(|view| view.aside).collect()
}

#[tokio::test]
async fn calls_side_by_side_are_shared() -> anyhow::Result<()> {
    let script = || Script { delay: Duration::from_millis(50), ..answering() };
    let (servers, recognizer) = start([script(), script(), script()])?;
    let mut calls = JoinSet::new();

    for _ in 0..30 {
        let recognizer = recognizer.clone();
        calls.spawn(async move { recognizer.recognize(&picture()).await });
    }
    for answer in calls.join_all().await {
        answer.expect("everybody answers");
    }

    let shares: Vec<usize> = servers.iter().map(asked).collect();
    assert_eq!(shares, [10, 10, 10]);
    Ok(())
}

#[tokio::test]
async fn one_that_hangs_gets_no_more_than_the_others_have_under_way() -> anyhow::Result<()> {
    let (servers, recognizer) = start([Script::new(Recognize::Hangs), answering()])?;
    let hanging = tokio::spawn({
        let recognizer = recognizer.clone();
        async move { (recognizer.recognize(&picture()).await, recognizer.recognize(&picture()).await) }
    });
    wait::until("a call that hangs", BUDGET, async || {
        anyhow::ensure!(servers.iter().map(ScriptedRecogniser::in_flight).sum::<usize>() == 1, "none hangs");
        Ok(())
    })
    .await?;

    for _ in 0..20 {
        recognizer.recognize(&picture()).await.expect("the other one answers");
    }

    assert_eq!(asked(&servers[0]), 1);
    hanging.abort();
    Ok(())
}

#[tokio::test]
async fn a_call_that_one_refuses_is_answered_by_another() -> anyhow::Result<()> {
    for code in [Code::Unavailable, Code::FailedPrecondition, Code::ResourceExhausted] {
        let (servers, recognizer) = start([failing(code), answering()])?;

        for _ in 0..4 {
            recognizer.recognize(&picture()).await.expect("the other one answers");
        }

        assert_eq!(asked(&servers[1]), 4, "{code:?}");
        let puts_aside = code != Code::ResourceExhausted;
        assert_eq!(aside(&recognizer).contains(&true), puts_aside, "{code:?}");
    }
    Ok(())
}

#[tokio::test]
async fn one_that_is_gone_costs_no_call_and_comes_back_with_its_health() -> anyhow::Result<()> {
    let ([mut first, second], recognizer) = start([answering(), answering()])?;
    first.go_away().await?;
    for _ in 0..10 {
        recognizer.recognize(&picture()).await.expect("the other one answers");
    }
    assert_eq!(asked(&second), 10);

    first.come_back()?;
    let attending = tokio::spawn({
        let recognizer = recognizer.clone();
        async move { recognizer.attend().await }
    });
    wait::until("the recogniser's return", BUDGET, async || {
        anyhow::ensure!(!aside(&recognizer).contains(&true), "{:?}", recognizer.endpoints());
        Ok(())
    })
    .await?;
    for _ in 0..4 {
        recognizer.recognize(&picture()).await.expect("both answer");
    }

    assert_eq!((asked(&first), asked(&second)), (2, 12));
    attending.abort();
    Ok(())
}

#[tokio::test]
async fn a_failure_that_may_be_the_pictures_is_asked_of_nobody_else() -> anyhow::Result<()> {
    for code in [Code::Internal, Code::InvalidArgument] {
        let (servers, recognizer) = start([failing(code), failing(code)])?;

        let failure = recognizer.recognize(&picture()).await.expect_err("it fails");

        assert_eq!(servers.iter().map(asked).sum::<usize>(), 1, "{code:?}");
        assert!(recognizer.is_healthy_after(&failure).await, "the one that failed says that it is well");
    }
    Ok(())
}

#[tokio::test]
async fn the_ping_after_a_failure_goes_to_the_one_that_failed() -> anyhow::Result<()> {
    let script = || Script { healthy: false, ..failing(Code::Internal) };
    let (servers, recognizer) = start([script(), script()])?;
    let failure = recognizer.recognize(&picture()).await.expect_err("it fails");

    assert!(!recognizer.is_healthy_after(&failure).await);

    for server in &servers {
        assert_eq!(server.pings(), asked(server), "pinged is who was asked");
    }
    Ok(())
}

#[tokio::test]
async fn a_call_under_way_outlives_its_recognisers_place_in_the_set() -> anyhow::Result<()> {
    let ([first, second], recognizer) =
        start([Script::new(Recognize::Hangs), Script::new(Recognize::Hangs)])?;
    let call = tokio::spawn({
        let recognizer = recognizer.clone();
        async move { recognizer.recognize(&picture()).await }
    });
    let holder = wait::until("a call under way", BUDGET, async || {
        [&first, &second]
            .into_iter()
            .find(|server| server.in_flight() == 1)
            .ok_or_else(|| anyhow::anyhow!("none"))
    })
    .await?;
    let other = if holder.address() == first.address() { &second } else { &first };
    other.change(|script| *script = answering());

    recognizer.balancer.set(&[other.address().into()].into());
    recognizer.recognize(&picture()).await.expect("the one that stays answers");
    holder.change(|script| *script = answering());

    call.await?.expect("the call is not lost");
    assert_eq!(recognizer.endpoints().len(), 1);
    Ok(())
}

#[tokio::test]
async fn a_call_waits_for_the_first_recogniser_to_be_found() -> anyhow::Result<()> {
    let server = ScriptedRecogniser::start(answering())?;
    let recognizer = recognizer_of(&[], CALL_TIMEOUT);
    let call = tokio::spawn({
        let recognizer = recognizer.clone();
        async move { recognizer.recognize(&picture()).await }
    });

    recognizer.balancer.set(&[server.address().into()].into());

    call.await?.expect("it is found");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn with_nobody_there_a_call_is_an_outage_that_names_the_place() {
    let source: RecognitionSource = "dns://face-recognition:50051".parse().expect("a source");
    let recognizer = Recognizer::new(source, CALL_TIMEOUT, "/".into());

    let failure = recognizer.recognize(&picture()).await.expect_err("nobody is there");
    let health = recognizer.health().await.expect_err("nobody is there");

    assert_eq!(failure.blame, Blame::Outage);
    assert!(failure.detail.contains("dns://face-recognition:50051"), "{failure}");
    assert!(health.contains("dns://face-recognition:50051"), "{health}");
}

#[tokio::test]
async fn one_healthy_recogniser_is_enough_and_one_that_hangs_is_not_waited_for() -> anyhow::Result<()> {
    // The system takes the connection, and nobody answers there.
    let silent = std::net::TcpListener::bind("127.0.0.1:0")?;
    let healthy = ScriptedRecogniser::start(answering())?;
    let recognizer = recognizer_of(&[silent.local_addr()?, healthy.address()], CALL_TIMEOUT);

    let health = timeout(balancer::HEALTH_TIMEOUT / 2, recognizer.health()).await;

    assert_eq!(health.expect("it does not wait for the silent one"), Ok(()));
    Ok(())
}

#[tokio::test]
async fn where_none_is_healthy_one_says_why() -> anyhow::Result<()> {
    let sick = || Script { healthy: false, ..answering() };
    let (_servers, recognizer) = start([sick(), sick()])?;

    let health = recognizer.health().await.expect_err("nobody is healthy");

    assert!(health.contains("is not ready"), "{health}");
    Ok(())
}

#[tokio::test]
async fn one_that_is_late_is_named_in_the_failure() -> anyhow::Result<()> {
    let servers = [
        ScriptedRecogniser::start(failing(Code::Unavailable))?,
        ScriptedRecogniser::start(Script::new(Recognize::Hangs))?,
    ];
    let recognizer = recognizer_of(&[servers[0].address(), servers[1].address()], Duration::from_millis(300));

    let failure = recognizer.recognize(&picture()).await.expect_err("one refuses, one hangs");

    assert_eq!((failure.blame, failure.code.as_str()), (Blame::Attempt, "deadline_exceeded"));
    assert_eq!(failure.recogniser, Some(servers[1].address().into()));
    Ok(())
}

#[tokio::test]
async fn while_one_is_busy_the_others_being_away_is_no_outage() -> anyhow::Result<()> {
    for codes in [[Code::ResourceExhausted, Code::Unavailable], [Code::Unavailable, Code::ResourceExhausted]]
    {
        let (_servers, recognizer) = start(codes.map(failing))?;

        for _ in 0..3 {
            let failure = recognizer.recognize(&picture()).await.expect_err("nobody takes it");
            assert_eq!(failure.blame, Blame::Busy, "{codes:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn one_that_cannot_list_its_photos_goes_on_recognising() -> anyhow::Result<()> {
    let (_servers, recognizer) = start([Script { photos: None, ..answering() }])?;

    let failure = recognizer.known_photos().await.expect_err("it is an older one");

    assert_eq!(failure.blame, Blame::Unready);
    assert_eq!(aside(&recognizer), [false]);
    Ok(())
}

#[tokio::test]
async fn all_addresses_of_a_name_are_asked() -> anyhow::Result<()> {
    let server = ScriptedRecogniser::start(answering())?;
    let source = format!("dns://localhost:{}", server.address().port()).parse()?;
    let recognizer = Recognizer::new(source, CALL_TIMEOUT, "/".into());

    let picture = picture();

    let answer = tokio::select! {
        answer = recognizer.recognize(&picture) => answer,
        error = recognizer.attend() => return Err(error),
    };

    answer.expect("the name leads to the recogniser");
    Ok(())
}

/// A ping after the call finds the recogniser well.
#[tokio::test]
async fn an_outage_that_ends_with_the_call_is_still_one() -> anyhow::Result<()> {
    let server = ScriptedRecogniser::start(Script { health_hangs: true, ..Script::new(Recognize::Hangs) })?;
    let recognizer = recognizer_of(&[server.address()], balancer::HEALTH_TIMEOUT * 3);

    let failure = recognizer.recognize(&picture()).await.expect_err("it hangs");
    server.change(|script| script.health_hangs = false);

    assert_eq!((failure.blame, failure.code.as_str()), (Blame::Outage, "deadline_exceeded"));
    assert!(recognizer.is_healthy_after(&failure).await);
    Ok(())
}

#[tokio::test]
async fn who_says_that_it_is_well_while_a_call_hangs_is_not_away() -> anyhow::Result<()> {
    let server = ScriptedRecogniser::start(Script::new(Recognize::Hangs))?;
    let recognizer = recognizer_of(&[server.address()], Duration::from_secs(1));

    let failure = recognizer.recognize(&picture()).await.expect_err("it hangs");

    assert_eq!((failure.blame, server.pings()), (Blame::Attempt, 1));
    Ok(())
}
