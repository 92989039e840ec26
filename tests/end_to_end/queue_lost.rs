//! nsqd is away or loses what it had: the rows are the truth, so no image is lost with it.

use std::time::Duration;

use migrations::ImageStatus;
use rollcall_tests::scripted_recogniser::{Script, ScriptedRecogniser};
use serde_json::json;

use crate::{rollcall::Rollcall, table::assert_one_result_each};

#[tokio::test]
async fn five_hundred_images_all_get_their_one_result_when_nsqd_is_killed_half_way() -> anyhow::Result<()> {
    let script = Script { delay: Duration::from_millis(10), ..Script::identifies("john_doe.jpg") };
    let recogniser = ScriptedRecogniser::start(script)?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();

    let ids = rollcall.post_pictures(500).await;
    table.wait_until_done(200).await;
    rollcall.stack.nsqd.process().kill().await?;
    table.wait_until_nothing_is_in_work().await;
    let left = table.count(ImageStatus::Pending).await;
    rollcall.stack.nsqd.start_again().await?;
    table.let_ten_minutes_pass().await;
    table.wait_until_done(500).await;

    assert!(left > 0, "nsqd was killed too late for its messages to be missed");
    assert_one_result_each(&table.images().await, &ids);
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_hundred_posts_without_a_queue_are_accepted_and_finished_when_it_comes() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();
    rollcall.stack.nsqd.stop().await?;

    let mut ids = Vec::new();
    for number in 0..100 {
        let path = json!({ "path": format!("/{number}.jpg") });
        let (status, body) = rollcall.post("/image/post", path.to_string()).await;
        assert_eq!(status, 202, "{body}");
        ids.push(body["id"].as_u64().expect("an id"));
    }
    assert_eq!(table.count(ImageStatus::Pending).await, 100, "nobody can have heard of them");
    rollcall.stack.nsqd.start_again().await?;
    table.wait_until_done(100).await;

    assert_one_result_each(&table.images().await, &ids);
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn what_was_accepted_outlives_receiver_and_queue() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();
    rollcall.stack.nsqd.process().kill().await?;

    let ids = rollcall.post_pictures(20).await;
    rollcall.stack.receiver.process().kill().await?;
    rollcall.stack.nsqd.start_again().await?;
    rollcall.stack.receiver.start_again().await?;
    table.wait_until_done(20).await;

    assert_one_result_each(&table.images().await, &ids);
    rollcall.stop().await;
    Ok(())
}
