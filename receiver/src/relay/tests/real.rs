//! The relay between a real MariaDB and a real nsqd.

use std::{
    collections::BTreeSet,
    num::NonZeroU32,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use bytes::Bytes;
use nsq_client::{Address, Consumer, ConsumerOptions, Producer, ProducerOptions, PublishError, Topic};
use picture_path::PicturePath;
use rollcall_tests::{installed::Installed, mariadb::ScratchDatabase, nsq::NsqDaemon, wait::until};
use service_kit::jitter::Jitter;
use tempfile::TempDir;
use tokio::{net::TcpSocket, task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    message::TOPIC,
    relay::{Queue, Relay},
    store::{Post, Store},
};

const PATIENCE: Duration = Duration::from_secs(30);

struct Nsq {
    nsqd: NsqDaemon,
    _lookupd: NsqDaemon,
    _folder: TempDir,
}

impl Nsq {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let installed = Installed::find()?;
        let lookupd = NsqDaemon::start_lookupd(&installed, folder.path(), folder.path()).await?;
        let data = folder.path().join("nsqd");
        let nsqd = NsqDaemon::start_nsqd(&installed, &lookupd, &data, folder.path()).await?;
        Ok(Self { nsqd, _lookupd: lookupd, _folder: folder })
    }

    fn address(&self) -> anyhow::Result<Address> {
        Ok(Address::new("127.0.0.1", self.nsqd.tcp.port())?)
    }

    fn producer(&self) -> anyhow::Result<Arc<Producer>> {
        Ok(Arc::new(Producer::new(vec![self.address()?], ProducerOptions::default())?))
    }

    fn consumer(&self) -> anyhow::Result<Consumer> {
        let options = ConsumerOptions {
            nsqd_addresses: vec![self.address()?],
            max_in_flight: NonZeroU32::new(100).expect("100 is not 0"),
            ..ConsumerOptions::default()
        };
        Ok(Consumer::start(TOPIC.parse()?, "ch".parse()?, options)?)
    }
}

/// Posts new paths whose messages are due, as they are when the publisher did not send them.
async fn insert_due(database: &ScratchDatabase, store: &Store, count: u64) -> anyhow::Result<BTreeSet<u64>> {
    let path = |number| PicturePath::parse(&format!("/{number}.jpg"), Path::new("/"));
    let posts: Vec<Post> =
        (0..count).map(|number| Ok(Post::new(path(number)?, None, false))).collect::<anyhow::Result<_>>()?;
    let committed = store.accept_all(&posts).await?;
    sqlx::query("UPDATE outbox SET due_at = UTC_TIMESTAMP(6)").execute(&database.pool).await?;
    Ok(committed.accepted.iter().map(|accepted| accepted.id).collect())
}

fn start_relay<Q: Queue>(store: &Store, queue: Q, stopping: &CancellationToken) -> JoinHandle<()> {
    tokio::spawn(Relay::new(store.clone(), queue, Jitter::of(|| 0.5)).run(stopping.clone()))
}

/// How many messages have been published, and how often at most.
async fn wait_until_published(database: &ScratchDatabase, wanted: u64) -> anyhow::Result<u64> {
    until("messages to be published", PATIENCE, async || {
        let (published, most): (u64, u64) = sqlx::query_as(
            "SELECT CAST(COUNT(published_at) AS UNSIGNED), CAST(MAX(publishes) AS UNSIGNED) FROM outbox",
        )
        .fetch_one(&database.pool)
        .await?;
        anyhow::ensure!(published == wanted, "{published} of {wanted}");
        Ok(most)
    })
    .await
}

/// The images that messages name; each message in its turn.
async fn receive(consumer: &mut Consumer, count: usize) -> anyhow::Result<Vec<u64>> {
    let mut images = Vec::new();
    while images.len() < count {
        let message = timeout(PATIENCE, consumer.next()).await.context("no message comes")?;
        let message = message.context("the consumer ended")?;
        images.push(u64::from_le_bytes(message.body()[..8].try_into()?));
        message.finish()?;
    }
    Ok(images)
}

#[tokio::test]
async fn two_relays_send_each_message_to_nsqd_once() -> anyhow::Result<()> {
    let (database, nsq) = tokio::try_join!(ScratchDatabase::start(), Nsq::start())?;
    let store = Store::new(database.pool.clone());
    let images = insert_due(&database, &store, 1_500).await?;
    let mut consumer = nsq.consumer()?;
    let stopping = CancellationToken::new();

    let relays: Vec<_> =
        (0..2).map(|_| Ok(start_relay(&store, nsq.producer()?, &stopping))).collect::<anyhow::Result<_>>()?;
    let most = wait_until_published(&database, 1_500).await?;

    let received = receive(&mut consumer, 1_500).await?;
    assert_eq!(received.into_iter().collect::<BTreeSet<_>>(), images);
    assert_eq!(most, 1, "no message was sent twice");
    stopping.cancel();
    for relay in relays {
        relay.await?;
    }
    consumer.close(PATIENCE).await;
    Ok(())
}

/// Tells how often the relay tried to publish.
#[derive(Clone)]
struct Watched {
    producer: Arc<Producer>,
    tries: Arc<AtomicUsize>,
}

impl Queue for Watched {
    async fn publish_many(&self, topic: &Topic, bodies: Vec<Bytes>) -> Result<(), PublishError> {
        self.tries.fetch_add(1, Ordering::Relaxed);
        self.producer.publish_many(topic, bodies).await
    }
}

#[tokio::test]
async fn messages_wait_for_an_nsqd_that_is_away() -> anyhow::Result<()> {
    let (database, mut nsq) = tokio::try_join!(ScratchDatabase::start(), Nsq::start())?;
    let store = Store::new(database.pool.clone());
    let mut same_place = nsq.nsqd.process().recipe().clone();
    same_place.arguments[0] = format!("-tcp-address={}", nsq.nsqd.tcp).into();
    let nsqd = nsq.nsqd.tcp;
    nsq.nsqd.stop().await?;
    // Bound and not listening: nobody else takes the port, and nsqd can share it.
    let place = TcpSocket::new_v4()?;
    place.set_reuseaddr(true)?;
    place.bind(nsqd)?;
    let producer = Producer::new(vec![Address::new("127.0.0.1", nsqd.port())?], ProducerOptions::default())?;
    let queue = Watched { producer: Arc::new(producer), tries: Arc::default() };
    insert_due(&database, &store, 3).await?;
    let stopping = CancellationToken::new();
    let relay = start_relay(&store, queue.clone(), &stopping);
    until("the relay to try in vain", PATIENCE, async || match queue.tries.load(Ordering::Relaxed) {
        tries @ 0..2 => Err(format!("{tries} tries")),
        _ => Ok(()),
    })
    .await?;

    let _back = same_place.start()?;

    wait_until_published(&database, 3).await?;
    stopping.cancel();
    relay.await?;
    Ok(())
}
