//! `image-processor redeem`: one sweep, for a platform that runs it by the clock.

use migrations::ImageStatus;
use rollcall_tests::scripted_recogniser::{Script, ScriptedRecogniser};

use crate::{rollcall::Rollcall, table::assert_one_result_each};

#[tokio::test]
async fn redeeming_puts_back_what_may_be_tried_again_and_nothing_else() -> anyhow::Result<()> {
    let recogniser = ScriptedRecogniser::start(Script::identifies("john_doe.jpg"))?;
    let mut rollcall = Rollcall::scripted(&recogniser, |plan| plan.workers(0)).await;
    let table = rollcall.table();
    let ids = rollcall.post_pictures(3).await;
    table.change("UPDATE images SET status = 2, error_code = 'engine_failed', retryable = TRUE, attempts = 5 WHERE path = '/0.jpg'").await;
    table.change("UPDATE images SET status = 3, lease_owner = 'gone', lease_token = 1, lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE path = '/1.jpg'").await;
    table.change("UPDATE images SET status = 2, error_code = 'not_an_image', retryable = FALSE, attempts = 1 WHERE path = '/2.jpg'").await;

    rollcall.stack.start_worker_command("redeem", &["redeem"])?.expect_success().await?;

    let (failed, leased) = (table.image(ids[0]).await, table.image(ids[1]).await);
    assert_eq!((failed.status, failed.rounds, failed.attempts), (ImageStatus::Pending, 1, 0), "{failed:?}");
    assert_eq!((leased.status, leased.losses), (ImageStatus::Pending, 1), "{leased:?}");
    rollcall.stack.start_worker().await?;
    table.let_ten_minutes_pass().await;
    table.wait_until_done(3).await;
    let for_good = table.image(ids[2]).await;
    assert_eq!((for_good.status, for_good.rounds), (ImageStatus::Failed, 0), "{for_good:?}");
    assert_one_result_each(&[table.image(ids[0]).await, table.image(ids[1]).await], &ids[..2]);
    rollcall.stop().await;
    Ok(())
}
