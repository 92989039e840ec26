//! From the outbox row to NSQ, at once after the commit.
//!
//! A request hands its message over and does not wait for the queue: the row is stored, and a message that cannot be
//! sent now stays in the outbox for the relay. Messages that wait together travel together (MPUB), and are marked
//! together a moment later: marking is a transaction, and those that store pictures come first.

use std::time::Duration;

use nsq_client::Topic;
use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use crate::{
    message,
    relay::{BATCH_AT_MOST, Outbox, Queue},
};

/// Messages that wait for the publisher at most; what does not fit stays in the outbox.
const WAITING_AT_MOST: usize = 10_000;
/// Messages are marked when there are as many as this ...
const MARKED_AT_ONCE: usize = 1_000;
/// ... or when the first of them was sent so long ago. Far less than the time that the relay leaves us.
const MARKED_WITHIN: Duration = Duration::from_millis(200);

/// One row of the outbox, committed and to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Of its row.
    pub outbox_id: u64,
    /// What is sent.
    pub body: Vec<u8>,
}

/// The way to the publisher; cheap to clone. The publisher ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Publisher {
    waiting: mpsc::Sender<Announcement>,
}

impl Publisher {
    /// Hands over what was committed.
    pub fn announce(&self, announcements: Vec<Announcement>) {
        let mut left = 0_usize;
        for announcement in announcements {
            left += usize::from(self.waiting.try_send(announcement).is_err());
        }
        if left > 0 {
            tracing::warn!(left, "too many messages wait for nsqd, these are left to the relay");
        }
    }

    /// Waits until the publisher has room for another group, of fewer messages than may wait: for those who bring more
    /// than it can publish.
    pub async fn room(&self, messages: usize) {
        // It ends only when it lost its task, and then nobody needs room.
        let _room = self.waiting.reserve_many(messages).await;
    }
}

/// Starts the publisher. Its task is to be joined after every [`Publisher`] is gone.
pub fn start<O: Outbox + 'static, Q: Queue>(outbox: O, queue: Q) -> (Publisher, JoinHandle<()>) {
    let (waiting, next) = mpsc::channel(WAITING_AT_MOST);
    let publishing = Publishing { outbox, queue, sent: Vec::new(), mark_by: Instant::now(), reached: true };
    (Publisher { waiting }, tokio::spawn(publishing.run(next)))
}

struct Publishing<O, Q> {
    outbox: O,
    queue: Q,
    /// Published and not yet marked.
    sent: Vec<u64>,
    /// When they are to be marked.
    mark_by: Instant,
    /// Whether the last messages reached the queue.
    reached: bool,
}

impl<O: Outbox, Q: Queue> Publishing<O, Q> {
    async fn run(mut self, mut next: mpsc::Receiver<Announcement>) {
        let topic: Topic = message::TOPIC.parse().expect("the topic's name is valid");
        let mut batch = Vec::new();
        loop {
            let received = next.recv_many(&mut batch, BATCH_AT_MOST);
            let received = if self.sent.is_empty() {
                Ok(received.await)
            } else {
                timeout_at(self.mark_by, received).await
            };
            match received {
                Ok(0) => break,
                Ok(_) => self.publish(&topic, &mut batch).await,
                Err(_) => self.mark().await,
            }
        }
        self.mark().await;
    }

    async fn publish(&mut self, topic: &Topic, batch: &mut Vec<Announcement>) {
        let ids: Vec<u64> = batch.iter().map(|announcement| announcement.outbox_id).collect();
        let bodies = batch.drain(..).map(|announcement| announcement.body.into()).collect();
        let published = self.queue.publish_many(topic, bodies).await;
        let label = if published.is_ok() { "yes" } else { "no" };
        metrics::counter!("rollcall_messages_total", "by" => "publisher", "published" => label)
            .increment(ids.len() as u64);
        match published {
            Ok(()) => self.note_sent(ids).await,
            Err(error) if self.reached => {
                tracing::warn!(%error, "messages are left to the relay until nsqd takes them again");
                self.reached = false;
            }
            Err(_) => {}
        }
    }

    async fn note_sent(&mut self, ids: Vec<u64>) {
        if !self.reached {
            tracing::info!("nsqd takes messages again");
            self.reached = true;
        }
        if self.sent.is_empty() {
            self.mark_by = Instant::now() + MARKED_WITHIN;
        }
        self.sent.extend(ids);
        if self.sent.len() >= MARKED_AT_ONCE || Instant::now() >= self.mark_by {
            self.mark().await;
        }
    }

    /// A message that was sent and is not marked is sent again some time, which harms nobody.
    async fn mark(&mut self) {
        let sent = std::mem::take(&mut self.sent);
        if let Err(error) = self.outbox.mark_published(&sent).await {
            tracing::warn!(%error, count = sent.len(), "published messages could not be marked");
        }
    }
}
