//! Closing a consumer against a scripted server: CLS, what is given back, and what is waited for.

use std::time::Duration;

use nsq_client::StaleMessage;

use crate::harness::{
    consumer, eventually, from_nsqds, next,
    server::{RESPONSE, Server, long_id},
    within,
};

#[tokio::test]
async fn closing_requeues_what_was_not_taken_and_waits_for_what_was() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 3));
    let mut peer = server.accept_ready(3).await;
    peer.send_message("1", "taken").await;
    let taken = next(&mut consumer).await;
    peer.send_message("2", "not taken").await;
    peer.send(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;

    let closing = tokio::spawn(consumer.close(Duration::from_mins(1)));
    peer.expect("CLS").await;
    peer.expect(&format!("REQ {} 0", long_id("2"))).await;
    peer.send_message("3", "crossed the CLS").await;
    peer.expect(&format!("REQ {} 0", long_id("3"))).await;
    peer.send(RESPONSE, b"CLOSE_WAIT").await;
    assert!(!closing.is_finished());
    taken.finish().unwrap();

    peer.expect(&format!("FIN {}", long_id("1"))).await;
    peer.expect_close().await;
    drop(peer);
    within("close ends", closing).await.unwrap();
}

#[tokio::test]
async fn closing_waits_until_nsqd_has_sent_its_last_message() {
    let server = Server::start().await;
    let consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    let closing = tokio::spawn(consumer.close(Duration::from_mins(1)));
    peer.expect("CLS").await;
    peer.send(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;
    peer.send_message("1", "crossed the CLS").await;
    peer.expect(&format!("REQ {} 0", long_id("1"))).await;
    peer.send(RESPONSE, b"CLOSE_WAIT").await;

    peer.expect_close().await;
    drop(peer);
    within("close ends", closing).await.unwrap();
}

#[tokio::test]
async fn closing_gives_the_rest_back_at_its_deadline_and_leaves_it_stale() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;
    peer.send_message("1", "slow").await;
    let slow = next(&mut consumer).await;

    let closing = tokio::spawn(consumer.close(Duration::from_millis(100)));
    peer.expect("CLS").await;
    peer.send(RESPONSE, b"CLOSE_WAIT").await;

    peer.expect(&format!("REQ {} 0", long_id("1"))).await;
    peer.expect_close().await;
    drop(peer);
    within("close ends", closing).await.unwrap();
    assert_eq!(slow.finish(), Err(StaleMessage));
}

#[tokio::test]
async fn closing_does_not_wait_for_an_nsqd_that_cannot_be_reached() {
    let consumer = consumer(from_nsqds(&[&"127.0.0.1:1".parse().unwrap()], 1));

    let closing = tokio::spawn(consumer.close(Duration::from_mins(1)));

    eventually("close ends", async || closing.is_finished(), |finished| *finished).await;
}
