//! Publishing to several nsqds: which one a publish goes to, and when it may go to another.

use std::{sync::Arc, time::Duration};

use nsq_client::{NoAddresses, Producer, ProducerOptions, PublishError};
use tokio::task::JoinHandle;

use crate::harness::{
    eventually, patient, producer_for,
    server::{ERROR, Peer, RESPONSE, Server},
    topic, within,
};

type Outcome = Result<(), PublishError>;

/// A producer that is connected to both, the first being preferred.
async fn connected_to_both(first: &Server, second: &Server) -> (Arc<Producer>, Peer, Peer) {
    let producer = Arc::new(producer_for(&[&first.address, &second.address]));
    let (a, b) = (first.accept().await, second.accept().await);
    let (a, b) = (identified(a).await, identified(b).await);
    (producer, a, b)
}

/// Waits until the client has read the answer to its IDENTIFY, and so is connected.
async fn identified(mut peer: Peer) -> Peer {
    peer.send(RESPONSE, b"_heartbeat_").await;
    peer.expect("NOP").await;
    peer
}

fn publish(producer: &Arc<Producer>, body: &'static str) -> JoinHandle<Outcome> {
    let producer = Arc::clone(producer);
    tokio::spawn(async move { producer.publish(&topic(), body).await })
}

async fn outcome(publish: JoinHandle<Outcome>) -> Outcome {
    within("a publish ends", publish).await.unwrap()
}

/// Proves that a publish goes to this server.
async fn expect_next_at(producer: &Arc<Producer>, peer: &mut Peer, body: &'static str) {
    let next = publish(producer, body);
    peer.expect_publish(body).await;
    peer.send(RESPONSE, b"OK").await;
    assert_eq!(outcome(next).await, Ok(()));
}

/// Repeats a publish until it arrives here; those that go to `other` are acknowledged there.
async fn expect_eventually_at(producer: &Arc<Producer>, peer: &mut Peer, mut other: Peer) {
    let acknowledge_elsewhere = tokio::spawn(async move {
        loop {
            other.expect_publish("again").await;
            other.send(RESPONSE, b"OK").await;
        }
    });
    let publisher = Arc::clone(producer);
    let publishing = tokio::spawn(async move { while publisher.publish(&topic(), "again").await.is_ok() {} });
    peer.expect_publish("again").await;
    publishing.abort();
    acknowledge_elsewhere.abort();
}

#[tokio::test]
async fn a_producer_without_addresses_does_not_start() {
    assert_eq!(Producer::new(Vec::new(), ProducerOptions::default()).map(|_| ()), Err(NoAddresses));
}

#[tokio::test]
async fn publishes_go_to_the_preferred_nsqd_while_it_is_connected() {
    let (first, second) = (Server::start().await, Server::start().await);
    let (producer, mut a, mut b) = connected_to_both(&first, &second).await;

    for body in ["one", "two", "three"] {
        expect_next_at(&producer, &mut a, body).await;
    }

    b.send(RESPONSE, b"_heartbeat_").await;
    b.expect("NOP").await;
}

#[tokio::test]
async fn publishes_go_to_the_next_nsqd_while_the_preferred_one_is_away_and_return_to_it() {
    let (first, second) = (Server::start().await, Server::start().await);
    let (producer, mut a, mut b) = connected_to_both(&first, &second).await;
    expect_next_at(&producer, &mut a, "before").await;

    drop(a);
    // The client connects again only after it has noticed the loss.
    let reconnecting = first.accept_silently().await;
    expect_next_at(&producer, &mut b, "during").await;
    drop(reconnecting);

    let mut a = first.accept().await;
    expect_eventually_at(&producer, &mut a, b).await;
}

#[tokio::test]
async fn a_publish_that_was_sent_is_unknown_and_is_not_sent_elsewhere() {
    let (first, second) = (Server::start().await, Server::start().await);
    let (producer, mut a, mut b) = connected_to_both(&first, &second).await;

    let sent = publish(&producer, "sent");
    a.expect_publish("sent").await;
    drop((a, first));

    assert_eq!(outcome(sent).await, Err(PublishError::Unknown));
    expect_next_at(&producer, &mut b, "another").await;
}

#[tokio::test]
async fn a_rejected_publish_is_not_offered_to_another_nsqd() {
    let (first, second) = (Server::start().await, Server::start().await);
    let (producer, mut a, mut b) = connected_to_both(&first, &second).await;

    let refused = publish(&producer, "refused");
    a.expect_publish("refused").await;
    a.send(ERROR, b"E_BAD_MESSAGE PUB bad").await;
    drop((a, first));

    let refused = outcome(refused).await;
    assert!(matches!(refused, Err(PublishError::Rejected { .. })), "{refused:?}");
    expect_next_at(&producer, &mut b, "another").await;
}

#[tokio::test]
async fn a_publish_does_not_wait_for_a_preferred_nsqd_that_is_slow_to_connect() {
    let (slow, second) = (Server::start().await, Server::start().await);
    let producer = Arc::new(producer_for(&[&slow.address, &second.address]));
    let _never_identified = slow.accept_silently().await;

    let mut b = second.accept().await;

    expect_next_at(&producer, &mut b, "at once").await;
}

#[tokio::test]
async fn a_publish_is_not_connected_only_when_nobody_is() {
    let (first, second) = (Server::start().await, Server::start().await);
    let (producer, a, mut b) = connected_to_both(&first, &second).await;
    let is_connected = async || producer.is_connected();

    drop(a);
    // The client connects again only after it has noticed the loss.
    drop(first.accept_silently().await);
    drop(first);
    expect_next_at(&producer, &mut b, "one is left").await;
    assert!(producer.is_connected());

    drop((b, second));
    eventually("it is not connected", is_connected, |connected| !connected).await;
    assert_eq!(producer.publish(&topic(), "nobody").await, Err(PublishError::NotConnected));
}

#[tokio::test]
async fn an_address_that_is_listed_twice_is_connected_once() {
    let (first, second) = (Server::start().await, Server::start().await);
    let addresses = [&first.address, &second.address, &first.address];
    let producer = Arc::new(producer_for(&addresses));
    let (mut a, _b) = (first.accept().await, second.accept().await);

    expect_next_at(&producer, &mut a, "x").await;

    let another = tokio::time::timeout(Duration::from_millis(200), first.accept()).await;
    assert!(another.is_err(), "a second connection to the same address");
}

#[tokio::test]
async fn closing_waits_for_the_answers_of_every_nsqd() {
    let (first, second) = (Server::start().await, Server::start().await);
    let options = ProducerOptions { connection: patient(), publish_deadline: Duration::from_mins(1) };
    let addresses = vec![first.address.clone(), second.address.clone()];
    let producer = Arc::new(Producer::new(addresses, options).unwrap());
    let mut b = second.accept().await;
    let at_second = publish(&producer, "at the second");
    b.expect_publish("at the second").await;
    let mut a = identified(first.accept().await).await;
    let at_first = publish(&producer, "at the first");
    a.expect_publish("at the first").await;

    let closer = Arc::clone(&producer);
    let closing = tokio::spawn(async move { closer.close().await });
    eventually("closing has begun", async || producer.is_connected(), |connected| !connected).await;
    a.send(RESPONSE, b"OK").await;
    assert_eq!(outcome(at_first).await, Ok(()));
    a.expect_close().await;
    drop(a);
    assert!(!closing.is_finished());
    b.send(RESPONSE, b"OK").await;

    assert_eq!(outcome(at_second).await, Ok(()));
    b.expect_close().await;
    drop(b);
    within("close ends", closing).await.unwrap();
}
