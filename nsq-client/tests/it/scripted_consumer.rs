//! Consuming against a scripted server: answers, stale messages and errors.

use std::time::Duration;

use nsq_client::{Channel, ConnectionOptions, Consumer, ConsumerOptions, NoAddresses, StaleMessage};

use crate::harness::{
    consumer, eventually, from_nsqds, next, patient,
    server::{ERROR, MESSAGE, RESPONSE, Server, frame, long_id, message},
    topic,
};

#[tokio::test]
async fn a_consumer_presents_itself() {
    let server = Server::start().await;
    let options = ConsumerOptions {
        message_timeout: Duration::from_secs(7),
        connection: ConnectionOptions {
            client_id: "worker-1".to_owned(),
            hostname: "worker-1.local".to_owned(),
            user_agent: "rollcall/1".to_owned(),
            heartbeat_interval: Duration::from_secs(9),
            ..patient()
        },
        ..from_nsqds(&[&server.address], 1)
    };

    let _consumer = consumer(options);
    let peer = server.accept().await;

    assert_eq!(peer.identity["client_id"], "worker-1");
    assert_eq!(peer.identity["hostname"], "worker-1.local");
    assert_eq!(peer.identity["user_agent"], "rollcall/1");
    assert_eq!(peer.identity["feature_negotiation"], true);
    assert_eq!(peer.identity["heartbeat_interval"], 9_000);
    assert_eq!(peer.identity["msg_timeout"], 7_000);
}

#[tokio::test]
async fn a_consumer_without_addresses_does_not_start() {
    let started = Consumer::start(topic(), Channel::new("ch").unwrap(), ConsumerOptions::default());

    assert_eq!(started.map(|_| ()), Err(NoAddresses));
}

#[tokio::test]
async fn a_message_that_arrives_byte_by_byte_is_delivered_and_finished() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    peer.send_bytewise(MESSAGE, &message("a1", 3, "hello")).await;
    let message = next(&mut consumer).await;

    assert_eq!(message.body(), "hello");
    assert_eq!(message.attempts(), 3);
    assert_eq!(message.timestamp(), Duration::from_secs(1_700_000_000));
    assert_eq!(message.id().to_string(), long_id("a1"));
    message.finish().unwrap();
    peer.expect(&format!("FIN {}", long_id("a1"))).await;
}

#[tokio::test]
async fn a_heartbeat_is_answered() {
    let server = Server::start().await;
    let _consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    peer.send(RESPONSE, b"_heartbeat_").await;

    peer.expect("NOP").await;
}

#[tokio::test]
async fn heartbeats_are_answered_while_nobody_takes_the_messages() {
    let server = Server::start().await;
    let _consumer = consumer(from_nsqds(&[&server.address], 2));
    let mut peer = server.accept_ready(2).await;

    for id in ["1", "2", "3", "4"] {
        peer.send_message(id, "waiting").await;
    }
    peer.send(RESPONSE, b"_heartbeat_").await;

    peer.expect("NOP").await;
}

#[tokio::test]
async fn a_requeue_carries_its_delay_in_milliseconds() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    peer.send_message("1", "later").await;
    next(&mut consumer).await.requeue(Duration::from_millis(1_500)).unwrap();

    peer.expect(&format!("REQ {} 1500", long_id("1"))).await;
}

#[tokio::test]
async fn a_message_dropped_unanswered_is_requeued() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    peer.send_message("1", "dropped").await;
    drop(next(&mut consumer).await);

    peer.expect(&format!("REQ {} 0", long_id("1"))).await;
}

#[tokio::test]
async fn a_message_of_a_lost_connection_is_stale_and_the_new_connection_never_hears_of_it() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 3));
    let mut peer = server.accept_ready(3).await;
    for id in ["1", "2", "3"] {
        peer.send_message(id, "old").await;
    }
    let (first, second, third) =
        (next(&mut consumer).await, next(&mut consumer).await, next(&mut consumer).await);

    drop(peer);
    let mut peer = server.accept_ready(3).await;

    assert_eq!(first.finish(), Err(StaleMessage));
    assert_eq!(second.requeue(Duration::ZERO), Err(StaleMessage));
    drop(third);
    peer.send_message("4", "new").await;
    next(&mut consumer).await.finish().unwrap();
    peer.expect(&format!("FIN {}", long_id("4"))).await;
}

#[tokio::test]
async fn messages_that_went_stale_before_they_were_taken_are_left_out() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 2));
    let mut peer = server.accept_ready(2).await;
    peer.send_message("1", "old").await;
    peer.send(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;

    drop(peer);
    let mut peer = server.accept_ready(2).await;
    peer.send_message("2", "new").await;

    assert_eq!(next(&mut consumer).await.body(), "new");
}

#[tokio::test]
async fn a_late_answer_is_harmless() {
    for code in ["E_FIN_FAILED", "E_REQ_FAILED", "E_TOUCH_FAILED"] {
        let server = Server::start().await;
        let mut consumer = consumer(from_nsqds(&[&server.address], 1));
        let mut peer = server.accept_ready(1).await;

        peer.send(ERROR, format!("{code} FIN 1 failed ID not in flight").as_bytes()).await;
        peer.send_message("1", "next").await;

        assert_eq!(next(&mut consumer).await.body(), "next", "after {code}");
    }
}

#[tokio::test]
async fn what_nsqd_should_not_send_ends_the_connection_and_another_one_follows() {
    for bytes in [
        frame(ERROR, b"E_INVALID cannot RDY in current state"),
        frame(RESPONSE, b"what?"),
        frame(MESSAGE, b"short"),
        frame(7, b"unknown type"),
        u32::MAX.to_be_bytes().to_vec(),
    ] {
        let server = Server::start().await;
        let _consumer = consumer(from_nsqds(&[&server.address], 1));
        let mut peer = server.accept_ready(1).await;

        peer.send_raw(&bytes).await;

        peer.expect_close().await;
        server.accept_ready(1).await;
    }
}

#[tokio::test]
async fn a_connection_is_given_up_when_nothing_of_it_is_answered_however_often_it_comes() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 2));
    let mut peer = server.accept_ready(2).await;

    // nsqd counts two in flight at most, but each that timed out comes again.
    let mut held = Vec::new();
    for _ in 0..8 {
        peer.send_message("1", "never answered").await;
        held.push(next(&mut consumer).await);
    }
    peer.send(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;
    peer.send_message("1", "one too many").await;

    peer.expect_close().await;
    server.accept_ready(2).await;
}

#[tokio::test]
async fn the_status_counts_the_nsqds_that_are_subscribed_to_now() {
    let (first, second) = (Server::start().await, Server::start().await);
    let consumer = consumer(from_nsqds(&[&first.address, &second.address], 2));
    let status = consumer.status();
    let expect = async |wanted| {
        eventually("so many are subscribed", async || status.connections(), |seen| *seen == wanted).await;
    };
    assert_eq!(status.connections(), 0);

    let a = first.accept_subscriber().await;
    expect(1).await;
    let _b = second.accept_subscriber().await;
    expect(2).await;
    drop((a, first));
    expect(1).await;
    drop(consumer);
    expect(0).await;
}
