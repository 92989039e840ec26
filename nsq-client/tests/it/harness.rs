//! What the tests stand on: a scripted server, the real daemons, and waiting with a deadline.

pub(crate) mod daemons;
pub(crate) mod server;

use std::{fmt::Debug, future::Future, num::NonZeroU32, time::Duration};

use nsq_client::{
    Address, Channel, ConnectionOptions, Consumer, ConsumerOptions, Message, Producer, ProducerOptions,
    PublishError, Topic,
};
use tokio::time::{Instant, sleep, timeout};

/// Far longer than anything here takes, on a busy machine too.
const DEADLINE: Duration = Duration::from_secs(20);

/// Awaits something that must happen.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.unwrap_or_else(|_| panic!("did not happen in {DEADLINE:?}: {what}"))
}

/// Probes until the value is accepted; shows the last one when it never is.
pub(crate) async fn eventually<T: Debug>(
    what: &str,
    mut probe: impl AsyncFnMut() -> T,
    accept: impl Fn(&T) -> bool,
) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let value = within(what, probe()).await;
        if accept(&value) {
            return value;
        }
        assert!(Instant::now() < deadline, "did not happen in {DEADLINE:?}: {what}; last seen: {value:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn topic() -> Topic {
    Topic::new("images").unwrap()
}

pub(crate) fn channel() -> Channel {
    Channel::new("ch").unwrap()
}

/// Options that give a test all the time it needs before it plays its side of connecting.
pub(crate) fn patient() -> ConnectionOptions {
    ConnectionOptions { connect_timeout: DEADLINE, ..ConnectionOptions::default() }
}

pub(crate) fn producer(address: &Address) -> Producer {
    producer_for(&[address])
}

pub(crate) fn producer_for(addresses: &[&Address]) -> Producer {
    let options = ProducerOptions { connection: patient(), ..ProducerOptions::default() };
    Producer::new(addresses.iter().copied().cloned().collect(), options).unwrap()
}

/// Options with fixed nsqds only.
pub(crate) fn from_nsqds(addresses: &[&Address], max_in_flight: u32) -> ConsumerOptions {
    ConsumerOptions {
        nsqd_addresses: addresses.iter().copied().cloned().collect(),
        max_in_flight: NonZeroU32::new(max_in_flight).unwrap(),
        // Never, unless the test asks for it.
        rotation_interval: Duration::from_hours(1),
        connection: patient(),
        ..ConsumerOptions::default()
    }
}

/// Repeats a publish until its outcome is accepted.
pub(crate) async fn publish_until(
    accept: fn(&Result<(), PublishError>) -> bool,
    producer: &Producer,
    body: &'static str,
) {
    let publish = async || producer.publish(&topic(), body).await;
    let _accepted = eventually("a publish has the wanted outcome", publish, accept).await;
}

pub(crate) fn consumer(options: ConsumerOptions) -> Consumer {
    Consumer::start(topic(), channel(), options).unwrap()
}

pub(crate) async fn next(consumer: &mut Consumer) -> Message {
    within("a message arrives", consumer.next()).await.expect("the consumer's tasks run")
}
