//! The recogniser goes away and comes back: the breaker stops the queue, and no image pays for the outage.

use std::{fs, time::Duration};

use migrations::ImageStatus;
use rollcall_tests::{
    scripted_recogniser::{Script, ScriptedRecogniser},
    wait,
};
use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use crate::{
    rollcall::Rollcall,
    table::{DEADLINE, assert_nothing_was_charged, assert_one_result_each},
};

/// How long it is away.
const OUTAGE: Duration = Duration::from_secs(30);

/// Waits for a state of the worker's breaker, in a period not before this one.
async fn wait_for_breaker(rollcall: &Rollcall, state: &str, generation: u64) -> Value {
    let what = format!("the breaker to be {state}");
    let reached = wait::until(&what, DEADLINE, async || {
        let breaker = rollcall.worker_says("/breaker").await.map_err(|error| error.to_string())?;
        let late_enough = breaker["generation"].as_u64() >= Some(generation);
        if breaker["state"] == state && late_enough { Ok(breaker) } else { Err(breaker.to_string()) }
    });
    reached.await.expect("the breaker gets there in time")
}

/// Waits until the worker takes messages, or none.
async fn wait_until_worker_takes(rollcall: &Rollcall, messages: bool) {
    let taken = wait::until("the worker's RDY to change", DEADLINE, async || {
        let channel = rollcall.stack.nsqd.channel("images", "ch").await.map_err(|error| error.to_string())?;
        let takes = channel.ready.iter().sum::<u64>() > 0;
        if takes == messages { Ok(()) } else { Err(format!("{channel:?}")) }
    });
    taken.await.expect("the breaker drives RDY");
}

#[tokio::test]
async fn an_outage_of_the_recogniser_stops_the_queue_and_costs_no_image_an_attempt() -> anyhow::Result<()> {
    let script = Script { delay: Duration::from_millis(20), ..Script::identifies("john_doe.jpg") };
    let mut recogniser = ScriptedRecogniser::start(script)?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();

    let ids = rollcall.post_pictures(300).await;
    table.wait_until_done(50).await;
    recogniser.go_away().await?;
    let came_back = Instant::now() + OUTAGE;
    let opened = wait_for_breaker(&rollcall, "open", 0).await;
    wait_until_worker_takes(&rollcall, false).await;
    // Three pings that nobody answers: after 1, 2 and 4 seconds or so.
    let first_period = opened["generation"].as_u64().expect("a number");
    wait_for_breaker(&rollcall, "open", first_period + 3).await;
    sleep_until(came_back).await;
    let waiting = table.count(ImageStatus::Pending).await;
    recogniser.come_back()?;
    table.wait_until_done(300).await;

    assert!(waiting > 0, "the outage came too late");
    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert_nothing_was_charged(&images);
    wait_for_breaker(&rollcall, "closed", 0).await;
    wait_until_worker_takes(&rollcall, true).await;
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_recogniser_that_is_killed_and_started_again_costs_no_image_an_attempt() -> anyhow::Result<()> {
    let mut rollcall = Rollcall::start().await;
    let table = rollcall.table();
    let folder = rollcall.layout.image_root();
    for number in 0..20 {
        fs::copy(folder.join("unknown_images/unknown0001.jpg"), folder.join(format!("{number}.jpg")))?;
    }

    let ids = rollcall.post_pictures(20).await;
    table.wait_until_done(5).await;
    let recogniser = rollcall.stack.face_recognition.as_mut().expect("the stack has one of its own");
    recogniser.process().kill().await?;
    recogniser.start_again().await?;
    let waiting = table.count(ImageStatus::Pending).await;
    table.wait_until_done(20).await;

    assert!(waiting > 0, "it was killed too late");
    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert_nothing_was_charged(&images);
    rollcall.stop().await;
    Ok(())
}
