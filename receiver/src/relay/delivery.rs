//! A batch of leased messages on its way to the queue, topic by topic.
//!
//! The queue takes or refuses several messages as a whole. Where it refuses them they are sent one by one: the one that
//! it does not want is put aside, for longer each time, and holds up no other.

use std::collections::BTreeMap;

use nsq_client::{PublishError, Topic};

use super::{Leased, Outbox, Queue, rules};

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Delivery {
    /// How many messages there were.
    pub(super) leased: usize,
    /// Whether the queue could not be reached for some of them.
    pub(super) delayed: bool,
}

/// What became of the messages of a batch, by their rows.
#[derive(Default)]
struct Sorted {
    published: Vec<u64>,
    unsent: Vec<u64>,
    refused: Vec<Leased>,
}

pub(super) async fn deliver<O: Outbox, Q: Queue>(
    outbox: &O,
    queue: &Q,
    batch: Vec<Leased>,
) -> Result<Delivery, O::Error> {
    let leased = batch.len();
    let mut by_topic: BTreeMap<String, Vec<Leased>> = BTreeMap::new();
    for message in batch {
        by_topic.entry(message.topic.clone()).or_default().push(message);
    }
    let mut sorted = Sorted::default();
    for (topic, messages) in by_topic {
        match topic.parse() {
            Ok(topic) => send(queue, &topic, messages, &mut sorted).await,
            Err(error) => {
                tracing::error!(%error, messages = messages.len(), "the outbox holds messages for a topic that cannot be");
                sorted.refused.extend(messages);
            }
        }
    }
    count(&sorted);
    let Sorted { published, unsent, refused } = sorted;
    // Should the process end here, the leases run out and the messages are sent again, which harms nobody.
    if !published.is_empty() {
        outbox.mark_published(&published).await?;
    }
    for message in refused {
        outbox.put_aside(message.id, rules::delay(message.publishes)).await?;
    }
    if !unsent.is_empty() {
        outbox.release(&unsent).await?;
    }
    Ok(Delivery { leased, delayed: !unsent.is_empty() })
}

async fn send<Q: Queue>(queue: &Q, topic: &Topic, messages: Vec<Leased>, sorted: &mut Sorted) {
    let bodies = messages.iter().map(|message| message.body.clone()).collect();
    match queue.publish_many(topic, bodies).await {
        Ok(()) => sorted.published.extend(messages.iter().map(|message| message.id)),
        Err(PublishError::Rejected { .. }) => send_one_by_one(queue, topic, messages, sorted).await,
        Err(error) => {
            tracing::warn!(%error, count = messages.len(), "messages stay in the outbox");
            sorted.unsent.extend(messages.iter().map(|message| message.id));
        }
    }
}

async fn send_one_by_one<Q: Queue>(queue: &Q, topic: &Topic, messages: Vec<Leased>, sorted: &mut Sorted) {
    let mut rest = messages.into_iter();
    for message in rest.by_ref() {
        match queue.publish_many(topic, vec![message.body.clone()]).await {
            Ok(()) => sorted.published.push(message.id),
            Err(PublishError::Rejected { code, description }) => {
                tracing::error!(
                    outbox.id = message.id, %topic, code, description,
                    "the queue refuses a message, it is put aside"
                );
                sorted.refused.push(message);
            }
            Err(error) => {
                tracing::warn!(%error, "messages stay in the outbox");
                sorted.unsent.push(message.id);
                break;
            }
        }
    }
    sorted.unsent.extend(rest.map(|message| message.id));
}

fn count(sorted: &Sorted) {
    let outcomes =
        [("yes", sorted.published.len()), ("no", sorted.unsent.len()), ("refused", sorted.refused.len())];
    for (published, messages) in outcomes {
        metrics::counter!("rollcall_messages_total", "by" => "relay", "published" => published)
            .increment(messages as u64);
    }
}
