//! From the outbox row to NSQ, at once after the commit.
//!
//! A request hands its message over and does not wait for the queue: the row is stored, and a message that cannot be
//! sent now stays in the outbox. Messages that wait together travel together (MPUB).

use std::{sync::Arc, time::Duration};

use nsq_client::{Producer, Topic};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

use crate::{message, store::Store};

/// Messages that wait for the publisher at most; what does not fit stays in the outbox.
const WAITING_AT_MOST: usize = 10_000;
/// Messages of one MPUB at most. Each is under 100 bytes, far below nsqd's limit of 5 MiB.
const BATCH_AT_MOST: usize = 500;
const DATABASE_TIMEOUT: Duration = Duration::from_secs(5);

/// One row of the outbox, committed and to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Announcement {
    pub(crate) outbox_id: u64,
    pub(crate) body: Vec<u8>,
}

/// The way to the publisher; cheap to clone. The publisher ends when the last one is dropped.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    waiting: mpsc::Sender<Announcement>,
}

impl Publisher {
    /// Hands over what was committed.
    pub(crate) fn announce(&self, announcement: Announcement) {
        if let Err(mpsc::error::TrySendError::Full(left)) = self.waiting.try_send(announcement) {
            tracing::warn!(
                outbox.id = left.outbox_id,
                "too many messages wait for nsqd, this one stays in the outbox"
            );
        }
    }
}

/// Starts the publisher. Its task is to be joined after every [`Publisher`] is gone.
pub(crate) fn start(store: Store, producer: Arc<Producer>) -> (Publisher, JoinHandle<()>) {
    let (waiting, next) = mpsc::channel(WAITING_AT_MOST);
    (Publisher { waiting }, tokio::spawn(publish_all(store, producer, next)))
}

async fn publish_all(store: Store, producer: Arc<Producer>, mut next: mpsc::Receiver<Announcement>) {
    let topic: Topic = message::TOPIC.parse().expect("the topic's name is valid");
    let mut batch = Vec::new();
    while next.recv_many(&mut batch, BATCH_AT_MOST).await > 0 {
        let ids: Vec<u64> = batch.iter().map(|announcement| announcement.outbox_id).collect();
        let bodies = batch.drain(..).map(|announcement| announcement.body.into()).collect();
        let published = producer.publish_many(&topic, bodies).await;
        metrics::counter!("rollcall_messages_total", "published" => if published.is_ok() { "yes" } else { "no" })
            .increment(ids.len() as u64);
        match published {
            Ok(()) => mark_published(&store, &ids).await,
            Err(error) => tracing::warn!(%error, count = ids.len(), "messages stay in the outbox"),
        }
    }
}

/// A message that was sent and is not marked is sent again some time, which harms nobody.
async fn mark_published(store: &Store, ids: &[u64]) {
    match timeout(DATABASE_TIMEOUT, store.mark_published(ids)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "published messages could not be marked"),
        Err(_) => tracing::warn!("published messages could not be marked: the database does not answer"),
    }
}
