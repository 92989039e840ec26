//! Messages on their way to the queue: leased, published, released, put aside, written again, deleted at last.

use std::time::Duration;

use image_processor::message::ImageId;
use migrations::ImageStatus;
use receiver::{
    message::{self, TOPIC},
    relay::{Backlog, LastMessage, Leased, Overdue, OverduePage},
    trace_context::TraceContext,
};

use super::{OutboxRow, Tables, Time};
use crate::flaw::Flaw;

/// Rows that are deleted at once.
const PRUNED_AT_ONCE: usize = 1_000;

/// Of an image in the order in which they are due.
pub type Place = (Time, u64);

impl OutboxRow {
    fn is_due(&self, now: Time) -> bool {
        self.published_at.is_none() && self.due_at <= now
    }
}

impl Tables {
    /// Leases messages that are due.
    pub fn lease_messages(&mut self, most: usize, lease: Duration, now: Time) -> Vec<Leased> {
        let free = |row: &OutboxRow| row.leased_until.is_none_or(|end| end <= now);
        let mut due: Vec<u64> =
            self.outbox.iter().filter(|(_, row)| row.is_due(now) && free(row)).map(|(id, _)| *id).collect();
        due.sort_by_key(|id| self.outbox[id].due_at);
        due.truncate(most);
        let marked = self.has(Flaw::MarkedBeforeSent);
        due.into_iter()
            .filter_map(|id| {
                let row = self.message_mut(id)?;
                row.leased_until = Some(now + lease);
                let leased =
                    Leased { id, topic: row.topic.clone(), body: row.body.clone(), publishes: row.publishes };
                if marked {
                    row.published_at = Some(now);
                }
                Some(leased)
            })
            .collect()
    }

    /// Marks messages as published.
    pub fn mark_published(&mut self, ids: &[u64], now: Time) {
        for id in ids {
            if let Some(row) = self.message_mut(*id) {
                row.published_at = Some(now);
                row.publishes += 1;
            }
        }
    }

    /// Ends the lease of messages that were not published.
    pub fn release_messages(&mut self, ids: &[u64]) {
        for id in ids {
            if let Some(row) = self.message_mut(*id) {
                row.leased_until = None;
            }
        }
    }

    /// Ends the lease of a message that the queue refused.
    pub fn put_aside(&mut self, id: u64, delay: Duration, now: Time) {
        if let Some(row) = self.message_mut(id) {
            (row.leased_until, row.due_at) = (None, now + delay);
            row.publishes += 1;
        }
    }

    /// The next page of pending images that have been due for longer than `since`.
    #[must_use]
    pub fn overdue(
        &self,
        after: Option<Place>,
        since: Duration,
        most: usize,
        now: Time,
    ) -> OverduePage<Place> {
        let mut places: Vec<Place> = self
            .images
            .iter()
            .filter(|(_, row)| row.status == ImageStatus::Pending)
            .filter_map(|(id, row)| Some((row.next_attempt_at?, *id)))
            .filter(|(due, id)| *due + since <= now && after.is_none_or(|after| (*due, *id) > after))
            .collect();
        places.sort_unstable();
        places.truncate(most);
        let next = places.last().copied().filter(|_| places.len() >= most);
        let overdue = |(_, id): Place| Overdue {
            image_id: id,
            traceparent: self.images[&id].traceparent.clone(),
            last_message: self.last_message(id, now),
        };
        OverduePage { images: places.into_iter().map(overdue).collect(), next }
    }

    fn last_message(&self, image: u64, now: Time) -> Option<LastMessage> {
        let mut announcing =
            self.outbox.iter().rev().filter(|(_, row)| row.image_id == image && row.topic == TOPIC);
        let (id, row) = announcing.next()?;
        let published = row.published_at.map(|published| now.saturating_sub(published));
        Some(LastMessage { id: *id, published, publishes: row.publishes })
    }

    /// Makes the last message of each image due again, or writes one where none is kept.
    pub fn announce_again(&mut self, images: &[Overdue], now: Time) {
        for image in images {
            match image.last_message {
                Some(last) => {
                    let sent = self.outbox.get(&last.id).is_some_and(|row| row.published_at.is_some());
                    if let Some(row) = self.message_mut(last.id).filter(|_| sent) {
                        (row.published_at, row.leased_until, row.due_at) = (None, None, now);
                    }
                }
                None if self.images.contains_key(&image.image_id) => {
                    let trace_context = image.traceparent.as_deref().and_then(TraceContext::parse);
                    let body = message::body(image.image_id, trace_context.as_ref());
                    self.put_out_now(ImageId(image.image_id), TOPIC, body, now);
                }
                None => {}
            }
        }
    }

    /// Deletes some of what was published longer than `age` ago; tells whether that was all.
    pub fn prune(&mut self, age: Duration, now: Time) -> bool {
        let old = |row: &OutboxRow| row.published_at.is_some_and(|published| published + age < now);
        let mut old: Vec<u64> = self.outbox.iter().filter(|(_, row)| old(row)).map(|(id, _)| *id).collect();
        old.sort_by_key(|id| self.outbox[id].published_at);
        old.truncate(PRUNED_AT_ONCE);
        for id in &old {
            self.outbox.remove(id);
            self.touched.outbox.insert(*id);
        }
        old.len() < PRUNED_AT_ONCE
    }

    /// Counts what is due.
    #[must_use]
    pub fn backlog(&self, now: Time) -> Backlog {
        let due: Vec<Time> =
            self.outbox.values().filter(|row| row.is_due(now)).map(|row| row.due_at).collect();
        let oldest = due.iter().min().map_or(Duration::ZERO, |oldest| now.saturating_sub(*oldest));
        Backlog { due: due.len() as u64, oldest }
    }

    fn message_mut(&mut self, id: u64) -> Option<&mut OutboxRow> {
        let row = self.outbox.get_mut(&id)?;
        self.touched.outbox.insert(id);
        Some(row)
    }
}
