//! What the worker asks of the queue, whichever one brings the messages. In production it is NSQ; a simulation may put
//! a model in its place.

mod nsq;

use std::{future::Future, num::NonZeroU32, time::Duration};

use thiserror::Error;

/// The message is no longer ours to answer: it comes again, to us or to another worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the message is no longer ours: the queue brings it again")]
pub struct Stale;

/// Brings messages.
pub trait Queue: Send {
    /// What it brings.
    type Message: Message;
    /// How much of it is wanted.
    type Valve: Valve;

    /// The next message; `None` when the queue has ended by itself. Cancel-safe.
    fn next(&mut self) -> impl Future<Output = Option<Self::Message>> + Send;

    /// Controls the flow while somebody else waits for messages.
    fn valve(&self) -> Self::Valve;

    /// Takes no more messages and waits, up to the deadline, until those in work are answered.
    fn close(self, deadline: Duration) -> impl Future<Output = ()> + Send;
}

/// One delivery, answered once. Dropped unanswered, it comes again at once.
pub trait Message: Send + Sync + 'static {
    /// What was published.
    fn body(&self) -> &[u8];

    /// How often it was delivered, this time included.
    fn deliveries(&self) -> u16;

    /// Begins the time anew after which an unanswered message comes again.
    fn touch(&self) -> Result<(), Stale>;

    /// It has done its work.
    fn finish(self) -> Result<(), Stale>;

    /// It comes again after a delay.
    fn requeue(self, after: Duration) -> Result<(), Stale>;
}

/// Sets how many messages may be in flight; the last word counts.
pub trait Valve: Send + Sync + 'static {
    /// This many at most; `None` closes it.
    fn set(&self, in_flight: Option<NonZeroU32>);
}
