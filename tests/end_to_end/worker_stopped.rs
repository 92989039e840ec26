//! A worker is told to stop (SIGTERM) while it has images in work: it leaves nothing leased.

use std::time::Duration;

use migrations::ImageStatus;
use rollcall_tests::{
    scripted_recogniser::{Script, ScriptedRecogniser},
    wait,
};

use crate::{
    rollcall::Rollcall,
    table::{DEADLINE, assert_nothing_was_charged, assert_nothing_was_lost, assert_one_result_each},
};

#[tokio::test]
async fn a_worker_that_is_stopped_under_load_leaves_nothing_leased() -> anyhow::Result<()> {
    let script = Script { delay: Duration::from_millis(200), ..Script::identifies("john_doe.jpg") };
    let recogniser = ScriptedRecogniser::start(script)?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();
    let ids = rollcall.post_pictures(60).await;
    table.wait_until_done(5).await;
    wait_until_calls_are_in_flight(&recogniser).await;

    // An exit code other than 0 is an error here.
    rollcall.stack.image_processors[0].stop().await?;

    assert_eq!(table.count(ImageStatus::Processing).await, 0, "leases are left");
    assert!(table.count(ImageStatus::Pending).await > 0, "the worker was stopped too late");
    assert_nothing_was_lost(&table.images().await);
    rollcall.stack.image_processors[0].start_again().await?;
    table.wait_until_done(60).await;
    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert_nothing_was_charged(&images);
    rollcall.stop().await;
    Ok(())
}

async fn wait_until_calls_are_in_flight(recogniser: &ScriptedRecogniser) {
    let in_flight = wait::until("calls in flight", DEADLINE, async || match recogniser.in_flight() {
        0 => Err("none"),
        _ => Ok(()),
    });
    in_flight.await.expect("the worker has work");
}
