//! [`Producer`]: the caller's side of publishing. It queues requests and waits for their outcome; the
//! connection lives in the task of [`pipeline`].

mod pipeline;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tokio_util::{sync::DropGuard, task::TaskTracker};

use self::pipeline::Pipeline;
use crate::{Address, ConnectionOptions, PublishError, Topic, codec::Command, tasks::Tasks};

/// Requests that wait for the connection; more wait in their callers.
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

/// Publishes to one nsqd over one long-lived connection. Share it in an `Arc`: publishes from many
/// tasks are pipelined. Dropping it ends the connection at once; [`close`](Self::close) flushes first.
#[derive(Debug)]
pub struct Producer {
    requests: mpsc::Sender<Request>,
    publish_deadline: Duration,
    /// Holds one token while the connection stands.
    connected: TaskTracker,
    tasks: Tasks,
    _abort: DropGuard,
}

/// One publish on its way from a caller to the connection.
struct Request {
    command: Command,
    /// Set once, by the connection when it sends or by the caller when it gives up: whoever comes first.
    claimed: Arc<AtomicBool>,
    /// Dropped without a value when the connection ends.
    outcome: oneshot::Sender<Result<(), PublishError>>,
}

impl Producer {
    /// Starts the producer's task, so it needs a tokio runtime. The task connects at once, and again
    /// whenever the connection is lost; publishes wait for a first attempt that is still under way.
    #[must_use]
    pub fn new(address: Address, options: ProducerOptions) -> Self {
        let (requests, queue) = mpsc::channel(QUEUE_LEN);
        let (tasks, connected) = (Tasks::default(), TaskTracker::new());
        let pipeline = Pipeline {
            address,
            options: options.connection,
            requests: queue,
            closing: tasks.closing().clone(),
            connected: connected.clone(),
        };
        tasks.spawn(pipeline.run());
        let abort = tasks.abort_on_drop();
        Self { requests, publish_deadline: options.publish_deadline, connected, tasks, _abort: abort }
    }

    /// Whether the connection stands at this moment. A loss shows as soon as it is noticed, which takes two
    /// heartbeat intervals when nsqd falls silent without closing.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        !self.connected.is_empty()
    }

    /// Publishes one message and waits for nsqd's `OK`. An empty body is rejected here: sent to nsqd it
    /// would cost the connection and leave the other publishes in flight unknown.
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

    /// Sends what is queued, if the connection stands, waits for the outcomes up to the publish deadline,
    /// closes the connection and joins the task. Later publishes are [`PublishError::NotConnected`].
    pub async fn close(&self) {
        self.tasks.close(self.publish_deadline).await;
    }

    async fn request(&self, command: Command) -> Result<(), PublishError> {
        let (outcome, answer) = oneshot::channel();
        let claimed = Arc::new(AtomicBool::new(false));
        let request = Request { command, claimed: Arc::clone(&claimed), outcome };

        let exchange = async {
            self.requests.send(request).await.ok()?;
            answer.await.ok()
        };
        if let Ok(Some(outcome)) = timeout(self.publish_deadline, exchange).await {
            return outcome;
        }
        let was_sent = claimed.swap(true, Ordering::AcqRel);
        Err(if was_sent { PublishError::Unknown } else { PublishError::NotConnected })
    }
}

fn reject_empty(body: &Bytes) -> Result<(), PublishError> {
    if body.is_empty() {
        let (code, description) = ("E_BAD_MESSAGE".to_owned(), "the body is empty".to_owned());
        return Err(PublishError::Rejected { code, description });
    }
    Ok(())
}
