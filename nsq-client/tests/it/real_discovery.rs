//! Discovery through the real nsqlookupd.

use std::{num::NonZeroU32, time::Duration};

use nsq_client::{Address, Channel, Consumer, ConsumerOptions, Topic};

use crate::harness::{
    consumer,
    daemons::{Lookupd, Nsqd},
    next, producer, publish_until, topic,
};

fn from_lookupds(addresses: Vec<Address>) -> ConsumerOptions {
    ConsumerOptions {
        lookupd_addresses: addresses,
        max_in_flight: NonZeroU32::new(4).unwrap(),
        lookup_interval: Duration::from_millis(200),
        ..ConsumerOptions::default()
    }
}

#[tokio::test]
async fn every_nsqd_that_has_the_topic_is_found() {
    let lookupd = Lookupd::start().await;
    let (first, second) = (Nsqd::start_with(&lookupd).await, Nsqd::start_with(&lookupd).await);
    producer(&first.address()).publish(&topic(), "first").await.unwrap();
    producer(&second.address()).publish(&topic(), "second").await.unwrap();

    let mut consumer = consumer(from_lookupds(vec![lookupd.http()]));

    let (one, other) = (next(&mut consumer).await, next(&mut consumer).await);
    let mut bodies = [one.body(), other.body()];
    bodies.sort();
    assert_eq!(bodies, ["first", "second"]);
}

#[tokio::test]
async fn a_topic_created_after_the_consumer_started_is_found() {
    let lookupd = Lookupd::start().await;
    let nsqd = Nsqd::start_with(&lookupd).await;
    let mut consumer = consumer(from_lookupds(vec![lookupd.http()]));
    let early = tokio::time::timeout(Duration::from_secs(1), consumer.next()).await;
    assert!(early.is_err(), "nothing is published yet: {early:?}");

    producer(&nsqd.address()).publish(&topic(), "late").await.unwrap();

    assert_eq!(next(&mut consumer).await.body(), "late");
}

#[tokio::test]
async fn an_ephemeral_topic_is_asked_for_by_its_whole_name() {
    let lookupd = Lookupd::start().await;
    let nsqd = Nsqd::start_with(&lookupd).await;
    let topic = Topic::new("images#ephemeral").unwrap();
    producer(&nsqd.address()).publish(&topic, "short-lived").await.unwrap();

    let channel = Channel::new("ch#ephemeral").unwrap();
    let mut consumer = Consumer::start(topic, channel, from_lookupds(vec![lookupd.http()])).unwrap();

    assert_eq!(next(&mut consumer).await.body(), "short-lived");
}

#[tokio::test]
async fn one_dead_nsqlookupd_does_not_hide_what_the_other_knows() {
    let (mut dead, alive) = (Lookupd::start().await, Lookupd::start().await);
    let nsqd = Nsqd::start_with(&alive).await;
    dead.kill().await;

    let mut consumer = consumer(from_lookupds(vec![dead.http(), alive.http()]));
    producer(&nsqd.address()).publish(&topic(), "found").await.unwrap();

    assert_eq!(next(&mut consumer).await.body(), "found");
}

#[tokio::test]
async fn a_replaced_nsqd_is_found_at_its_new_address() {
    let lookupd = Lookupd::start().await;
    let mut old = Nsqd::start_with(&lookupd).await;
    producer(&old.address()).publish(&topic(), "old").await.unwrap();
    let mut consumer = consumer(from_lookupds(vec![lookupd.http()]));
    next(&mut consumer).await.finish().unwrap();

    old.kill().await;
    let new = Nsqd::start_with(&lookupd).await;
    let producer = producer(&new.address());
    publish_until(Result::is_ok, &producer, "new").await;

    assert_eq!(next(&mut consumer).await.body(), "new");
}

#[tokio::test]
async fn a_restarted_nsqlookupd_is_asked_again_and_its_absence_stops_nothing() {
    let mut lookupd = Lookupd::start().await;
    let mut old = Nsqd::start_with(&lookupd).await;
    let to_old = producer(&old.address());
    to_old.publish(&topic(), "before").await.unwrap();
    let mut consumer = consumer(from_lookupds(vec![lookupd.http()]));
    next(&mut consumer).await.finish().unwrap();

    // Without nsqlookupd the nsqd that is known is found again after its own death.
    lookupd.kill().await;
    old.kill().await;
    old.restart().await;
    publish_until(Result::is_ok, &to_old, "during").await;
    let during = next(&mut consumer).await;
    assert_eq!(during.body(), "during");
    during.finish().unwrap();

    lookupd.restart().await;
    let new = Nsqd::start_with(&lookupd).await;
    producer(&new.address()).publish(&topic(), "after").await.unwrap();
    assert_eq!(next(&mut consumer).await.body(), "after");
}
