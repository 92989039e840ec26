//! Pausing a consumer and changing its limit while it runs, as the servers see it.

use std::{num::NonZeroU32, time::Duration};

use nsq_client::ConsumerControl;

use crate::harness::{
    consumer, from_nsqds, next,
    server::{Server, long_id},
};

fn set(control: &ConsumerControl, max_in_flight: u32) {
    control.set_max_in_flight(NonZeroU32::new(max_in_flight).unwrap());
}

#[tokio::test]
async fn a_pause_ends_deliveries_on_every_connection_and_resuming_restores_them() {
    let (first, second) = (Server::start().await, Server::start().await);
    let consumer = consumer(from_nsqds(&[&first.address, &second.address], 5));
    let mut a = first.accept_ready(5).await;
    let mut b = second.accept_subscriber().await;
    a.expect("RDY 3").await;
    b.expect("RDY 2").await;

    consumer.control().pause();
    a.expect("RDY 0").await;
    b.expect("RDY 0").await;
    a.expect_nothing().await;
    b.expect_nothing().await;

    consumer.control().resume();
    a.expect("RDY 3").await;
    b.expect("RDY 2").await;
}

#[tokio::test]
async fn messages_that_were_delivered_before_a_pause_are_handed_out_and_answered() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 2));
    let mut peer = server.accept_ready(2).await;
    peer.send_message("1", "taken").await;
    let taken = next(&mut consumer).await;
    peer.send_message("2", "waiting").await;

    // The pause comes from another task while this one waits for the next message.
    let control = consumer.control();
    tokio::spawn(async move { control.pause() });
    peer.expect("RDY 0").await;
    peer.send_message("3", "crossed the RDY").await;

    let (waiting, crossed) = (next(&mut consumer).await, next(&mut consumer).await);
    assert_eq!(
        (waiting.body().as_ref(), crossed.body().as_ref()),
        (&b"waiting"[..], &b"crossed the RDY"[..])
    );
    taken.finish().unwrap();
    waiting.requeue(Duration::from_secs(1)).unwrap();
    drop(crossed);
    peer.expect(&format!("FIN {}", long_id("1"))).await;
    peer.expect(&format!("REQ {} 1000", long_id("2"))).await;
    peer.expect(&format!("REQ {} 0", long_id("3"))).await;
}

#[tokio::test]
async fn a_connection_that_comes_during_a_pause_gets_its_share_at_its_end() {
    let server = Server::start().await;
    let consumer = consumer(from_nsqds(&[&server.address], 3));
    consumer.control().pause();

    let mut peer = server.accept_subscriber().await;
    peer.expect_nothing().await;
    consumer.control().resume();

    peer.expect("RDY 3").await;
}

#[tokio::test]
async fn of_calls_that_follow_each_other_quickly_the_last_one_rules() {
    let server = Server::start().await;
    let consumer = consumer(from_nsqds(&[&server.address], 8));
    let mut peer = server.accept_ready(8).await;
    let control = consumer.control();

    // Open, half-open and open again, while the connection is still busy with the first.
    for _ in 0..100 {
        control.pause();
        tokio::task::yield_now().await;
        set(&control, 1);
        control.resume();
        tokio::task::yield_now().await;
        control.pause();
    }
    set(&control, 3);
    control.resume();

    let mut last = peer.line().await;
    while last.as_deref() != Some("RDY 3") {
        assert!(matches!(last.as_deref(), Some("RDY 0" | "RDY 1")), "{last:?}");
        last = peer.line().await;
    }
    peer.expect_nothing().await;
}

#[tokio::test]
async fn a_limit_can_be_raised_far_above_that_of_the_start() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;

    set(&consumer.control(), 500);
    peer.expect("RDY 500").await;
    for number in 0..500 {
        peer.send_message(&number.to_string(), "x").await;
    }
    let mut in_flight = Vec::new();
    while in_flight.len() < 500 {
        in_flight.push(next(&mut consumer).await);
    }

    // All in one moment, without an await in which the connection could make room.
    for message in in_flight {
        message.touch().unwrap();
        message.finish().unwrap();
    }
    for number in 0..500 {
        let id = long_id(&number.to_string());
        peer.expect(&format!("TOUCH {id}")).await;
        peer.expect(&format!("FIN {id}")).await;
    }
}

#[tokio::test]
async fn a_change_of_the_limit_keeps_the_sum_below_it() {
    let (first, second) = (Server::start().await, Server::start().await);
    let mut consumer = consumer(from_nsqds(&[&first.address, &second.address], 4));
    let mut a = first.accept_ready(4).await;
    let mut b = second.accept_subscriber().await;
    a.expect("RDY 2").await;
    b.expect("RDY 2").await;
    let mut in_flight = Vec::new();
    for id in ["1", "2"] {
        a.send_message(id, "busy").await;
        in_flight.push(next(&mut consumer).await);
    }

    set(&consumer.control(), 1);
    a.expect("RDY 1").await;
    b.expect("RDY 0").await;

    // Two are in flight at the first: the second has its share only when one of them is answered.
    set(&consumer.control(), 2);
    a.expect_nothing().await;
    b.expect_nothing().await;
    in_flight.pop().unwrap().finish().unwrap();
    a.expect(&format!("FIN {}", long_id("2"))).await;
    b.expect("RDY 1").await;

    set(&consumer.control(), 7);
    a.expect("RDY 4").await;
    b.expect("RDY 3").await;
}
