//! `image-processor drain`: works through what waits in the database, without a queue.

use std::time::Duration;

use rollcall_tests::scripted_recogniser::{Script, ScriptedRecogniser};

use crate::{rollcall::Rollcall, table::assert_one_result_each};

const IMAGES: usize = 50;

/// Fifty images that nobody can have been told about, and nobody who works on them.
async fn start() -> anyhow::Result<(ScriptedRecogniser, Rollcall, Vec<u64>)> {
    let script = Script { delay: Duration::from_millis(100), ..Script::identifies("john_doe.jpg") };
    let recogniser = ScriptedRecogniser::start(script)?;
    let mut rollcall =
        Rollcall::scripted(&recogniser, |plan| plan.workers(0).set("image-processor", "CONCURRENCY", "2"))
            .await;
    rollcall.stack.nsqd.stop().await?;
    let ids = rollcall.post_pictures(IMAGES).await;
    Ok((recogniser, rollcall, ids))
}

#[tokio::test]
async fn two_drains_share_what_waits_and_end_when_nothing_does() -> anyhow::Result<()> {
    let (recogniser, rollcall, ids) = start().await?;

    let mut drains = [
        rollcall.stack.start_worker_command("drain-1", &["drain"])?,
        rollcall.stack.start_worker_command("drain-2", &["drain"])?,
    ];
    for drain in &mut drains {
        drain.expect_success().await?;
    }

    assert_one_result_each(&rollcall.table().images().await, &ids);
    let mut asked = recogniser.asked().recognize;
    asked.sort_unstable();
    asked.dedup();
    assert_eq!((asked.len(), recogniser.asked().recognize.len()), (IMAGES, IMAGES), "each image once");
    assert!(recogniser.most_in_flight() > 2, "one of them did all the work");
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn a_dry_run_changes_nothing() -> anyhow::Result<()> {
    let (recogniser, rollcall, _) = start().await?;
    let before = rollcall.table().images().await;

    rollcall.stack.start_worker_command("drain", &["drain", "--dry-run"])?.expect_success().await?;

    assert_eq!(rollcall.table().images().await, before);
    assert_eq!(recogniser.asked().recognize, [""; 0]);
    rollcall.stop().await;
    Ok(())
}
