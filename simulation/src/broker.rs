//! nsqd in memory: one channel of one topic, with what is ready, deferred and in flight. Pure: the time comes with each
//! request. One shared suite holds it against a real nsqd.

use std::{
    collections::{BTreeMap, VecDeque},
    num::NonZeroU32,
    time::Duration,
};

use bytes::Bytes;

use crate::tables::Time;

/// However often it is touched, a message comes again this long after it was delivered: nsqd's `--max-msg-timeout`.
const LONGEST_FLIGHT: Duration = Duration::from_mins(15);
/// nsqd's `--max-req-timeout`.
const LONGEST_DELAY: Duration = Duration::from_hours(1);

/// Who receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConsumerId(u64);

/// A message at somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Of the message.
    pub number: u64,
    /// What was published.
    pub body: Bytes,
    /// How often it was delivered, this time included.
    pub deliveries: u16,
}

#[derive(Debug)]
struct InFlight {
    consumer: ConsumerId,
    delivery: Delivery,
    delivered: Time,
    until: Time,
}

#[derive(Debug)]
struct Consumer {
    message_timeout: Duration,
    /// Closed while there is none.
    most: Option<NonZeroU32>,
}

/// The channel.
#[derive(Debug, Default)]
pub struct Broker {
    ready: VecDeque<Delivery>,
    deferred: BTreeMap<(Time, u64), Delivery>,
    in_flight: BTreeMap<u64, InFlight>,
    consumers: BTreeMap<ConsumerId, Consumer>,
    last: u64,
}

impl Broker {
    /// Takes a message.
    pub fn publish(&mut self, body: Bytes) {
        self.last += 1;
        self.ready.push_back(Delivery { number: self.last, body, deliveries: 0 });
    }

    /// Somebody wants messages.
    pub fn subscribe(&mut self, message_timeout: Duration, most: NonZeroU32) -> ConsumerId {
        self.last += 1;
        let id = ConsumerId(self.last);
        self.consumers.insert(id, Consumer { message_timeout, most: Some(most) });
        id
    }

    /// Somebody is gone; what is in flight there comes again when its time is over.
    pub fn unsubscribe(&mut self, consumer: ConsumerId) {
        self.consumers.remove(&consumer);
    }

    /// How much somebody wants.
    pub fn set_most(&mut self, consumer: ConsumerId, most: Option<NonZeroU32>) {
        if let Some(consumer) = self.consumers.get_mut(&consumer) {
            consumer.most = most;
        }
    }

    /// A message for somebody who has room, `pick`ed of so many that are ready.
    pub fn take(
        &mut self,
        consumer: ConsumerId,
        now: Time,
        pick: impl FnOnce(usize) -> usize,
    ) -> Option<Delivery> {
        self.let_time_pass(now);
        let under_way = self.under_way(consumer);
        let subscribed = self.consumers.get(&consumer)?;
        if self.ready.is_empty() || under_way >= subscribed.most?.get() as usize {
            return None;
        }
        let mut delivery = self.ready.remove(pick(self.ready.len()))?;
        delivery.deliveries = delivery.deliveries.saturating_add(1);
        let until = now + subscribed.message_timeout;
        let in_flight = InFlight { consumer, delivery: delivery.clone(), delivered: now, until };
        self.in_flight.insert(delivery.number, in_flight);
        Some(delivery)
    }

    /// When something is ready that is not now.
    #[must_use]
    pub fn next_event(&self) -> Option<Time> {
        let deferred = self.deferred.first_key_value().map(|((due, _), _)| *due);
        self.in_flight.values().map(|in_flight| in_flight.until).chain(deferred).min()
    }

    /// Begins the time of a message anew.
    pub fn touch(&mut self, consumer: ConsumerId, number: u64, now: Time) {
        self.let_time_pass(now);
        let Some(subscribed) = self.consumers.get(&consumer) else { return };
        if let Some(in_flight) = self.in_flight.get_mut(&number).filter(|one| one.consumer == consumer) {
            in_flight.until = (now + subscribed.message_timeout).min(in_flight.delivered + LONGEST_FLIGHT);
        }
    }

    /// A message has done its work. Nothing happens when it is not in flight there any more.
    pub fn finish(&mut self, consumer: ConsumerId, number: u64, now: Time) {
        self.land(consumer, number, now);
    }

    /// A message comes again after a delay. Nothing happens when it is not in flight there any more.
    pub fn requeue(&mut self, consumer: ConsumerId, number: u64, after: Duration, now: Time) {
        let Some(delivery) = self.land(consumer, number, now) else { return };
        if after.is_zero() {
            self.ready.push_back(delivery);
        } else {
            self.deferred.insert((now + after.min(LONGEST_DELAY), number), delivery);
        }
    }

    /// Messages in flight at somebody's hands.
    #[must_use]
    pub fn under_way(&self, consumer: ConsumerId) -> usize {
        self.in_flight.values().filter(|in_flight| in_flight.consumer == consumer).count()
    }

    /// Loses everything, as an nsqd does that dies with its messages in memory.
    pub fn wipe(&mut self) {
        self.ready.clear();
        self.deferred.clear();
        self.in_flight.clear();
    }

    /// Whether no message is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.deferred.is_empty() && self.in_flight.is_empty()
    }

    fn land(&mut self, consumer: ConsumerId, number: u64, now: Time) -> Option<Delivery> {
        self.let_time_pass(now);
        self.in_flight.get(&number).filter(|in_flight| in_flight.consumer == consumer)?;
        self.in_flight.remove(&number).map(|in_flight| in_flight.delivery)
    }

    fn let_time_pass(&mut self, now: Time) {
        while let Some(entry) = self.deferred.first_entry().filter(|entry| entry.key().0 <= now) {
            self.ready.push_back(entry.remove());
        }
        let mut late: Vec<(Time, u64)> = self
            .in_flight
            .iter()
            .filter(|(_, in_flight)| in_flight.until <= now)
            .map(|(number, in_flight)| (in_flight.until, *number))
            .collect();
        late.sort_unstable();
        for (_, number) in late {
            self.ready.extend(self.in_flight.remove(&number).map(|in_flight| in_flight.delivery));
        }
    }
}
