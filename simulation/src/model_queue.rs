//! [`ModelConsumer`] and [`ModelProducer`]: the queue as one process sees it, over the broker of the world. On the way
//! messages are lost, doubled, late and out of order.

use std::{num::NonZeroU32, pin::pin, time::Duration};

use bytes::Bytes;
use image_processor::{
    message::{ImageId, TOPIC},
    queue::{Message, Queue, Stale, Valve},
};
use nsq_client::{PublishError, Topic};
use tokio::time::{sleep, sleep_until, timeout};

use crate::{
    broker::{ConsumerId, Delivery},
    line::Line,
    plan::Trouble,
    trace::Event,
};

/// How long a producer waits for nsqd's answer.
const PUBLISH_TIMEOUT: Duration = Duration::from_secs(10);
/// While the queue is away, or somebody is frozen, it is looked again.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Receives messages.
#[derive(Debug)]
pub struct ModelConsumer {
    hold: Hold,
}

/// A message at a worker's hands.
#[derive(Debug)]
pub struct ModelMessage {
    hold: Hold,
    delivery: Delivery,
    answered: bool,
}

/// What a consumer, its messages and its valve share.
#[derive(Debug, Clone)]
pub struct Hold {
    line: Line,
    id: ConsumerId,
}

/// Publishes messages.
#[derive(Debug, Clone)]
pub struct ModelProducer {
    line: Line,
}

impl ModelConsumer {
    /// Receives up to `most` messages at once; each comes again after `message_timeout`.
    #[must_use]
    pub fn subscribe(line: Line, message_timeout: Duration, most: NonZeroU32) -> Self {
        let id = line.touch(|state, _| state.broker.subscribe(message_timeout, most));
        Self { hold: Hold { line, id } }
    }
}

impl Hold {
    /// Whether nobody hears what is said now: the process is gone or frozen, or the queue is away. What it would say when it
    /// goes on is too late.
    fn is_unheard(&self) -> bool {
        let Line { world, actor, .. } = &self.line;
        self.line.is_cut()
            || world.suffers_from(Trouble::QueueAway)
            || world.plan.frozen_until(*actor, world.now()).is_some()
    }

    fn take(&self) -> Option<Delivery> {
        let Line { world, chance, actor, .. } = &self.line;
        if world.suffers_from(Trouble::QueueAway) || world.plan.frozen_until(*actor, world.now()).is_some() {
            return None;
        }
        let mixed = world.suffers_from(Trouble::MessagesMixed);
        let pick = |ready| if mixed { chance.below(ready) } else { 0 };
        self.line.touch(|state, now| {
            let delivery = state.broker.take(self.id, now, pick)?;
            let image = ImageId::of(&delivery.body).map_or(0, |id| id.0);
            let event = Event::Delivered { actor: *actor, image, deliveries: delivery.deliveries };
            state.trace.note(now, event);
            Some(delivery)
        })
    }
}

impl Queue for ModelConsumer {
    type Message = ModelMessage;
    type Valve = Hold;

    async fn next(&mut self) -> Option<ModelMessage> {
        let world = &self.hold.line.world;
        loop {
            let mut arrival = pin!(world.arrivals.notified());
            arrival.as_mut().enable();
            if let Some(delivery) = self.hold.take() {
                return Some(ModelMessage { hold: self.hold.clone(), delivery, answered: false });
            }
            let now = world.now();
            let event = world.state().broker.next_event();
            let looks_again = match event {
                // What is ready already waits for room, or for the queue.
                Some(event) if event > now => world.instant(event),
                _ => world.instant(now + LOOK_AGAIN),
            };
            let patient = event.is_none() && world.state().broker.is_empty();
            tokio::select! {
                biased;
                () = &mut arrival => {}
                () = sleep_until(looks_again), if !patient => {}
            }
        }
    }

    fn valve(&self) -> Hold {
        self.hold.clone()
    }

    async fn close(self, deadline: Duration) {
        let Hold { line, id } = &self.hold;
        line.touch(|state, _| state.broker.set_most(*id, None));
        let answered = async {
            while line.touch(|state, _| state.broker.under_way(*id)) > 0 {
                sleep(LOOK_AGAIN).await;
            }
        };
        // What is not answered by then comes again when its time is over.
        let _answered = timeout(deadline, answered).await;
    }
}

impl Drop for ModelConsumer {
    fn drop(&mut self) {
        let Hold { line, id } = &self.hold;
        line.touch(|state, _| state.broker.unsubscribe(*id));
    }
}

impl Valve for Hold {
    fn set(&self, in_flight: Option<NonZeroU32>) {
        self.line.touch(|state, _| state.broker.set_most(self.id, in_flight));
        self.line.world.arrivals.notify_waiters();
    }
}

impl ModelMessage {
    fn tell(&self, requeue: Option<Duration>) -> Result<(), Stale> {
        let Hold { line, id } = &self.hold;
        let Delivery { number, .. } = self.delivery;
        if self.hold.is_unheard() {
            return Err(Stale);
        }
        line.touch(|state, now| {
            let event = match requeue {
                None => {
                    state.broker.finish(*id, number, now);
                    Event::Finished { actor: line.actor, number }
                }
                Some(after) => {
                    state.broker.requeue(*id, number, after, now);
                    Event::Requeued { actor: line.actor, number, after }
                }
            };
            state.trace.note(now, event);
        });
        line.world.arrivals.notify_waiters();
        Ok(())
    }
}

impl Message for ModelMessage {
    fn body(&self) -> &[u8] {
        &self.delivery.body
    }

    fn deliveries(&self) -> u16 {
        self.delivery.deliveries
    }

    fn touch(&self) -> Result<(), Stale> {
        let Hold { line, id } = &self.hold;
        if self.hold.is_unheard() {
            return Err(Stale);
        }
        line.touch(|state, now| state.broker.touch(*id, self.delivery.number, now));
        Ok(())
    }

    fn finish(mut self) -> Result<(), Stale> {
        self.answered = true;
        self.tell(None)
    }

    fn requeue(mut self, after: Duration) -> Result<(), Stale> {
        self.answered = true;
        self.tell(Some(after))
    }
}

impl Drop for ModelMessage {
    fn drop(&mut self) {
        if !self.answered {
            // Whose connection is gone cannot say anything.
            let _gone = self.tell(Some(Duration::ZERO));
        }
    }
}

impl ModelProducer {
    /// At the end of this line.
    #[must_use]
    pub fn new(line: Line) -> Self {
        Self { line }
    }

    fn take(&self, topic: &Topic, bodies: Vec<Bytes>) {
        let Line { world, chance, .. } = &self.line;
        let dropped = world.suffers(|trouble| match trouble {
            Trouble::MessagesDropped(often) => Some(often),
            _ => None,
        });
        let doubled = world.suffers(|trouble| match trouble {
            Trouble::MessagesDoubled(often) => Some(often),
            _ => None,
        });
        self.line.touch(|state, _| {
            for body in bodies {
                state.checker.taken(&body);
                if topic.as_str() != TOPIC || dropped.is_some_and(|often| chance.percent(often)) {
                    continue;
                }
                let copies = if doubled.is_some_and(|often| chance.percent(often)) { 2 } else { 1 };
                for _ in 0..copies {
                    state.broker.publish(body.clone());
                }
            }
        });
        world.arrivals.notify_waiters();
    }
}

impl receiver::relay::Queue for ModelProducer {
    async fn publish_many(&self, topic: &Topic, bodies: Vec<Bytes>) -> Result<(), PublishError> {
        let Line { world, chance, actor, .. } = &self.line;
        self.line.travel().await;
        let messages = bodies.len();
        let slow = world.suffers(|trouble| match trouble {
            Trouble::PublishingSlow(longest) => Some(chance.time(Duration::ZERO..longest)),
            _ => None,
        });
        if let Some(slow) = slow {
            sleep(slow.min(PUBLISH_TIMEOUT)).await;
        }
        if world.suffers_from(Trouble::QueueAway) {
            return Err(PublishError::NotConnected);
        }
        let unknown = world.suffers(|trouble| match trouble {
            Trouble::PublishesUnknown(often) => Some(often),
            _ => None,
        });
        let unknown = unknown.is_some_and(|often| chance.percent(often));
        let late = slow.is_some_and(|slow| slow >= PUBLISH_TIMEOUT);
        if !unknown || chance.percent(50) {
            self.take(topic, bodies);
        }
        let heard = !unknown && !late;
        self.line.note(Event::Published { actor: *actor, messages, heard });
        self.line.travel().await;
        if heard { Ok(()) } else { Err(PublishError::Unknown) }
    }
}

#[cfg(test)]
mod tests;
