//! What the relay needs of the database.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;

/// A message that is due and leased to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// Of its row.
    pub id: u64,
    /// As it is stored, which does not make it a name that the queue knows.
    pub topic: String,
    /// What is sent.
    pub body: Bytes,
    /// How often it was sent before.
    pub publishes: u32,
}

/// An image that has been due for a while and that no worker took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// Which one.
    pub image_id: u64,
    /// The W3C trace context of the request that brought it.
    pub traceparent: Option<String>,
    /// The last message that announced it, as long as that is kept.
    pub last_message: Option<LastMessage>,
}

/// The last message that announced an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastMessage {
    /// Of its row.
    pub id: u64,
    /// How long ago it was published; none while it waits for that.
    pub published: Option<Duration>,
    /// How often it was sent.
    pub publishes: u32,
}

/// A part of the images that wait too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverduePage<P> {
    /// Those that are due longest first.
    pub images: Vec<Overdue>,
    /// Where the next page begins; none when this is the last one.
    pub next: Option<P>,
}

/// What waits for the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Messages that are due and not published, or a large number when they are more.
    pub due: u64,
    /// How long the first of them has been due.
    pub oldest: Duration,
}

/// The outbox as the relay sees it. Each operation is one transaction, bounded in time, and may be repeated.
pub trait Outbox: Send + Sync {
    /// Why the database did not do it.
    type Error: Display + Send;
    /// A place in the order of the images that wait too long.
    type Place: Send + Sync;

    /// Leases up to `most` messages that are due, oldest first; none that another relay has leased.
    fn lease(
        &self,
        most: usize,
        lease: Duration,
    ) -> impl Future<Output = Result<Vec<Leased>, Self::Error>> + Send;

    /// Marks messages as published.
    fn mark_published(&self, ids: &[u64]) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Ends the lease of messages that were not published.
    fn release(&self, ids: &[u64]) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Ends the lease of a message that the queue refused: it was sent once more, and is not due before `delay` is over.
    fn put_aside(&self, id: u64, delay: Duration) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The next page of up to `most` pending images that have been due for longer than `since`.
    fn overdue(
        &self,
        after: Option<&Self::Place>,
        since: Duration,
        most: usize,
    ) -> impl Future<Output = Result<OverduePage<Self::Place>, Self::Error>> + Send;

    /// Makes the last message of each image due again, or writes one where none is kept.
    fn announce_again(&self, images: &[Overdue]) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Deletes some of what was done with longer than `age` ago; tells whether that was all.
    fn prune(&self, age: Duration) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Counts what is due.
    fn backlog(&self) -> impl Future<Output = Result<Backlog, Self::Error>> + Send;
}
