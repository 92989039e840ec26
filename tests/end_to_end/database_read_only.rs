//! The database takes no writes for a while, as during a failover: everybody waits, says so, and goes on by itself.

use std::time::Duration;

use migrations::ImageStatus;
use rollcall_tests::{
    scripted_recogniser::{Script, ScriptedRecogniser},
    wait,
};
use serde_json::json;

use crate::{
    rollcall::Rollcall,
    table::{DEADLINE, assert_nothing_was_charged, assert_nothing_was_lost, assert_one_result_each},
};

async fn wait_until_worker_is_ready(rollcall: &Rollcall, ready: bool) -> String {
    let changed = wait::until("the worker to say how it is", DEADLINE, async || {
        let said = rollcall.worker_says("/readyz").await.map_err(|error| error.to_string())?;
        if said["ready"] == ready { Ok(said.to_string()) } else { Err(said.to_string()) }
    });
    changed.await.expect("it notices")
}

#[tokio::test]
async fn images_in_work_and_posts_outlast_a_database_that_takes_no_writes() -> anyhow::Result<()> {
    let script = Script { delay: Duration::from_millis(50), ..Script::identifies("john_doe.jpg") };
    let recogniser = ScriptedRecogniser::start(script)?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(2)).await;
    let table = rollcall.table();
    let mut ids = rollcall.post_pictures(100).await;
    table.wait_until_done(20).await;

    rollcall.stack.mariadb.refuse_writes().await?;
    let late = json!({ "path": "/late.jpg" }).to_string();
    let refused = rollcall.send(rollcall.posting("/image/post", late.clone())).await;
    let said = wait_until_worker_is_ready(&rollcall, false).await;
    let done = table.done().await;
    // Nobody may write: every image that was in work is still leased.
    let waiting = table.images().await;
    rollcall.stack.mariadb.take_writes().await?;

    assert_eq!(refused.0, 503, "{refused:?}");
    assert_eq!(refused.1["retry-after"], "5", "{refused:?}");
    assert_eq!(refused.2["code"], "database_read_only", "{refused:?}");
    assert!(said.contains("takes no writes"), "{said}");
    assert!(done < 100, "it took writes until the end");
    assert_nothing_was_charged(&waiting);
    assert_nothing_was_lost(&waiting);
    table.wait_until_nothing_is_in_work().await;
    let given_back = table.images().await;
    assert_nothing_was_lost(&given_back);
    let (status, body) = rollcall.post("/image/post", late).await;
    assert_eq!(status, 202, "{body}");
    ids.push(body["id"].as_u64().expect("an id"));
    wait_until_worker_is_ready(&rollcall, true).await;
    table.wait_until_done(101).await;
    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert_nothing_was_charged(&images);
    assert_eq!(table.count(ImageStatus::Failed).await, 0);
    rollcall.stop().await;
    Ok(())
}
