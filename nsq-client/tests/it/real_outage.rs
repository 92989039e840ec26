//! Real nsqds that are killed and come back.

use std::collections::BTreeSet;

use nsq_client::Message;
use tokio::{sync::watch, task::yield_now};

use crate::harness::{
    consumer, daemons::Nsqd, eventually, from_nsqds, next, producer, producer_for, publish_until, topic,
    within,
};

#[tokio::test]
async fn both_ends_go_on_by_themselves_when_nsqd_is_killed_and_restarted() {
    let mut nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 1));
    let producer = producer(&nsqd.address());
    producer.publish(&topic(), "before").await.unwrap();
    let before: Message = next(&mut consumer).await;

    nsqd.kill().await;
    publish_until(Result::is_err, &producer, "lost").await;
    nsqd.restart().await;
    publish_until(Result::is_ok, &producer, "after").await;

    assert_eq!(next(&mut consumer).await.body(), "after");
    before.finish().expect_err("its connection is gone");
}

/// What nsqd has acknowledged can be lost with it when it is killed, so whoever publishes repeats a message
/// until it is done.
#[tokio::test]
async fn nothing_stays_undone_when_nsqd_is_killed_under_load() {
    const COUNT: usize = 500;
    let mut nsqd = Nsqd::start().await;
    let mut consumer = consumer(from_nsqds(&[&nsqd.address()], 20));
    let producer = producer(&nsqd.address());
    let (done, seen) = watch::channel(BTreeSet::new());
    let publishing = tokio::spawn(async move {
        while seen.borrow().len() < COUNT {
            for body in (0..COUNT).map(|number| number.to_string()) {
                let is_done = seen.borrow().contains(&body);
                if !is_done {
                    let _repeated = producer.publish(&topic(), body).await;
                }
                yield_now().await;
            }
        }
    });
    let finish = |message: Message| {
        let body = String::from_utf8(message.body().to_vec()).unwrap();
        if message.finish().is_ok() {
            done.send_modify(|done| {
                done.insert(body);
            });
        }
    };

    while done.borrow().len() < COUNT / 4 {
        finish(next(&mut consumer).await);
    }
    let held = next(&mut consumer).await;
    nsqd.kill().await;
    nsqd.restart().await;
    while done.borrow().len() < COUNT {
        finish(next(&mut consumer).await);
    }

    held.finish().expect_err("its connection is gone");
    within("the publisher ends", publishing).await.unwrap();
}

#[tokio::test]
async fn publishes_move_to_the_second_nsqd_when_the_first_is_killed_and_back() {
    let (mut first, second) = (Nsqd::start().await, Nsqd::start().await);
    let mut consumer = consumer(from_nsqds(&[&first.address(), &second.address()], 4));
    let producer = producer_for(&[&first.address(), &second.address()]);
    publish_until(Result::is_ok, &producer, "before").await;
    next(&mut consumer).await.finish().unwrap();

    first.kill().await;
    publish_until(Result::is_ok, &producer, "during").await;
    let during = next(&mut consumer).await;
    assert_eq!(during.body(), "during");
    during.finish().unwrap();
    assert!(messages(&second).await > 0);

    first.restart().await;
    let publish_at_first = async || {
        producer.publish(&topic(), "after").await.unwrap();
        messages(&first).await
    };
    eventually("the first is used again", publish_at_first, |messages| *messages > 0).await;
}

/// How many messages this nsqd's channel has ever had.
async fn messages(nsqd: &Nsqd) -> u64 {
    nsqd.channel_stats().await["message_count"].as_u64().unwrap_or_default()
}
