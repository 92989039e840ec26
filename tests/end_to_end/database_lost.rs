//! The database is killed under load and comes back: what it had accepted is finished, once.

use std::time::Duration;

use migrations::ImageStatus;
use rollcall_tests::scripted_recogniser::{Script, ScriptedRecogniser};

use crate::{
    rollcall::Rollcall,
    table::{assert_nothing_was_charged, assert_one_result_each},
};

#[tokio::test]
async fn a_hundred_images_all_get_their_one_result_when_the_database_is_killed_half_way() -> anyhow::Result<()>
{
    let script = Script { delay: Duration::from_millis(20), ..Script::identifies("john_doe.jpg") };
    let recogniser = ScriptedRecogniser::start(script)?;
    let mut rollcall =
        Rollcall::scripted(&recogniser, |plan| plan.set("image-processor", "LEASE", "5s")).await;
    let table = rollcall.table();

    let ids = rollcall.post_pictures(100).await;
    table.wait_until_done(30).await;
    rollcall.stack.mariadb.process().kill().await?;
    rollcall.stack.mariadb.start_again().await?;
    let table = rollcall.table();
    let left = 100 - table.count(ImageStatus::Processed).await;
    table.wait_until_done(100).await;

    assert!(left > 0, "the database was killed too late");
    let images = table.images().await;
    assert_one_result_each(&images, &ids);
    assert_nothing_was_charged(&images);
    rollcall.stop().await;
    Ok(())
}
