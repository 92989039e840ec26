//! The relay: sends what the publisher did not, which is what failed, what is unknown and what others put into the
//! outbox. It also announces pending images again whose message must have been lost, and deletes what is done with.
//!
//! It owns no clock of its own (tokio's) and speaks to its two neighbours through traits, so that it can be driven over
//! models of them. Several relays may run at once: each works on rows that it leased.
//!
//! | file | what |
//! |---|---|
//! | `outbox` | what the relay needs of the database |
//! | `queue` | what it needs of the queue |
//! | `delivery` | a batch on its way to the queue |
//! | `rules` | when to send again, how long to rest |

mod delivery;
mod outbox;
mod queue;
mod rules;

use std::time::Duration;

use service_kit::jitter::Jitter;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

pub use outbox::{Backlog, LastMessage, Leased, Outbox, Overdue, OverduePage};
pub use queue::Queue;

use delivery::Delivery;

/// Messages of one MPUB at most. Each is under 100 bytes, far below nsqd's limit of 5 MiB.
pub(crate) const BATCH_AT_MOST: usize = 500;
/// How long a relay has to publish what it leased; after that another one does.
const LEASE: Duration = Duration::from_secs(30);
/// How often lost messages are looked for; each look takes one page.
const OVERDUE_EVERY: Duration = Duration::from_secs(1);
/// How often what is done with is deleted, where the last time left nothing over.
const PRUNE_EVERY: Duration = Duration::from_mins(1);
/// How long what is done with is kept.
const KEPT_FOR: Duration = Duration::from_hours(24);
/// How often the backlog is counted.
const COUNT_EVERY: Duration = Duration::from_secs(15);

/// The relay between its rounds.
pub struct Relay<O: Outbox, Q> {
    outbox: O,
    queue: Q,
    jitter: Jitter,
    /// Where the search for lost messages goes on.
    place: Option<O::Place>,
    /// Rounds in a row in which the database or the queue did not do its part.
    failures: u32,
    next_overdue: Instant,
    next_prune: Instant,
    next_count: Instant,
}

impl<O: Outbox, Q: Queue> Relay<O, Q> {
    /// A relay that has done nothing yet. `jitter` is for its pauses.
    #[must_use]
    pub fn new(outbox: O, queue: Q, jitter: Jitter) -> Self {
        let now = Instant::now();
        let (next_overdue, next_prune, next_count) = (now, now, now);
        Self { outbox, queue, jitter, place: None, failures: 0, next_overdue, next_prune, next_count }
    }

    /// Works until it is told to stop, and then finishes its round.
    pub async fn run(mut self, stopping: CancellationToken) {
        while !stopping.is_cancelled() {
            let pause = self.round().await;
            tokio::select! {
                biased;
                () = stopping.cancelled() => {}
                () = sleep(pause) => {}
            }
        }
    }

    /// Does what is due now; answers how long to rest.
    pub async fn round(&mut self) -> Duration {
        match self.do_what_is_due().await {
            Ok(Delivery { leased, delayed: false }) => {
                self.failures = 0;
                rules::pause(leased >= BATCH_AT_MOST, self.failures, self.jitter.draw())
            }
            Ok(Delivery { delayed: true, .. }) => self.rest_after_failure(),
            Err(error) => {
                tracing::warn!(%error, "the relay cannot do its work, the database does not let it");
                self.rest_after_failure()
            }
        }
    }

    fn rest_after_failure(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        rules::pause(false, self.failures, self.jitter.draw())
    }

    async fn do_what_is_due(&mut self) -> Result<Delivery, O::Error> {
        let now = Instant::now();
        let leased = self.outbox.lease(BATCH_AT_MOST, LEASE).await?;
        let delivery = delivery::deliver(&self.outbox, &self.queue, leased).await?;
        if now >= self.next_overdue {
            self.next_overdue = now + OVERDUE_EVERY;
            self.announce_lost().await?;
        }
        if now >= self.next_prune {
            let all_gone = self.outbox.prune(KEPT_FOR).await?;
            self.next_prune = if all_gone { now + PRUNE_EVERY } else { now };
        }
        if now >= self.next_count {
            self.next_count = now + COUNT_EVERY;
            show(&self.outbox.backlog().await?);
        }
        Ok(delivery)
    }

    /// Looks at the next page of images that wait too long, and announces those again whose message must be lost.
    async fn announce_lost(&mut self) -> Result<(), O::Error> {
        let page = self.outbox.overdue(self.place.as_ref(), rules::LOST_AFTER, BATCH_AT_MOST).await?;
        let lost: Vec<Overdue> =
            page.images.into_iter().filter(|image| rules::is_lost(image.last_message.as_ref())).collect();
        if !lost.is_empty() {
            self.outbox.announce_again(&lost).await?;
            tracing::info!(images = lost.len(), "images that nobody took are announced again");
            metrics::counter!("rollcall_images_announced_again_total").increment(lost.len() as u64);
        }
        self.place = page.next;
        Ok(())
    }
}

fn show(backlog: &Backlog) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; the count is far below 2^52")]
    metrics::gauge!("rollcall_outbox_due").set(backlog.due as f64);
    metrics::gauge!("rollcall_outbox_oldest_due_seconds").set(backlog.oldest.as_secs_f64());
}

#[cfg(test)]
mod tests;
