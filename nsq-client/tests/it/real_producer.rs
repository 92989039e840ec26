//! Publishing to the real nsqd.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use nsq_client::PublishError;
use tokio::task::JoinSet;

use crate::harness::{consumer, daemons::Nsqd, from_nsqds, next, producer, topic, within};

#[tokio::test]
async fn a_thousand_pipelined_publishes_all_arrive() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 100));
    let producer = Arc::new(producer(&nsqd.address()));

    let mut publishes = JoinSet::new();
    for number in 0..1_000_u32 {
        let producer = Arc::clone(&producer);
        publishes.spawn(async move { producer.publish(&topic(), number.to_string()).await });
    }
    let outcomes = within("all publishes end", publishes.join_all()).await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");

    let mut arrived = BTreeSet::new();
    while arrived.len() < 1_000 {
        let message = next(&mut consumer).await;
        arrived.insert(message.body().clone());
        message.finish().unwrap();
    }
    producer.close().await;
}

#[tokio::test]
async fn several_messages_published_as_one_arrive_each() {
    let nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 1));
    let producer = producer(&nsqd.address());

    producer.publish_many(&topic(), vec![Bytes::from_static(b"a"), Bytes::from_static(b"b")]).await.unwrap();

    let mut arrived = BTreeSet::new();
    while arrived.len() < 2 {
        let message = next(&mut consumer).await;
        arrived.insert(message.body().clone());
        message.finish().unwrap();
    }
}

#[tokio::test]
async fn a_message_beyond_nsqds_limit_is_rejected_and_the_next_one_is_not() {
    let nsqd = Nsqd::start().await;
    let producer = producer(&nsqd.address());

    let too_long = producer.publish(&topic(), vec![0; 2 * 1024 * 1024]).await;

    let Err(PublishError::Rejected { code, .. }) = &too_long else { panic!("not rejected: {too_long:?}") };
    assert_eq!(code, "E_BAD_MESSAGE");
    assert_eq!(producer.publish(&topic(), "short").await, Ok(()));
}
