//! Publishing against a scripted server: every outcome, and that answers meet the right publish.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use nsq_client::{Address, ConnectionOptions, Producer, ProducerOptions, PublishError};
use tokio::{
    task::JoinHandle,
    time::{Instant, timeout},
};

use crate::harness::{
    eventually, patient, producer,
    server::{ERROR, Peer, RESPONSE, Server, frame},
    topic, within,
};

type Outcome = Result<(), PublishError>;

/// A producer whose connection stands: one publish went through.
async fn connected(server: &Server, options: ProducerOptions) -> (Arc<Producer>, Peer) {
    let producer = Arc::new(Producer::new(vec![server.address.clone()], options).unwrap());
    let first = publish(&producer, "first");
    let mut peer = server.accept().await;
    peer.expect_publish("first").await;
    peer.send(RESPONSE, b"OK").await;
    assert_eq!(outcome(first).await, Ok(()));
    (producer, peer)
}

fn publish(producer: &Arc<Producer>, body: &'static str) -> JoinHandle<Outcome> {
    let producer = Arc::clone(producer);
    tokio::spawn(async move { producer.publish(&topic(), body).await })
}

async fn outcome(publish: JoinHandle<Outcome>) -> Outcome {
    within("a publish ends", publish).await.unwrap()
}

fn rejected(code: &str, description: &str) -> Outcome {
    Err(PublishError::Rejected { code: code.to_owned(), description: description.to_owned() })
}

fn deadline(seconds: u64) -> ProducerOptions {
    ProducerOptions { publish_deadline: Duration::from_secs(seconds), connection: patient() }
}

#[tokio::test]
async fn a_producer_connects_before_its_first_publish_and_tells_whether_it_is_connected() {
    let server = Server::start().await;
    let producer = producer(&server.address);
    assert!(!producer.is_connected());

    let peer = server.accept().await;
    eventually("it is connected", async || producer.is_connected(), |connected| *connected).await;

    drop((peer, server));
    eventually("it is not connected", async || producer.is_connected(), |connected| !connected).await;
}

#[tokio::test]
async fn answers_that_arrive_byte_by_byte_are_understood() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;
    peer.send_bytewise(RESPONSE, b"OK").await;

    assert_eq!(outcome(second).await, Ok(()));
}

#[tokio::test]
async fn a_heartbeat_is_answered_and_is_no_acknowledgement() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;
    peer.send_bytewise(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;

    assert!(!second.is_finished());
    peer.send(RESPONSE, b"OK").await;
    assert_eq!(outcome(second).await, Ok(()));
}

#[tokio::test]
async fn a_rejection_names_code_and_description_and_leaves_those_behind_unknown() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let refused = publish(&producer, "refused");
    peer.expect_publish("refused").await;
    let behind = publish(&producer, "behind");
    peer.expect_publish("behind").await;
    peer.send(ERROR, b"E_BAD_MESSAGE PUB bad message body size 7").await;

    assert_eq!(outcome(refused).await, rejected("E_BAD_MESSAGE", "PUB bad message body size 7"));
    assert_eq!(outcome(behind).await, Err(PublishError::Unknown));
}

#[tokio::test]
async fn a_heartbeat_does_not_hide_why_a_publish_was_cut_off() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    // More than both sockets' buffers hold, so that it is still being written when the server closes.
    let huge = tokio::spawn(async move { producer.publish(&topic(), vec![0; 32 * 1024 * 1024]).await });
    peer.expect("PUB images").await;
    // In one packet: of several, a kernel may drop the later ones when the connection is reset.
    let heartbeat = frame(RESPONSE, b"_heartbeat_");
    peer.send_raw(&[heartbeat, frame(ERROR, b"E_BAD_MESSAGE PUB message too big")].concat()).await;
    drop(peer);

    assert_eq!(outcome(huge).await, rejected("E_BAD_MESSAGE", "PUB message too big"));
}

#[tokio::test]
async fn publishes_in_flight_on_a_lost_connection_are_unknown_and_the_next_one_reconnects() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;
    let third = publish(&producer, "third");
    peer.expect_publish("third").await;
    drop(peer);

    assert_eq!(outcome(second).await, Err(PublishError::Unknown));
    assert_eq!(outcome(third).await, Err(PublishError::Unknown));

    let mut peer = server.accept().await;
    let fourth = publish(&producer, "fourth");
    peer.expect_publish("fourth").await;
    peer.send(RESPONSE, b"OK").await;
    assert_eq!(outcome(fourth).await, Ok(()));
}

#[tokio::test]
async fn without_an_nsqd_publishes_fail_long_before_their_deadline() {
    let nobody: Address = "127.0.0.1:1".parse().unwrap();
    let producer = Producer::new(vec![nobody], deadline(60)).unwrap();
    let started = Instant::now();

    for _ in 0..3 {
        assert_eq!(producer.publish(&topic(), "x").await, Err(PublishError::NotConnected));
    }

    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
}

#[tokio::test]
async fn a_publish_that_never_left_is_not_connected_at_its_deadline() {
    let server = Server::start().await;
    let producer = Arc::new(Producer::new(vec![server.address.clone()], deadline(2)).unwrap());

    let first = publish(&producer, "first");
    let _never_identified = server.accept_silently().await;

    assert_eq!(outcome(first).await, Err(PublishError::NotConnected));
}

#[tokio::test]
async fn a_publish_that_left_is_unknown_at_its_deadline_and_later_answers_still_match() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, deadline(2)).await;

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;
    assert_eq!(outcome(second).await, Err(PublishError::Unknown));

    peer.send(RESPONSE, b"OK").await;
    let third = publish(&producer, "third");
    peer.expect_publish("third").await;
    peer.send(ERROR, b"E_BAD_MESSAGE").await;
    assert_eq!(outcome(third).await, rejected("E_BAD_MESSAGE", ""));
}

#[tokio::test]
async fn a_message_that_nsqd_failed_to_store_is_not_rejected() {
    for failed in ["E_PUB_FAILED PUB failed exiting", "E_MPUB_FAILED MPUB failed no space left on device"] {
        let server = Server::start().await;
        let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

        let second = publish(&producer, "second");
        peer.expect_publish("second").await;
        peer.send(ERROR, failed.as_bytes()).await;

        assert_eq!(outcome(second).await, Err(PublishError::Unknown), "{failed}");
    }
}

#[tokio::test]
async fn an_nsqd_that_falls_silent_is_left_after_two_heartbeats() {
    let server = Server::start().await;
    let connection = ConnectionOptions { heartbeat_interval: Duration::from_secs(1), ..patient() };
    let options = ProducerOptions { connection, ..deadline(60) };
    let (producer, mut peer) = connected(&server, options).await;
    assert_eq!(peer.identity["heartbeat_interval"], 1_000);

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;

    assert_eq!(outcome(second).await, Err(PublishError::Unknown));
    peer.expect_close().await;
}

#[tokio::test]
async fn an_unknown_frame_type_ends_the_connection() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let second = publish(&producer, "second");
    peer.expect_publish("second").await;
    peer.send(9, b"OK").await;

    assert_eq!(outcome(second).await, Err(PublishError::Unknown));
    peer.expect_close().await;
}

#[tokio::test]
async fn several_messages_go_out_as_one_command() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let sender = Arc::clone(&producer);
    let bodies = vec![Bytes::from_static(b"a"), Bytes::from_static(b"bc")];
    let many = tokio::spawn(async move { sender.publish_many(&topic(), bodies).await });
    let (line, body) = peer.command_with_body().await;
    peer.send(RESPONSE, b"OK").await;

    assert_eq!(line, "MPUB images");
    assert_eq!(body, b"\0\0\0\x02\0\0\0\x01a\0\0\0\x02bc");
    assert_eq!(outcome(many).await, Ok(()));
}

#[tokio::test]
async fn an_empty_body_is_rejected_without_a_word_to_nsqd() {
    let server = Server::start().await;
    let producer = producer(&server.address);

    let one = producer.publish(&topic(), "").await;
    let many = producer.publish_many(&topic(), vec![Bytes::from_static(b"a"), Bytes::new()]).await;

    assert_eq!(one, rejected("E_BAD_MESSAGE", "the body is empty"));
    assert_eq!(many, one);
    assert_eq!(producer.publish_many(&topic(), Vec::new()).await, Ok(()));
}

#[tokio::test]
async fn closing_waits_for_answers_and_then_refuses() {
    let server = Server::start().await;
    let (producer, mut peer) = connected(&server, ProducerOptions::default()).await;

    let last = publish(&producer, "last");
    peer.expect_publish("last").await;
    let closer = Arc::clone(&producer);
    let mut closing = tokio::spawn(async move { closer.close().await });
    timeout(Duration::from_millis(100), &mut closing).await.expect_err("one answer is still to come");
    peer.send(RESPONSE, b"OK").await;

    assert_eq!(outcome(last).await, Ok(()));
    peer.expect_close().await;
    drop(peer);
    within("close ends", closing).await.unwrap();
    assert_eq!(producer.publish(&topic(), "late").await, Err(PublishError::NotConnected));
}
