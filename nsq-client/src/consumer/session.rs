//! One subscribed connection: hands messages to the consumer, writes their answers, keeps RDY at what
//! was granted, and drains when the consumer closes.

use std::collections::VecDeque;

use tokio::{
    select,
    sync::{mpsc, watch},
};
use tokio_util::sync::CancellationToken;

use super::{
    coordinator::{Event, SubscriptionId},
    ready::Holding,
};
use crate::{
    Message,
    codec::{Command, Frame},
    connection::Connection,
    error::ConnectionError,
};

/// nsqd's default for the highest RDY; more is not asked for even where nsqd allows it.
const MAX_READY: u32 = 2_500;
/// Messages delivered and not answered: RDY, and as many again that timed out at nsqd while the
/// application still holds them. Beyond that nobody is answering and the connection is given up.
const MAX_UNANSWERED: usize = 2 * MAX_READY as usize;

/// nsqd sends these when a message timed out before its answer came; the connection goes on.
const HARMLESS: [&str; 3] = ["E_FIN_FAILED", "E_REQ_FAILED", "E_TOUCH_FAILED"];

pub(super) struct Session<'a> {
    id: SubscriptionId,
    connection: Connection,
    events: &'a mpsc::Sender<Event>,
    deliveries: &'a mpsc::Sender<Message>,
    /// Given to each message of this connection, and to nobody else.
    answer_to: mpsc::Sender<Command>,
    answers: mpsc::Receiver<Command>,
    /// Messages that the consumer's queue has no room for yet.
    backlog: VecDeque<Message>,
    unanswered: usize,
    ready: u32,
    granted: u32,
    reported: Holding,
    draining: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        id: SubscriptionId,
        connection: Connection,
        events: &'a mpsc::Sender<Event>,
        deliveries: &'a mpsc::Sender<Message>,
    ) -> Self {
        // Room for one answer to every message that can be out: answering never waits and never fails.
        let (answer_to, answers) = mpsc::channel(MAX_UNANSWERED);
        Self {
            id,
            connection,
            events,
            deliveries,
            answer_to,
            answers,
            backlog: VecDeque::new(),
            unanswered: 0,
            ready: 0,
            granted: 0,
            reported: Holding::default(),
            draining: false,
        }
    }

    /// Runs until the connection is lost (an error), or until it was drained and closed.
    pub(super) async fn run(
        mut self,
        mut grants: watch::Receiver<u32>,
        closing: &CancellationToken,
    ) -> Result<(), ConnectionError> {
        while !(self.draining && self.unanswered == 0) {
            select! {
                frame = self.connection.next_frame() => self.receive(frame?).await?,
                Some(answer) = self.answers.recv() => self.answer(answer).await?,
                granted = grants.changed(), if !self.draining => match granted {
                    Ok(()) => {
                        self.granted = *grants.borrow_and_update();
                        self.set_ready(self.granted).await?;
                    }
                    Err(_) => self.drain().await?,
                },
                room = self.deliveries.reserve(), if !self.backlog.is_empty() => match room {
                    Ok(room) => room.send(self.backlog.pop_front().expect("the branch needs a backlog")),
                    Err(_) => self.backlog.clear(),
                },
                () = closing.cancelled(), if !self.draining => self.drain().await?,
            }
        }
        self.connection.close().await
    }

    async fn receive(&mut self, frame: Frame) -> Result<(), ConnectionError> {
        match frame {
            Frame::Heartbeat => self.connection.send([Command::Nop]).await,
            Frame::Message(_) if self.unanswered == MAX_UNANSWERED => Err(ConnectionError::NeverAnswered),
            Frame::Message(raw) => {
                self.unanswered += 1;
                let message = Message::new(raw, self.answer_to.clone());
                // One that crossed our RDY 0 is dropped, which requeues it.
                if !self.draining {
                    self.backlog.push_back(message);
                }
                self.report().await;
                Ok(())
            }
            Frame::Error { code, description } if HARMLESS.contains(&code.as_str()) => {
                tracing::warn!(code, description, "an answer came too late");
                Ok(())
            }
            Frame::Error { code, description } => Err(ConnectionError::Refused { code, description }),
            Frame::Response(_) => Err(ConnectionError::Unexpected("a response that nothing asked for")),
        }
    }

    /// Writes this answer and those that wait behind it, with one flush.
    async fn answer(&mut self, first: Command) -> Result<(), ConnectionError> {
        let mut batch = vec![first];
        while let Ok(answer) = self.answers.try_recv() {
            batch.push(answer);
        }
        self.unanswered -= batch.len();
        self.connection.send(batch).await?;
        self.report().await;
        Ok(())
    }

    async fn set_ready(&mut self, wanted: u32) -> Result<(), ConnectionError> {
        let ready = wanted.min(MAX_READY).min(self.connection.max_ready());
        if ready != self.ready {
            self.connection.send([Command::Ready(ready)]).await?;
            self.ready = ready;
        }
        self.report().await;
        Ok(())
    }

    /// Asks for no more messages and gives back those that nobody has taken.
    async fn drain(&mut self) -> Result<(), ConnectionError> {
        self.draining = true;
        self.backlog.clear();
        self.set_ready(0).await
    }

    /// Tells the coordinator how much of the budget this connection holds, if that changed.
    async fn report(&mut self) {
        let held = self.ready.max(u32::try_from(self.unanswered).unwrap_or(u32::MAX));
        let grant = self.granted;
        let holding = Holding { grant, held };
        if holding != self.reported {
            self.reported = holding;
            // Without a coordinator the consumer is closing and the budget no longer matters.
            let _ = self.events.send(Event::Holds(self.id, holding)).await;
        }
    }
}
