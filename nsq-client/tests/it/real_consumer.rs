//! Consuming from the real nsqd.

use std::time::Duration;

use bytes::Bytes;
use nsq_client::{ConsumerOptions, Message};
use serde_json::Value;
use tokio::time::timeout;

use crate::harness::{consumer, daemons::Nsqd, eventually, from_nsqds, next, producer, topic, within};

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
async fn a_touched_message_outlives_its_timeout() {
    let nsqd = Nsqd::start().await;
    let options =
        ConsumerOptions { message_timeout: Duration::from_secs(1), ..from_nsqds(&[&nsqd.address()], 4) };
    let mut consumer = consumer(options);
    let producer = producer(&nsqd.address());
    producer.publish(&topic(), "touched").await.unwrap();
    let touched = next(&mut consumer).await;
    producer.publish(&topic(), "left alone").await.unwrap();
    let left_alone = next(&mut consumer).await;

    // The other message shows that timeouts happen: it comes a second and a third time.
    let mut came_again = Vec::new();
    let third_time = async {
        while came_again.len() < 2 {
            match timeout(Duration::from_millis(200), consumer.next()).await {
                Ok(message) => came_again.push(message.unwrap()),
                Err(_) => touched.touch().unwrap(),
            }
        }
    };
    within("the other message comes a third time", third_time).await;

    let bodies: Vec<_> = came_again.iter().map(Message::body).collect();
    assert_eq!(bodies, ["left alone", "left alone"]);
    touched.finish().unwrap();
    came_again.pop().unwrap().finish().unwrap();
    expect_left(&nsqd, 0, 0, 0).await;
    drop((left_alone, came_again));
}

#[tokio::test]
async fn a_paused_consumer_gets_nothing_until_it_is_resumed() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 2));
    let producer = producer(&nsqd.address());
    producer.publish(&topic(), "before").await.unwrap();
    next(&mut consumer).await.finish().unwrap();
    let ready = async || nsqd.channel_stats().await["clients"][0]["ready_count"].as_u64();

    consumer.control().pause();
    eventually("nsqd hears of the pause", ready, |ready| *ready == Some(0)).await;
    producer.publish(&topic(), "during").await.unwrap();
    expect_left(&nsqd, 1, 0, 0).await;
    let early = timeout(Duration::from_millis(500), consumer.next()).await;
    assert!(early.is_err(), "{early:?}");

    consumer.control().resume();
    assert_eq!(next(&mut consumer).await.body(), "during");
    eventually("nsqd hears of the end", ready, |ready| *ready == Some(2)).await;
}
