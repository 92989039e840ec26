//! Images that nobody took are looked at page by page, and announced again where their message must be lost.

use std::time::Duration;

use tokio::time::advance;

use super::model::{ModelOutbox, ScriptedQueue, relay};
use crate::relay::{BATCH_AT_MOST, LastMessage, OVERDUE_EVERY, Overdue};

fn overdue(image_id: u64, published: Option<Duration>) -> Overdue {
    let last_message = Some(LastMessage { id: image_id, published, publishes: 1 });
    Overdue { image_id, traceparent: None, last_message }
}

#[tokio::test(start_paused = true)]
async fn only_images_whose_message_must_be_lost_are_announced_again() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    let forgotten = Overdue { last_message: None, ..overdue(4, None) };
    outbox.tables().overdue = vec![
        overdue(1, Some(Duration::from_mins(2))),
        overdue(2, Some(Duration::from_mins(1))),
        overdue(3, None),
        forgotten,
    ];

    relay(&outbox, &queue).round().await;

    assert_eq!(outbox.tables().again, [1, 4]);
}

#[tokio::test(start_paused = true)]
async fn each_look_takes_the_next_page_and_after_the_last_begins_again() {
    let (outbox, queue) = (ModelOutbox::default(), ScriptedQueue::default());
    outbox.tables().overdue = (0..=2 * BATCH_AT_MOST as u64).map(|id| overdue(id, None)).collect();
    let mut relay = relay(&outbox, &queue);

    for _ in 0..4 {
        relay.round().await;
        relay.round().await;
        advance(OVERDUE_EVERY).await;
    }

    assert_eq!(outbox.tables().pages, [0, BATCH_AT_MOST, 2 * BATCH_AT_MOST, 0]);
}
