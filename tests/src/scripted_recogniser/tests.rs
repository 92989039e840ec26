//! The recogniser does what its script says, over a real connection.

use proto::{
    Empty, RecognizeRequest, RecognizeResponse, health_check_client, recognition_client,
    recognize_request::Picture,
};
use tonic::{
    Code, Status,
    transport::{Channel, Endpoint},
};

use super::*;
use crate::wait;

const DEADLINE: Duration = Duration::from_secs(10);

fn channel(recogniser: &ScriptedRecogniser) -> Channel {
    Endpoint::from(recogniser.uri()).connect_lazy()
}

async fn recognize(channel: &Channel, path: &str) -> Result<RecognizeResponse, Status> {
    let request = RecognizeRequest { picture: Some(Picture::ImagePath(path.to_owned())) };
    let mut client = recognition_client::RecognitionClient::new(channel.clone());
    client.recognize(request).await.map(tonic::Response::into_inner)
}

async fn wait_for_calls(recogniser: &ScriptedRecogniser, count: usize) -> anyhow::Result<()> {
    wait::until("calls in flight", DEADLINE, async || match recogniser.in_flight() {
        waiting if waiting == count => Ok(()),
        waiting => Err(waiting),
    })
    .await
}

#[tokio::test]
async fn the_answer_changes_with_the_script_and_every_call_is_kept() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let channel = channel(&recogniser);

    let one = recognize(&channel, "/a.jpg").await?;
    recogniser.change(|script| script.recognize = Recognize::Answers(no_face()));
    let none = recognize(&channel, "/a.jpg").await?;
    recogniser.change(|script| script.recognize = Recognize::Fails(Code::Internal));
    let status = recognize(&channel, "/b.jpg").await.expect_err("the script says so");

    assert_eq!(one.faces[0].nearest[0].photo, "john_doe.jpg");
    assert_eq!(none.faces, []);
    assert_eq!(status.code(), Code::Internal);
    assert_eq!(recogniser.asked().recognize, ["/a.jpg", "/a.jpg", "/b.jpg"]);
    assert_eq!((recogniser.asked().times("/a.jpg"), recogniser.most_in_flight()), (2, 1));
    Ok(())
}

#[tokio::test]
async fn a_call_that_hangs_is_answered_when_the_script_has_an_answer() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::new(Recognize::Hangs))?;
    let channel = channel(&recogniser);
    let calls = async { tokio::join!(recognize(&channel, "/a.jpg"), recognize(&channel, "/b.jpg")) };
    let answer = async {
        wait_for_calls(&recogniser, 2).await?;
        recogniser.change(|script| script.recognize = Recognize::Answers(no_face()));
        anyhow::Ok(())
    };

    let ((first, second), changed) = tokio::join!(calls, answer);

    changed?;
    assert_eq!((first?.faces.len(), second?.faces.len()), (0, 0));
    wait_for_calls(&recogniser, 0).await?;
    assert_eq!(recogniser.most_in_flight(), 2);
    Ok(())
}

#[tokio::test]
async fn what_goes_away_loses_its_connections_and_comes_back_on_the_same_port() -> anyhow::Result<()> {
    let mut recogniser = ScriptedRecogniser::start(Script::new(Recognize::Hangs))?;
    let (address, channel) = (recogniser.address(), channel(&recogniser));
    let hanging = tokio::spawn({
        let channel = channel.clone();
        async move { recognize(&channel, "/a.jpg").await }
    });
    wait_for_calls(&recogniser, 1).await?;

    recogniser.go_away().await?;
    let lost = hanging.await?.expect_err("the connection is lost");
    let refused = recognize(&channel, "/b.jpg").await.expect_err("nobody listens");
    recogniser.change(|script| script.recognize = Recognize::Answers(no_face()));
    recogniser.come_back()?;
    let answer = wait::until("an answer", DEADLINE, async || recognize(&channel, "/c.jpg").await).await?;

    assert_ne!(lost.code(), Code::Ok);
    assert_eq!(refused.code(), Code::Unavailable);
    assert_eq!((recogniser.address(), answer.faces.len()), (address, 0));
    assert_eq!(recogniser.in_flight(), 0);
    Ok(())
}

#[tokio::test]
async fn health_is_what_the_script_says() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::finds_nobody())?;
    let mut health = health_check_client::HealthCheckClient::new(channel(&recogniser));

    let well = health.health_check(Empty {}).await?.into_inner();
    recogniser.change(|script| script.healthy = false);
    let unwell = health.health_check(Empty {}).await?.into_inner();

    assert_eq!((well.ready, unwell.ready, recogniser.pings()), (true, false, 2));
    Ok(())
}

#[tokio::test]
async fn only_the_fatal_picture_counts_as_a_death_and_has_no_answer() -> anyhow::Result<()> {
    let script = Script { fatal_path: Some("/fatal.jpg".to_owned()), ..Script::finds_nobody() };
    let mut recogniser = ScriptedRecogniser::start(script)?;
    let channel = channel(&recogniser);
    let fatal = tokio::spawn({
        let channel = channel.clone();
        async move { recognize(&channel, "/fatal.jpg").await }
    });
    wait::until("a death", DEADLINE, async || match recogniser.deaths() {
        1 => Ok(()),
        deaths => Err(deaths),
    })
    .await?;

    let other = recognize(&channel, "/a.jpg").await?;
    recogniser.go_away().await?;
    let lost = fatal.await?.expect_err("the connection is lost");

    assert_ne!(lost.code(), Code::Ok);
    assert_eq!((other.faces.len(), recogniser.deaths()), (0, 1));
    Ok(())
}
