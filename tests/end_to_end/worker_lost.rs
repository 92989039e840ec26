//! A worker dies or stands still in mid-call: its lease runs out, another worker finishes, and the first one's late
//! answer changes nothing.

use migrations::ImageStatus;
use rollcall_tests::{
    http,
    scripted_recogniser::{Recognize, Script, ScriptedRecogniser, no_face, one_face},
    wait,
};

use crate::{rollcall::Rollcall, table::DEADLINE};

/// A recogniser that does not answer, and a worker that waits for it with a short lease.
async fn start() -> anyhow::Result<(ScriptedRecogniser, Rollcall, u64)> {
    let recogniser = ScriptedRecogniser::start(Script {
        recognize: Recognize::Hangs,
        ..Script::identifies("john_doe.jpg")
    })?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan.set("image-processor", "LEASE", "2s")).await;
    let id = rollcall.post_picture("/a.jpg").await;
    wait_for_calls_in_flight(&recogniser, 1).await?;
    Ok((recogniser, rollcall, id))
}

async fn wait_for_calls_in_flight(recogniser: &ScriptedRecogniser, count: usize) -> anyhow::Result<()> {
    wait::until(&format!("{count} calls in flight"), DEADLINE, async || match recogniser.in_flight() {
        in_flight if in_flight == count => Ok(()),
        in_flight => Err(in_flight),
    })
    .await
}

/// Waits until the first worker says that it did not record an answer.
async fn wait_for_a_late_answer(rollcall: &Rollcall) -> anyhow::Result<()> {
    let url = rollcall.stack.image_processors[0].admin_url("/metrics");
    wait::until("an answer that came too late", DEADLINE, async || {
        let metrics = http::client()?.get(&url).send().await?.text().await?;
        anyhow::ensure!(metrics.lines().any(|line| line == "rollcall_late_answers_total 1"), "{metrics}");
        Ok(())
    })
    .await
}

fn one_known_face() -> Recognize {
    Recognize::Answers(one_face(&[("john_doe.jpg", 0.3)]))
}

#[tokio::test]
async fn another_worker_finishes_what_a_killed_one_had_in_work() -> anyhow::Result<()> {
    let (recogniser, mut rollcall, id) = start().await?;
    let table = rollcall.table();

    rollcall.stack.image_processors[0].process().kill().await?;
    wait_for_calls_in_flight(&recogniser, 0).await?;
    rollcall.stack.start_worker().await?;
    wait_for_calls_in_flight(&recogniser, 1).await?;
    let in_work = table.image(id).await;
    recogniser.change(|script| script.recognize = one_known_face());
    table.wait_until(id, ImageStatus::Processed).await;

    assert_eq!((in_work.losses, in_work.attempts), (1, 0), "{in_work:?}");
    let done = table.image(id).await;
    assert_eq!((done.faces, done.attempts, recogniser.asked().times("/a.jpg")), (1, 0, 2), "{done:?}");
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn the_late_answer_of_a_worker_that_lost_its_lease_changes_nothing() -> anyhow::Result<()> {
    let (recogniser, mut rollcall, id) = start().await?;
    let table = rollcall.table();

    rollcall.stack.image_processors[0].process().suspend();
    recogniser.change(|script| script.recognize = Recognize::Answers(no_face()));
    wait_for_calls_in_flight(&recogniser, 0).await?;
    recogniser.change(|script| script.recognize = one_known_face());
    rollcall.stack.start_worker().await?;
    table.wait_until(id, ImageStatus::Processed).await;
    let before = table.image(id).await;
    rollcall.stack.image_processors[0].process().resume();
    wait_for_a_late_answer(&rollcall).await?;

    let after = table.image(id).await;
    assert_eq!(after, before);
    assert_eq!((after.faces, recogniser.asked().times("/a.jpg")), (1, 2), "{after:?}");
    rollcall.stop().await;
    Ok(())
}
