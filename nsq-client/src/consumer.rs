//! [`Consumer`]: the caller's side of consuming. Behind it run one [`coordinator`], one [`subscription`]
//! task per nsqd and, with nsqlookupd, one [`lookup`] task.

mod control;
mod coordinator;
mod lookup;
mod ready;
mod session;
mod subscription;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use tokio::sync::mpsc;
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::control::{ConsumerControl, ConsumerStatus};
use self::{coordinator::Coordinator, lookup::Lookup, subscription::Target};
use crate::{Address, Channel, ConnectionOptions, Message, NoAddresses, Topic, tasks::Tasks};

/// Messages that wait for [`Consumer::next`]; more wait in their connections.
const DELIVERY_QUEUE_LEN: usize = 64;
/// Events of the tasks that the coordinator has not yet seen; more wait in their tasks.
const EVENT_QUEUE_LEN: usize = 64;
/// For giving back, after the deadline of a close, what was not answered by then.
const GIVE_BACK_TIMEOUT: Duration = Duration::from_secs(2);

/// Options of a [`Consumer`]. At least one address of either kind is needed.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// HTTP addresses of nsqlookupds. All are asked, and every nsqd that any of them knows is used.
    pub lookupd_addresses: Vec<Address>,
    /// nsqds to use whatever nsqlookupd says. One that is listed here under another name than
    /// nsqlookupd's is connected twice.
    pub nsqd_addresses: Vec<Address>,
    /// How many messages may be in flight at once, over all nsqds, by nsqd's count: one that timed out is
    /// no longer in flight, though a handler may still hold it. [`ConsumerControl`] changes it later.
    /// Default: 1.
    pub max_in_flight: NonZeroU32,
    /// After this time nsqd delivers an unanswered message again. nsqd accepts 1 s to 15 min.
    /// Default: 60 s.
    pub message_timeout: Duration,
    /// Between two questions to the nsqlookupds; every 500 ms while no nsqd is known. Default: 15 s.
    pub lookup_interval: Duration,
    /// How long a set of nsqds may deliver before it is the turn of the next, while there are more nsqds
    /// than `max_in_flight`. Default: 5 s.
    pub rotation_interval: Duration,
    /// How to connect and to present itself.
    pub connection: ConnectionOptions,
}

impl Default for ConsumerOptions {
    fn default() -> Self {
        Self {
            lookupd_addresses: Vec::new(),
            nsqd_addresses: Vec::new(),
            max_in_flight: NonZeroU32::MIN,
            message_timeout: Duration::from_mins(1),
            lookup_interval: Duration::from_secs(15),
            rotation_interval: Duration::from_secs(5),
            connection: ConnectionOptions::default(),
        }
    }
}

/// Receives the messages of one channel from every nsqd that has its topic. Dropping it ends the
/// connections at once; [`close`](Self::close) lets messages in flight be answered first.
#[derive(Debug)]
pub struct Consumer {
    messages: mpsc::Receiver<Message>,
    overdue: CancellationToken,
    status: ConsumerStatus,
    control: ConsumerControl,
    tasks: Tasks,
    _abort: DropGuard,
}

impl Consumer {
    /// Starts the consumer's tasks, so it needs a tokio runtime. They connect, and reconnect, for ever.
    pub fn start(topic: Topic, channel: Channel, options: ConsumerOptions) -> Result<Self, NoAddresses> {
        let fixed = options.nsqd_addresses;
        if fixed.is_empty() && options.lookupd_addresses.is_empty() {
            return Err(NoAddresses);
        }
        let (tasks, overdue, status) =
            (Tasks::default(), CancellationToken::new(), ConsumerStatus::default());
        let (control, limit) = ConsumerControl::new(options.max_in_flight);
        let (deliveries, messages) = mpsc::channel(DELIVERY_QUEUE_LEN);
        let (events, incoming) = mpsc::channel(EVENT_QUEUE_LEN);

        if !options.lookupd_addresses.is_empty() {
            let lookup = Lookup::new(options.lookupd_addresses, topic.clone(), options.lookup_interval);
            let closing = tasks.closing().clone();
            let run = lookup.run(events.clone(), !fixed.is_empty());
            tasks.spawn(async move {
                closing.run_until_cancelled(run).await;
            });
        }
        let target = Target {
            topic,
            channel,
            message_timeout: options.message_timeout,
            connection: options.connection,
            overdue: overdue.clone(),
            subscribed: status.subscribed.clone(),
        };
        let coordinator = Coordinator::new(Arc::new(target), limit, deliveries, events, tasks.clone());
        tasks.spawn(coordinator.run(fixed, incoming, options.rotation_interval));

        let abort = tasks.abort_on_drop();
        Ok(Self { messages, overdue, status, control, tasks, _abort: abort })
    }

    /// A handle that tells how this consumer is doing, for a health check that does not own it.
    #[must_use]
    pub fn status(&self) -> ConsumerStatus {
        self.status.clone()
    }

    /// A handle that pauses this consumer or changes how much it may receive, for any task.
    #[must_use]
    pub fn control(&self) -> ConsumerControl {
        self.control.clone()
    }

    /// The next message, as soon as there is one. Cancel-safe. `None` would mean that the consumer's
    /// tasks have ended by themselves, which only a bug can cause. Messages whose connection was lost while
    /// they waited here are left out: nsqd delivers them again.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            let message = self.messages.recv().await?;
            if !message.is_stale() {
                return Some(message);
            }
        }
    }

    /// Stops deliveries, requeues what was not taken with [`next`](Self::next), waits up to the deadline
    /// until the messages in flight are answered, then closes the connections and joins the tasks.
    /// Messages still unanswered at the deadline are requeued and stale; that takes 2 s at most.
    pub async fn close(mut self, deadline: Duration) {
        // First, so that nsqd hears of the closing before messages return to it: it would deliver them again.
        self.tasks.closing().cancel();
        self.messages.close();
        while self.messages.recv().await.is_some() {}
        if !self.tasks.finish(deadline).await {
            self.overdue.cancel();
            self.tasks.close(GIVE_BACK_TIMEOUT).await;
        }
    }
}
