//! What the relay does when the queue is away, unsure, or wants none of it, and when it dies itself.

use std::time::Duration;

use nsq_client::PublishError;
use tokio::time::advance;
use tokio_util::sync::CancellationToken;

use super::model::{ModelOutbox, ScriptedQueue, rejected, relay};
use crate::relay::{BATCH_AT_MOST, LEASE};

#[tokio::test(start_paused = true)]
async fn what_is_due_is_published_in_one_go_for_each_topic() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    for (id, topic) in [(1, "images"), (2, "images.dead"), (3, "images")] {
        outbox.insert(id, topic, &id.to_string());
    }

    let pause = relay(&outbox, &queue).round().await;

    assert_eq!(queue.taken(), ["images 1", "images 3", "images.dead 2"]);
    assert_eq!((queue.publishes(), outbox.published()), (2, vec![1, 2, 3]));
    assert_eq!(pause, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn after_a_full_batch_the_relay_goes_on_at_once() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    for id in 0..=BATCH_AT_MOST as u64 {
        outbox.insert(id, "images", "x");
    }
    let mut relay = relay(&outbox, &queue);

    assert_eq!(relay.round().await, Duration::ZERO);
    assert_eq!(relay.round().await, Duration::from_secs(1));
    assert_eq!(outbox.published().len(), BATCH_AT_MOST + 1);
}

#[tokio::test(start_paused = true)]
async fn while_the_queue_is_away_messages_wait_and_the_relay_rests_longer_each_time() {
    let outbox = ModelOutbox::default();
    let away = [PublishError::NotConnected, PublishError::Unknown, PublishError::NotConnected];
    let queue = ScriptedQueue::answering(away.map(Err));
    outbox.insert(1, "images", "1");
    let mut relay = relay(&outbox, &queue);

    for seconds in [2, 4, 8] {
        assert_eq!(relay.round().await, Duration::from_secs(seconds));
        assert_eq!(outbox.published(), [0_u64; 0]);
    }

    assert_eq!(relay.round().await, Duration::from_secs(1), "the queue is back");
    assert_eq!((outbox.published(), queue.taken()), (vec![1], vec!["images 1".to_owned()]));
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_died_before_it_marked_leaves_the_message_to_the_end_of_its_lease() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    outbox.insert(1, "images", "1");
    outbox.tables().dies_before_marking = true;
    relay(&outbox, &queue).round().await;
    let mut next = relay(&outbox, &queue);

    next.round().await;
    assert_eq!(queue.taken().len(), 1, "the lease holds");

    advance(LEASE).await;
    next.round().await;
    assert_eq!((queue.taken().len(), outbox.published()), (2, vec![1]));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_the_queue_refuses_holds_up_no_other() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::refusing(&["poison"]));
    for (id, body) in [(1, "a"), (2, "poison"), (3, "b")] {
        outbox.insert(id, "images", body);
    }

    let pause = relay(&outbox, &queue).round().await;

    assert_eq!(
        (queue.taken(), outbox.published()),
        (vec!["images a".to_owned(), "images b".to_owned()], vec![1, 3])
    );
    assert_eq!(pause, Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_is_refused_is_tried_again_less_and_less_often() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::refusing(&["poison"]));
    outbox.insert(1, "images", "poison");
    let mut relay = relay(&outbox, &queue);

    let mut tries = Vec::new();
    for minute in 0..=120 {
        let before = outbox.tables().rows[&1].publishes;
        relay.round().await;
        if outbox.tables().rows[&1].publishes > before {
            tries.push(minute);
        }
        advance(Duration::from_mins(1)).await;
    }

    assert_eq!(tries, [0, 1, 3, 7, 15, 31, 63]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_cannot_be_holds_up_no_other() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    outbox.insert(1, "no such topic!", "1");
    outbox.insert(2, "images", "2");

    relay(&outbox, &queue).round().await;

    assert_eq!((queue.taken(), outbox.published()), (vec!["images 2".to_owned()], vec![2]));
    assert_eq!(outbox.tables().rows[&1].publishes, 1);
}

#[tokio::test(start_paused = true)]
async fn when_the_connection_goes_while_messages_are_sent_one_by_one_the_rest_waits() {
    let outbox = ModelOutbox::default();
    let queue = ScriptedQueue::answering([rejected(), Ok(()), rejected(), Err(PublishError::NotConnected)]);
    for id in 1..=4 {
        outbox.insert(id, "images", &id.to_string());
    }
    let mut relay = relay(&outbox, &queue);

    assert_eq!(relay.round().await, Duration::from_secs(2));
    assert_eq!(outbox.published(), [1]);

    relay.round().await;
    assert_eq!(outbox.published(), [1, 3, 4], "the second was refused and is put aside");
}

#[tokio::test(start_paused = true)]
async fn two_relays_at_once_publish_each_message_once() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    for id in 0..2 * BATCH_AT_MOST as u64 {
        outbox.insert(id, "images", &id.to_string());
    }

    let (mut one, mut other) = (relay(&outbox, &queue), relay(&outbox, &queue));
    tokio::join!(one.round(), other.round());

    let mut taken = queue.taken();
    taken.sort();
    taken.dedup();
    assert_eq!((taken.len(), outbox.published().len()), (2 * BATCH_AT_MOST, 2 * BATCH_AT_MOST));
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_told_to_stop_ends() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    let stopping = CancellationToken::new();
    let running = tokio::spawn(relay(&outbox, &queue).run(stopping.clone()));
    outbox.insert(1, "images", "1");
    tokio::time::sleep(Duration::from_secs(3)).await;

    stopping.cancel();

    running.await.expect("it ends");
    assert_eq!(outbox.published(), [1]);
}
