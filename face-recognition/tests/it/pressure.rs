//! More work than can be done: refused at once, never later than the caller waits, never done for nobody.

use prost::Message as _;
use proto::recognize_request::Picture;
use tokio::{net::TcpStream, task::JoinSet};
use tonic::{
    Code, Status,
    codegen::http::{HeaderMap, Request},
};

use crate::server::{Server, error_code, request};

/// How often a thread took a picture from the queue.
const TAKEN: &str = "rollcall_queue_wait_seconds_count";
/// Pictures that were looked at to the end.
const LOOKED_AT: &str = "rollcall_look_seconds_count";
const WAITING: &str = "rollcall_pictures_waiting";
const ABANDONED: &str = "rollcall_pictures_abandoned_total";

/// Calls `Recognize` with a `grpc-timeout` and answers with the headers. Tonic's own client would end the call itself at
/// the same moment.
async fn recognize_within(server: &Server, path: &str, grpc_timeout: &str) -> HeaderMap {
    let message = request(Picture::ImagePath(path.to_owned())).encode_to_vec();
    let length = u32::try_from(message.len()).expect("a short message").to_be_bytes();
    // Not compressed, so long, the message.
    let frame = [&[0], length.as_slice(), &message].concat();
    let call = Request::post(format!("http://{}/facerecog.Recognition/Recognize", server.address()))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", grpc_timeout)
        .body(())
        .expect("a valid request");

    let stream = TcpStream::connect(server.address()).await.expect("it listens");
    let (mut client, connection) = h2::client::handshake(stream).await.expect("it speaks HTTP/2");
    let connection = tokio::spawn(connection);
    let (response, mut body) = client.send_request(call, false).expect("a stream");
    body.send_data(frame.into(), true).expect("the message is sent");
    let headers = response.await.expect("an answer").headers().clone();
    connection.abort();
    headers
}

#[tokio::test]
async fn calls_beyond_the_queue_are_refused_at_once() {
    let mut server = Server::start(1, 1).await;
    server.make_large();
    let client = server.client().await;
    let mut calls = JoinSet::new();
    for _ in 0..40 {
        let client = client.clone();
        calls.spawn(async move { client.path("/large.png").await });
    }

    let mut answers = Vec::new();
    while let Some(answer) = calls.join_next().await {
        answers.push(answer.expect("no call panics"));
    }

    // One is worked on and one waits, if it was not too early for the second.
    let looked_at = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!((1..=2).contains(&looked_at), "{looked_at} of {}", answers.len());
    let refused = answers.len() - looked_at;
    for answer in &answers[..refused] {
        let status = answer.as_ref().expect_err("refusals come before answers");
        assert_eq!((status.code(), error_code(status)), (Code::ResourceExhausted, Some("queue_full")));
    }
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn what_waits_is_not_begun_when_its_caller_left_or_waited_long_enough() {
    let mut server = Server::start(1, 4).await;
    server.make_large();
    server.make_small();
    let client = server.client().await;
    let first = tokio::spawn(client.clone().path("/large.png"));
    server.metric_becomes(TAKEN, 1).await;

    let leaves = tokio::spawn(client.clone().path("/small.png"));
    server.metric_becomes(WAITING, 1).await;
    leaves.abort();
    let late = recognize_within(&server, "/small.png", "50m").await;

    let late = Status::from_header_map(&late).expect("the headers hold a status");
    assert_eq!((late.code(), error_code(&late)), (Code::DeadlineExceeded, Some("deadline_exceeded")));
    assert!(!first.is_finished(), "the thread was at work all the time");
    first.await.expect("it does not panic").expect("the first picture is looked at");
    client.path("/small.png").await.expect("the last picture is looked at");
    assert_eq!(server.metric(LOOKED_AT).await.expect("metrics"), 2);
    assert_eq!(server.metric(ABANDONED).await.expect("metrics"), 2);
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn what_is_worked_on_is_left_when_its_caller_leaves() {
    let mut server = Server::start(1, 4).await;
    server.make_large();
    server.make_small();
    let client = server.client().await;

    let leaves = tokio::spawn(client.clone().path("/large.png"));
    server.metric_becomes(TAKEN, 1).await;
    leaves.abort();
    client.path("/small.png").await.expect("the next picture is looked at");

    assert_eq!(server.metric(ABANDONED).await.expect("metrics"), 1);
    assert_eq!(server.metric(LOOKED_AT).await.expect("metrics"), 1);
    server.service.stop().await.expect("it stops");
}
