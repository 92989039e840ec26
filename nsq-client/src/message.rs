//! [`Message`]: one delivery, answered once. It holds the command queue of the very connection that
//! delivered it; the queue ends with that connection, so an answer can never go to a later one.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::{
    StaleMessage,
    codec::{Answer, Command, RawMessage},
};

/// nsqd's name for a message: 16 hexadecimal digits, the same at each of its deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MessageId(pub(crate) [u8; 16]);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

/// What a message says to its connection: any number of touches, but never two at a time in the queue, then
/// one answer.
#[derive(Debug)]
pub(crate) enum Word {
    Answer(Answer),
    Touch(Touch),
}

#[derive(Debug)]
pub(crate) struct Touch {
    id: MessageId,
    /// Set while the touch is in the queue.
    queued: Arc<AtomicBool>,
}

impl Touch {
    /// Takes the touch for writing. From here on the next one is queued again.
    pub(crate) fn into_command(self) -> Command {
        self.queued.store(false, Ordering::Release);
        Command::Touch(self.id)
    }
}

/// A message in flight. [`finish`](Self::finish) or [`requeue`](Self::requeue) it within the message
/// timeout, or [`touch`](Self::touch) it to have more time; dropping it unanswered requeues it without delay,
/// as far as its connection still stands.
#[must_use = "dropping a message requeues it"]
pub struct Message {
    raw: RawMessage,
    /// Has room for a touch and an answer of every message of the connection, so it is never full.
    connection: mpsc::Sender<Word>,
    touch_queued: Arc<AtomicBool>,
    answered: bool,
}

impl Message {
    pub(crate) fn new(raw: RawMessage, connection: mpsc::Sender<Word>) -> Self {
        Self { raw, connection, touch_queued: Arc::default(), answered: false }
    }

    /// What was published.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.raw.body
    }

    /// How often nsqd has delivered this message, this time included. Also counts deliveries that were
    /// returned untouched, and stops at 65,535.
    #[must_use]
    pub fn attempts(&self) -> u16 {
        self.raw.attempts
    }

    /// When nsqd took the message, since the Unix epoch.
    #[must_use]
    pub fn timestamp(&self) -> Duration {
        self.raw.timestamp
    }

    /// The message's id.
    #[must_use]
    pub fn id(&self) -> MessageId {
        self.raw.id
    }

    /// Tells nsqd that the message is done. Returns at once, when the connection has taken the command;
    /// if the connection is lost before nsqd reads it, the message comes again.
    pub fn finish(self) -> Result<(), StaleMessage> {
        let finish = Answer::Finish(self.raw.id);
        self.answer(finish)
    }

    /// Gives the message back, to be delivered again after the delay (whole milliseconds; nsqd caps it at
    /// its `--max-req-timeout`, 1 h by default). Returns at once, like [`finish`](Self::finish).
    pub fn requeue(self, delay: Duration) -> Result<(), StaleMessage> {
        let requeue = Answer::Requeue(self.raw.id, delay);
        self.answer(requeue)
    }

    /// Restarts the message timeout. nsqd ends it all the same when its `--max-msg-timeout`, 15 min by default,
    /// has passed since the delivery, and takes no notice of a touch that comes after the timeout. Returns at
    /// once, like [`finish`](Self::finish), and can be called as often as one likes: touches that follow each
    /// other before the connection writes the first of them are one.
    pub fn touch(&self) -> Result<(), StaleMessage> {
        if self.is_stale() {
            return Err(StaleMessage);
        }
        if self.touch_queued.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let touch = Touch { id: self.raw.id, queued: Arc::clone(&self.touch_queued) };
        self.connection.try_send(Word::Touch(touch)).map_err(|_| StaleMessage)
    }

    /// Whether the connection that delivered the message is gone.
    pub(crate) fn is_stale(&self) -> bool {
        self.connection.is_closed()
    }

    fn answer(mut self, answer: Answer) -> Result<(), StaleMessage> {
        self.answered = true;
        self.connection.try_send(Word::Answer(answer)).map_err(|_| StaleMessage)
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        let requeue = Answer::Requeue(self.raw.id, Duration::ZERO);
        if !self.answered && self.connection.try_send(Word::Answer(requeue)).is_ok() {
            tracing::debug!(message.id = %self.raw.id, "message was dropped unanswered and is requeued");
        }
    }
}

impl fmt::Debug for Message {
    /// Leaves the body out: messages are logged, bodies must not be.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("id", &format_args!("{}", self.raw.id))
            .field("attempts", &self.raw.attempts)
            .field("body_len", &self.raw.body.len())
            .finish_non_exhaustive()
    }
}
