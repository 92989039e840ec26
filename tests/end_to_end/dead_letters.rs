//! What is given up is told on `images.dead`, once, and put back when somebody says so.

use std::{collections::BTreeMap, time::Duration};

use migrations::ImageStatus;
use nsq_client::{Consumer, ConsumerOptions};
use rollcall_tests::scripted_recogniser::{Recognize, Script, ScriptedRecogniser};
use serde_json::{Value, json};
use tokio::time::timeout;
use tonic::Code;

use crate::{
    rollcall::Rollcall,
    table::{DEADLINE, Table, assert_one_result_each},
};

/// Long enough for the relay to have sent a second letter, which nobody should have written.
const QUIET: Duration = Duration::from_secs(4);

fn failing() -> anyhow::Result<ScriptedRecogniser> {
    ScriptedRecogniser::start(Script {
        recognize: Recognize::Fails(Code::Internal),
        ..Script::identifies("john_doe.jpg")
    })
}

/// What somebody hears who listens to the dead letters with nsqd's own client.
struct Undertaker(Consumer);

impl Undertaker {
    fn listen(rollcall: &Rollcall) -> anyhow::Result<Self> {
        let nsqd_addresses = vec![rollcall.stack.nsqd.tcp.to_string().parse()?];
        let options = ConsumerOptions { nsqd_addresses, ..ConsumerOptions::default() };
        Ok(Self(Consumer::start("images.dead".parse()?, "undertaker".parse()?, options)?))
    }

    /// So many letters by the ids of their images, and that there is no other one.
    async fn letters(&mut self, count: usize) -> anyhow::Result<BTreeMap<u64, Value>> {
        let mut letters = BTreeMap::new();
        while letters.len() < count {
            let message =
                timeout(DEADLINE, self.0.next()).await?.ok_or_else(|| anyhow::anyhow!("it ended"))?;
            let letter: Value = serde_json::from_slice(message.body())?;
            message.finish()?;
            let id = letter["id"].as_u64().ok_or_else(|| anyhow::anyhow!("{letter}"))?;
            anyhow::ensure!(letters.insert(id, letter.clone()).is_none(), "a second letter: {letter}");
        }
        if let Ok(Some(message)) = timeout(QUIET, self.0.next()).await {
            anyhow::bail!("one letter too many: {}", String::from_utf8_lossy(message.body()));
        }
        Ok(letters)
    }
}

/// Each image is at its last attempt of its last round, and due.
async fn at_their_last_attempt(table: &Table) {
    table
        .change(
            "UPDATE images SET attempts = 4, rounds = 3, next_attempt_at = UTC_TIMESTAMP(6) WHERE status = 0",
        )
        .await;
    table.let_ten_minutes_pass().await;
}

#[tokio::test]
async fn an_image_whose_last_round_ended_is_told_once_and_no_other_is() -> anyhow::Result<()> {
    let recogniser = failing()?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(0)).await;
    let table = rollcall.table();
    let mut undertaker = Undertaker::listen(&rollcall)?;
    let ids = rollcall.post_pictures(3).await;
    at_their_last_attempt(&table).await;
    table.change("UPDATE images SET rounds = 0 WHERE path = '/2.jpg'").await;

    rollcall.stack.start_worker().await?;
    let letters = undertaker.letters(2).await?;

    assert_eq!(letters.keys().copied().collect::<Vec<_>>(), ids[..2]);
    assert_eq!(
        letters[&ids[0]],
        json!({
            "id": ids[0], "path": "/0.jpg", "error_code": "engine_failed",
            "error_detail": letters[&ids[0]]["error_detail"], "attempts": 5, "losses": 0, "rounds": 3,
        })
    );
    assert!(letters[&ids[0]]["error_detail"].as_str().is_some_and(|detail| !detail.is_empty()));
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_image_that_was_lost_too_often_is_told_once() -> anyhow::Result<()> {
    let recogniser = failing()?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(2)).await;
    let table = rollcall.table();
    let mut undertaker = Undertaker::listen(&rollcall)?;
    let id = rollcall.post_picture("/a.jpg").await;
    table.change("UPDATE images SET status = 3, losses = 9, lease_owner = 'gone', lease_token = lease_token + 1, lease_until = UTC_TIMESTAMP(6)").await;

    let letters = undertaker.letters(1).await?;

    let letter = &letters[&id];
    assert_eq!(
        (&letter["error_code"], &letter["losses"]),
        (&json!("lost_too_often"), &json!(10)),
        "{letter}"
    );
    assert_eq!(table.image(id).await.status, ImageStatus::Failed);
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn dead_letters_that_are_put_back_get_their_result_once_the_cause_is_mended() -> anyhow::Result<()> {
    let recogniser = failing()?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(0)).await;
    let table = rollcall.table();
    let ids = rollcall.post_pictures(12).await;
    table.change("UPDATE images SET status = 2, error_code = IF(id % 2, 'odd', 'even'), attempts = 5, rounds = 3, next_attempt_at = '9999-12-31'").await;
    let before = table.images().await;

    let mut dry = rollcall.stack.start_worker_command("redrive-dry", &["redrive", "--all", "--dry-run"])?;
    dry.expect_success().await?;
    assert!(dry.log().text()?.contains("redrive (dry run): 12 failed images to be put back"));
    assert_eq!(table.images().await, before);

    let (first, second) = (ids[0].to_string(), ids[1].to_string());
    let mut named = rollcall.stack.start_worker_command(
        "redrive-named",
        &["redrive", "--id", &first, "--id", &second, "--id", "4711"],
    )?;
    named.expect_success().await?;
    let said = named.log().text()?;
    assert!(said.contains("redrive: 2 failed images put back, 1 do not exist (4711)"), "{said}");
    rollcall
        .stack
        .start_worker_command("redrive-code", &["redrive", "--code", "odd"])?
        .expect_success()
        .await?;
    assert_eq!(table.count(ImageStatus::Failed).await, 5);

    let mut both = [
        rollcall.stack.start_worker_command("redrive-1", &["redrive", "--all"])?,
        rollcall.stack.start_worker_command("redrive-2", &["redrive", "--all"])?,
    ];
    for redrive in &mut both {
        redrive.expect_success().await?;
    }
    recogniser.change(|script| *script = Script::identifies("john_doe.jpg"));
    rollcall.stack.start_worker().await?;
    table.wait_until_done(12).await;

    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert!(images.iter().all(|image| image.rounds == 0), "{images:?}");
    assert_eq!(recogniser.asked().recognize.len(), 12, "each once");
    rollcall.stop().await;
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_put_back_over_http() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let table = rollcall.table();
    let ids = rollcall.post_pictures(3).await;
    table.wait_until_done(3).await;
    table.change("UPDATE images SET status = 2, person = NULL, error_code = 'engine_failed', next_attempt_at = '9999-12-31'").await;

    let one = rollcall.api(&format!("/api/v1/images/{}/retry", ids[0]), &json!({})).await;
    let all = rollcall.api("/api/v1/dead-letters/redrive", &json!({ "all": true })).await;

    assert_eq!((one.0.as_u16(), &one.1["status"]), (200, &json!("pending")), "{one:?}");
    assert_eq!((all.0.as_u16(), &all.1["put_back"]), (200, &json!(2)), "{all:?}");
    table.wait_until_done(3).await;
    assert_one_result_each(&table.images().await, &ids);
    rollcall.stop().await;
    Ok(())
}
