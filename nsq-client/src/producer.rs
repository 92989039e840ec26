//! [`Producer`]: the caller's side of publishing. It queues each request for one nsqd and waits for its
//! outcome; the connections live in the tasks of [`pipeline`], one for each nsqd.

mod pipeline;
mod standing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::timeout,
};
use tokio_util::sync::DropGuard;

use self::{
    pipeline::Pipeline,
    standing::{Standing, Standings},
};
use crate::{Address, ConnectionOptions, NoAddresses, PublishError, Topic, codec::Command, tasks::Tasks};

/// Requests that wait for one connection; more wait in their callers.
const QUEUE_LEN: usize = 1_000;

/// Options of a [`Producer`].
#[derive(Debug, Clone)]
pub struct ProducerOptions {
    /// From the call of a publish to its outcome, and for [`Producer::close`]. Default: 5 s.
    pub publish_deadline: Duration,
    /// How to connect and to present itself.
    pub connection: ConnectionOptions,
}

impl Default for ProducerOptions {
    fn default() -> Self {
        Self { publish_deadline: Duration::from_secs(5), connection: ConnectionOptions::default() }
    }
}

/// Publishes to the first of its nsqds that is connected, over one long-lived connection to each. Share it
/// in an `Arc`: publishes from many tasks are pipelined. Dropping it ends the connections at once;
/// [`close`](Self::close) flushes first.
#[derive(Debug)]
pub struct Producer {
    /// In the order of the standings.
    queues: Vec<mpsc::Sender<Request>>,
    standings: watch::Receiver<Standings>,
    publish_deadline: Duration,
    tasks: Tasks,
    _abort: DropGuard,
}

/// One publish on its way from a caller to the connection.
struct Request {
    command: Command,
    /// Set once, by the connection when it sends or by the caller when it gives up: whoever comes first.
    claimed: Arc<AtomicBool>,
    /// Dropped without a value when the connection ends, or when there is none.
    outcome: oneshot::Sender<Result<(), PublishError>>,
}

impl Producer {
    /// Takes the nsqds in order of preference; one that is listed twice counts once. Starts the producer's
    /// tasks, so it needs a tokio runtime. They connect at once, and again whenever a connection is lost.
    pub fn new(addresses: Vec<Address>, options: ProducerOptions) -> Result<Self, NoAddresses> {
        let mut nsqds: Vec<Address> = Vec::new();
        for address in addresses {
            if !nsqds.contains(&address) {
                nsqds.push(address);
            }
        }
        if nsqds.is_empty() {
            return Err(NoAddresses);
        }
        let ProducerOptions { publish_deadline, connection } = options;
        let tasks = Tasks::default();
        let (standings, places) = standing::places(nsqds.len());
        let start = |(address, place)| {
            let (queue, requests) = mpsc::channel(QUEUE_LEN);
            let (options, closing) = (connection.clone(), tasks.closing().clone());
            tasks.spawn(Pipeline { place, address, options, requests, closing }.run());
            queue
        };
        let queues = nsqds.into_iter().zip(places).map(start).collect();
        let abort = tasks.abort_on_drop();
        Ok(Self { queues, standings, publish_deadline, tasks, _abort: abort })
    }

    /// Whether any connection stands at this moment. A loss shows as soon as it is noticed, which takes two
    /// heartbeat intervals when nsqd falls silent without closing.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.standings.borrow().contains(&Standing::Connected)
    }

    /// Publishes one message and waits for nsqd's `OK`; while no connection stands, also for first attempts
    /// that are still under way. An empty body is rejected here: sent to nsqd it would cost the connection
    /// and leave the other publishes in flight unknown.
    ///
    /// Dropping the future does not take the message back once it is sent.
    pub async fn publish(&self, topic: &Topic, body: impl Into<Bytes>) -> Result<(), PublishError> {
        let body = body.into();
        reject_empty(&body)?;
        self.request(Command::Publish(topic.clone(), body)).await
    }

    /// Publishes all messages with one command (MPUB), which nsqd accepts or rejects as a whole. An empty
    /// list is `Ok` without a word to nsqd.
    pub async fn publish_many(&self, topic: &Topic, bodies: Vec<Bytes>) -> Result<(), PublishError> {
        bodies.iter().try_for_each(reject_empty)?;
        if bodies.is_empty() {
            return Ok(());
        }
        self.request(Command::PublishMany(topic.clone(), bodies)).await
    }

    /// Sends what is queued where a connection stands, waits for the outcomes up to the publish deadline,
    /// closes the connections and joins the tasks. Later publishes are [`PublishError::NotConnected`].
    pub async fn close(&self) {
        self.tasks.close(self.publish_deadline).await;
    }

    async fn request(&self, command: Command) -> Result<(), PublishError> {
        let claimed = Arc::new(AtomicBool::new(false));
        if let Ok(outcome) = timeout(self.publish_deadline, self.exchange(command, &claimed)).await {
            return outcome;
        }
        let was_sent = claimed.swap(true, Ordering::AcqRel);
        Err(if was_sent { PublishError::Unknown } else { PublishError::NotConnected })
    }

    async fn exchange(&self, command: Command, claimed: &Arc<AtomicBool>) -> Result<(), PublishError> {
        let mut standings = self.standings.clone();
        loop {
            let decided = standings.wait_for(|standings| standing::is_decided(standings)).await;
            let preferred = decided.ok().and_then(|standings| standing::preferred(&standings));
            let queue = &self.queues[preferred.ok_or(PublishError::NotConnected)?];
            let (outcome, answer) = oneshot::channel();
            let request = Request { command: command.clone(), claimed: Arc::clone(claimed), outcome };
            // When the queue is closed the request is dropped, as it is when the connection ends.
            let _ = queue.send(request).await;
            match answer.await {
                Ok(outcome) => return outcome,
                Err(_) if claimed.load(Ordering::Acquire) => return Err(PublishError::Unknown),
                // It was surely not sent: whichever nsqd is connected now may have it.
                Err(_) => {}
            }
        }
    }
}

fn reject_empty(body: &Bytes) -> Result<(), PublishError> {
    if body.is_empty() {
        let (code, description) = ("E_BAD_MESSAGE".to_owned(), "the body is empty".to_owned());
        return Err(PublishError::Rejected { code, description });
    }
    Ok(())
}
