//! TOUCH against a scripted server: what goes over the wire, and that touching never costs an answer.

use std::time::Duration;

use nsq_client::StaleMessage;

use crate::harness::{
    consumer, from_nsqds, next,
    server::{ERROR, Server, long_id},
};

#[tokio::test]
async fn a_touch_goes_out_before_the_answer_and_as_often_as_it_is_asked_for() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;
    peer.send_message("1", "slow").await;
    let slow = next(&mut consumer).await;

    for _ in 0..3 {
        slow.touch().unwrap();
        peer.expect(&format!("TOUCH {}", long_id("1"))).await;
    }
    slow.touch().unwrap();
    slow.finish().unwrap();

    peer.expect(&format!("TOUCH {}", long_id("1"))).await;
    peer.expect(&format!("FIN {}", long_id("1"))).await;
}

#[tokio::test]
async fn touches_that_follow_each_other_at_once_are_one_and_leave_room_for_every_answer() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 2));
    let mut peer = server.accept_ready(2).await;
    peer.send_message("1", "slow").await;
    peer.send_message("2", "slow").await;
    let (first, second) = (next(&mut consumer).await, next(&mut consumer).await);

    // The test's runtime has one thread: nothing is written before the next await. This is far more than
    // the connection's queue has room for.
    for _ in 0..50_000 {
        first.touch().unwrap();
        second.touch().unwrap();
    }
    second.finish().unwrap();
    first.requeue(Duration::ZERO).unwrap();

    for line in [
        format!("TOUCH {}", long_id("1")),
        format!("TOUCH {}", long_id("2")),
        format!("FIN {}", long_id("2")),
        format!("REQ {} 0", long_id("1")),
    ] {
        peer.expect(&line).await;
    }
}

#[tokio::test]
async fn a_touch_that_comes_too_late_leaves_the_message_to_be_answered() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;
    peer.send_message("1", "late").await;
    let late = next(&mut consumer).await;

    late.touch().unwrap();
    peer.expect(&format!("TOUCH {}", long_id("1"))).await;
    peer.send(ERROR, b"E_TOUCH_FAILED TOUCH 1 failed ID not in flight").await;
    peer.expect_nothing().await;

    late.finish().unwrap();
    peer.expect(&format!("FIN {}", long_id("1"))).await;
}

#[tokio::test]
async fn a_touch_of_a_message_whose_connection_is_lost_is_stale() {
    let server = Server::start().await;
    let mut consumer = consumer(from_nsqds(&[&server.address], 1));
    let mut peer = server.accept_ready(1).await;
    peer.send_message("1", "old").await;
    let old = next(&mut consumer).await;

    drop(peer);
    let mut peer = server.accept_ready(1).await;

    assert_eq!(old.touch(), Err(StaleMessage));
    peer.expect_nothing().await;
}
