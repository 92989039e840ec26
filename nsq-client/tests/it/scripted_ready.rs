//! RDY over several connections, as the servers see it.

use std::time::Duration;

use nsq_client::{ConsumerOptions, Message};

use crate::harness::{
    consumer, from_nsqds, next,
    server::{RESPONSE, Server, long_id},
};

#[tokio::test]
async fn one_connection_is_raised_only_after_the_other_has_let_go() {
    let (first, second) = (Server::start().await, Server::start().await);
    let mut consumer = consumer(from_nsqds(&[&first.address, &second.address], 4));

    // The first has the whole budget in flight before the second is there.
    let mut a = first.accept_ready(4).await;
    for id in ["1", "2", "3", "4"] {
        a.send_message(id, "busy").await;
    }
    let mut in_flight: Vec<Message> = Vec::new();
    while in_flight.len() < 4 {
        in_flight.push(next(&mut consumer).await);
    }
    let mut b = second.accept_subscriber().await;
    a.expect("RDY 2").await;

    // Nothing is answered yet: the second gets nothing.
    a.expect_nothing().await;
    b.expect_nothing().await;

    // Three in flight and RDY 2 leave room for one.
    let answered = in_flight.pop().unwrap();
    answered.finish().unwrap();
    a.expect(&format!("FIN {}", long_id("4"))).await;
    b.expect("RDY 1").await;
    b.expect_nothing().await;

    in_flight.clear();
    b.expect("RDY 2").await;
}

#[tokio::test]
async fn a_lost_connection_gives_its_share_back() {
    let (first, second) = (Server::start().await, Server::start().await);
    let _consumer = consumer(from_nsqds(&[&first.address, &second.address], 5));
    let mut a = first.accept_ready(5).await;
    let b = second.accept_subscriber().await;
    a.expect("RDY 3").await;

    drop(b);
    drop(second);

    a.expect("RDY 5").await;
}

#[tokio::test]
async fn with_less_budget_than_connections_some_get_nothing_for_now() {
    let (first, second) = (Server::start().await, Server::start().await);
    let _consumer = consumer(from_nsqds(&[&first.address, &second.address], 1));

    let mut a = first.accept_ready(1).await;
    let mut b = second.accept_subscriber().await;

    a.expect_nothing().await;
    b.expect_nothing().await;
}

#[tokio::test]
async fn with_less_budget_than_connections_they_take_turns() {
    let (first, second) = (Server::start().await, Server::start().await);
    let options = ConsumerOptions {
        rotation_interval: Duration::from_millis(20),
        ..from_nsqds(&[&first.address, &second.address], 1)
    };
    let _consumer = consumer(options);
    let mut a = first.accept_ready(1).await;
    let mut b = second.accept_subscriber().await;

    for _ in 0..3 {
        a.expect("RDY 0").await;
        b.expect("RDY 1").await;
        b.expect("RDY 0").await;
        a.expect("RDY 1").await;
    }
}

#[tokio::test]
async fn a_message_in_flight_holds_the_turn_of_the_others_back() {
    let (first, second) = (Server::start().await, Server::start().await);
    let options = ConsumerOptions {
        rotation_interval: Duration::from_millis(20),
        ..from_nsqds(&[&first.address, &second.address], 1)
    };
    let mut consumer = consumer(options);
    let mut a = first.accept_ready(1).await;
    a.send_message("1", "slow").await;
    let slow = next(&mut consumer).await;
    let mut b = second.accept_subscriber().await;

    a.expect("RDY 0").await;
    a.expect_nothing().await;
    b.expect_nothing().await;
    slow.finish().unwrap();

    a.expect(&format!("FIN {}", long_id("1"))).await;
    b.expect("RDY 1").await;
}

#[tokio::test]
async fn rdy_stays_below_what_nsqd_allows() {
    for (negotiated, expected) in [("{}", "RDY 2500"), (r#"{"max_rdy_count": 7}"#, "RDY 7")] {
        let server = Server::start().await;
        let _consumer = consumer(from_nsqds(&[&server.address], 10_000));

        let mut peer = server.accept_with(negotiated).await;
        peer.expect("SUB images ch").await;
        peer.send(RESPONSE, b"OK").await;

        peer.expect(expected).await;
    }
}
