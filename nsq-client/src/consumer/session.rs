//! One subscribed connection: hands messages to the consumer, writes their answers, keeps RDY at what
//! was granted, and drains when the consumer closes.

use std::{collections::VecDeque, time::Duration};

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
    Message, MessageId,
    codec::{Answer, Command, Frame},
    connection::Connection,
    error::ConnectionError,
    message::Word,
};

/// nsqd's default for the highest RDY; more is not asked for even where nsqd allows it.
const MAX_READY: u32 = 2_500;
/// Messages delivered and not answered, as a multiple of the highest RDY: more than RDY timed out at nsqd
/// while the application still holds them. Beyond that nobody is answering and the connection is given up.
const UNANSWERED_PER_READY: u32 = 4;
/// Room for a touch and an answer of every message that can be out: answering never waits and never fails.
const WORD_QUEUE_LEN: usize = 2 * (UNANSWERED_PER_READY * MAX_READY) as usize;

/// nsqd sends these when a message timed out before its answer came; the connection goes on.
const HARMLESS: [&str; 3] = ["E_FIN_FAILED", "E_REQ_FAILED", "E_TOUCH_FAILED"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Serving,
    /// nsqd was asked for no more messages, but some can still be under way.
    Draining,
    /// nsqd has sent its last message.
    Drained,
}

pub(super) struct Session<'a> {
    id: SubscriptionId,
    connection: Connection,
    events: &'a mpsc::Sender<Event>,
    deliveries: &'a mpsc::Sender<Message>,
    /// Given to each message of this connection, and to nobody else.
    speak_to: mpsc::Sender<Word>,
    words: mpsc::Receiver<Word>,
    /// Messages that the consumer's queue has no room for yet.
    backlog: VecDeque<Message>,
    /// Delivered and not answered; twice if delivered twice.
    unanswered: Vec<MessageId>,
    ready: u32,
    highest_ready: u32,
    granted: u32,
    reported: Holding,
    phase: Phase,
}

impl<'a> Session<'a> {
    pub(super) fn new(
        id: SubscriptionId,
        connection: Connection,
        events: &'a mpsc::Sender<Event>,
        deliveries: &'a mpsc::Sender<Message>,
    ) -> Self {
        let (speak_to, words) = mpsc::channel(WORD_QUEUE_LEN);
        Self {
            id,
            connection,
            events,
            deliveries,
            speak_to,
            words,
            backlog: VecDeque::new(),
            unanswered: Vec::new(),
            ready: 0,
            highest_ready: 0,
            granted: 0,
            reported: Holding::default(),
            phase: Phase::Serving,
        }
    }

    /// Runs until the connection is lost (an error), or until it was drained, or was overdue, and closed.
    pub(super) async fn run(
        mut self,
        mut grants: watch::Receiver<u32>,
        closing: &CancellationToken,
        overdue: &CancellationToken,
    ) -> Result<(), ConnectionError> {
        while !(self.phase == Phase::Drained && self.unanswered.is_empty()) {
            let serving = self.phase == Phase::Serving;
            select! {
                // Closing comes before the answers, because nsqd would deliver a requeued message again. The
                // frames come last: messages bring answers and, without limit, more messages.
                biased;
                () = closing.cancelled(), if serving => self.drain().await?,
                () = overdue.cancelled() => break,
                granted = grants.changed(), if serving => match granted {
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
                Some(word) = self.words.recv() => self.pass_on(word).await?,
                frame = self.connection.next_frame() => self.receive(frame?).await?,
            }
        }
        self.leave().await
    }

    async fn receive(&mut self, frame: Frame) -> Result<(), ConnectionError> {
        match frame {
            Frame::Heartbeat => self.connection.send([Command::Nop]).await,
            Frame::Message(_) if self.unanswered.len() >= self.max_unanswered() => {
                Err(ConnectionError::NeverAnswered)
            }
            Frame::Message(raw) => {
                self.unanswered.push(raw.id);
                let message = Message::new(raw, self.speak_to.clone());
                // One that crossed our CLS is dropped, which requeues it.
                if self.phase == Phase::Serving {
                    self.backlog.push_back(message);
                }
                self.report().await;
                Ok(())
            }
            Frame::Error { code, description } if HARMLESS.contains(&code.as_str()) => {
                tracing::warn!(code, description, "an answer or a touch came too late");
                Ok(())
            }
            Frame::Error { code, description } => Err(ConnectionError::Refused { code, description }),
            Frame::Response(response) if self.phase == Phase::Draining && response == "CLOSE_WAIT" => {
                self.phase = Phase::Drained;
                Ok(())
            }
            Frame::Response(_) => Err(ConnectionError::Unexpected("a response that nothing asked for")),
        }
    }

    /// Writes this word and those that wait behind it, with one flush.
    async fn pass_on(&mut self, first: Word) -> Result<(), ConnectionError> {
        let mut batch = vec![self.settle(first)];
        while let Ok(word) = self.words.try_recv() {
            batch.push(self.settle(word));
        }
        self.connection.send(batch).await?;
        self.report().await;
        Ok(())
    }

    fn settle(&mut self, word: Word) -> Command {
        match word {
            Word::Touch(touch) => touch.into_command(),
            Word::Answer(answer) => {
                if let Some(index) = self.unanswered.iter().position(|id| *id == answer.id()) {
                    self.unanswered.swap_remove(index);
                }
                Command::Answer(answer)
            }
        }
    }

    fn max_unanswered(&self) -> usize {
        (UNANSWERED_PER_READY * self.highest_ready) as usize
    }

    async fn set_ready(&mut self, wanted: u32) -> Result<(), ConnectionError> {
        let ready = wanted.min(MAX_READY).min(self.connection.max_ready());
        if ready != self.ready {
            self.connection.send([Command::Ready(ready)]).await?;
            self.ready = ready;
            self.highest_ready = self.highest_ready.max(ready);
        }
        self.report().await;
        Ok(())
    }

    /// Asks for no more messages and gives back those that nobody has taken.
    async fn drain(&mut self) -> Result<(), ConnectionError> {
        self.phase = Phase::Draining;
        self.connection.send([Command::Close]).await?;
        self.ready = 0;
        self.backlog.clear();
        self.report().await;
        Ok(())
    }

    /// Takes the last answers, gives back what is still unanswered, and closes.
    async fn leave(mut self) -> Result<(), ConnectionError> {
        self.words.close();
        let mut batch = Vec::new();
        while let Some(word) = self.words.recv().await {
            batch.push(self.settle(word));
        }
        let requeue = |id| Command::Answer(Answer::Requeue(id, Duration::ZERO));
        batch.extend(self.unanswered.into_iter().map(requeue));
        self.connection.send(batch).await?;
        self.connection.close().await
    }

    /// Tells the coordinator how much of the budget this connection holds, if that changed.
    async fn report(&mut self) {
        let held = self.ready.max(u32::try_from(self.unanswered.len()).unwrap_or(u32::MAX));
        let grant = self.granted;
        let holding = Holding { grant, held };
        if holding != self.reported {
            self.reported = holding;
            // Without a coordinator the consumer is closing and the budget no longer matters.
            let _ = self.events.send(Event::Holds(self.id, holding)).await;
        }
    }
}
