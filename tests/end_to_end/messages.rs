//! Whatever comes in a message: the worker finishes it, and only an image that waits is worked on.

use migrations::ImageStatus;
use rollcall_tests::{
    scripted_recogniser::{Script, ScriptedRecogniser},
    wait,
};

use crate::{
    rollcall::Rollcall,
    table::{DEADLINE, assert_one_result_each},
};

/// Waits until the workers have finished every message, so many in all.
async fn wait_until_finished(rollcall: &Rollcall, messages: u64) {
    let what = format!("{messages} messages to be finished");
    let finished = wait::until(&what, DEADLINE, async || {
        let channel = rollcall.stack.nsqd.channel("images", "ch").await.map_err(|error| error.to_string())?;
        if channel.received >= messages && channel.is_empty() { Ok(()) } else { Err(format!("{channel:?}")) }
    });
    finished.await.expect("the workers finish every message");
}

#[tokio::test]
async fn messages_that_announce_no_waiting_image_are_finished_and_change_nothing() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();
    let id = rollcall.post_picture("/a.jpg").await;
    table.wait_until(id, ImageStatus::Processed).await;
    let before = table.images().await;
    let too_short = (1..=7).map(|length| vec![1; length]);
    let unknown_id = u64::MAX.to_le_bytes().to_vec();
    let mut done_with_trace = id.to_le_bytes().to_vec();
    done_with_trace.extend(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

    let bodies = too_short.chain([unknown_id, id.to_le_bytes().to_vec(), done_with_trace]);
    for body in bodies {
        rollcall.stack.nsqd.publish("images", body).await?;
    }

    wait_until_finished(&rollcall, 1 + 10).await;
    assert_eq!(table.images().await, before);
    assert_eq!(recogniser.asked().recognize, ["/a.jpg"]);
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn twenty_copies_of_a_message_give_one_result() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script {
        delay: std::time::Duration::from_millis(300),
        ..Script::identifies("john_doe.jpg")
    })?;
    let rollcall =
        Rollcall::scripted(&recogniser, |plan| plan.workers(2).set("image-processor", "LEASE", "10s")).await;
    let table = rollcall.table();

    let id = rollcall.post_picture("/a.jpg").await;
    for _ in 0..20 {
        rollcall.stack.nsqd.publish("images", id.to_le_bytes().to_vec()).await?;
    }

    wait_until_finished(&rollcall, 21).await;
    assert_one_result_each(&table.images().await, &[id]);
    assert_eq!(recogniser.asked().recognize, ["/a.jpg"]);
    rollcall.stop().await;
    Ok(())
}
