//! Consuming from the real nsqd.

use std::time::Duration;

use bytes::Bytes;
use nsq_client::{ConsumerOptions, Message};
use serde_json::Value;

use crate::harness::{
    consumer, daemons::Nsqd, eventually, from_nsqds, next, producer, publish_until, topic, within,
};

/// Waits until nsqd has exactly these messages left: waiting, delayed, and in flight.
async fn expect_left(nsqd: &Nsqd, depth: u64, deferred: u64, in_flight: u64) {
    let counts =
        |stats: &Value| ["depth", "deferred_count", "in_flight_count"].map(|name| stats[name].as_u64());
    let wanted = [depth, deferred, in_flight].map(Some);
    eventually("nsqd has what is left", async || counts(&nsqd.channel_stats().await), |left| *left == wanted)
        .await;
}

#[tokio::test]
async fn a_published_message_is_consumed_and_finished() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 1));

    producer(&nsqd.address()).publish(&topic(), "hello").await.unwrap();
    let message = next(&mut consumer).await;

    assert_eq!(message.body(), "hello");
    assert_eq!(message.attempts(), 1);
    expect_left(&nsqd, 0, 0, 1).await;
    message.finish().unwrap();
    expect_left(&nsqd, 0, 0, 0).await;
}

#[tokio::test]
async fn a_requeued_message_comes_again_as_the_second_attempt() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 1));
    producer(&nsqd.address()).publish(&topic(), "again").await.unwrap();

    let first = next(&mut consumer).await;
    let id = first.id();
    first.requeue(Duration::from_millis(50)).unwrap();
    let second = next(&mut consumer).await;

    assert_eq!((second.id(), second.attempts()), (id, 2));
    second.finish().unwrap();
    expect_left(&nsqd, 0, 0, 0).await;
}

#[tokio::test]
async fn an_answer_after_the_message_timeout_does_not_stop_the_consumer() {
    let nsqd = Nsqd::start().await;
    let options =
        ConsumerOptions { message_timeout: Duration::from_secs(1), ..from_nsqds(&[&nsqd.address()], 1) };
    let mut consumer = consumer(options);
    producer(&nsqd.address()).publish(&topic(), "slow").await.unwrap();

    let late = next(&mut consumer).await;
    let again = next(&mut consumer).await;
    assert_eq!(again.attempts(), 2);
    again.finish().unwrap();
    late.finish().unwrap();

    producer(&nsqd.address()).publish(&topic(), "after").await.unwrap();
    assert_eq!(next(&mut consumer).await.body(), "after");
}

#[tokio::test]
async fn closing_leaves_nothing_in_flight() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 10));
    let producer = producer(&nsqd.address());
    for _ in 0..10 {
        producer.publish(&topic(), "x").await.unwrap();
    }
    let taken = next(&mut consumer).await;
    expect_left(&nsqd, 0, 0, 10).await;

    let closing = tokio::spawn(consumer.close(Duration::from_secs(10)));
    expect_left(&nsqd, 9, 0, 1).await;
    taken.finish().unwrap();
    closing.await.unwrap();

    expect_left(&nsqd, 9, 0, 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn closing_gives_back_at_once_what_was_not_taken() {
    let nsqd = Nsqd::start().await;
    let bodies = vec![Bytes::from_static(b"x"); 10];
    producer(&nsqd.address()).publish_many(&topic(), bodies).await.unwrap();

    for _ in 0..20 {
        let consumer = consumer(from_nsqds(&[&nsqd.address()], 10));
        expect_left(&nsqd, 0, 0, 10).await;

        within("close ends", consumer.close(Duration::from_secs(10))).await;

        expect_left(&nsqd, 10, 0, 0).await;
    }
}

#[tokio::test]
async fn both_ends_go_on_by_themselves_when_nsqd_is_killed_and_restarted() {
    let mut nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 1));
    let producer = producer(&nsqd.address());
    producer.publish(&topic(), "before").await.unwrap();
    let before: Message = next(&mut consumer).await;

    nsqd.kill().await;
    publish_until(Result::is_err, &producer, "lost").await;
    nsqd.restart().await;
    publish_until(Result::is_ok, &producer, "after").await;

    assert_eq!(next(&mut consumer).await.body(), "after");
    before.finish().expect_err("its connection is gone");
}
