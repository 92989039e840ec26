//! What one process at a time does for all.

use super::*;
use crate::tests::worker_on as worker_named;

const LONG: Duration = Duration::from_mins(1);

#[tokio::test]
async fn one_process_has_a_duty_until_it_leaves_it() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let (one, other) = (worker_named(&database, "one"), worker_named(&database, "other"));

    assert!(one.hold_duty("watch", LONG).await?);
    assert!(one.hold_duty("watch", LONG).await?, "it keeps it");
    assert!(!other.hold_duty("watch", LONG).await?);
    assert!(other.hold_duty("groups", LONG).await?, "another duty is another matter");

    one.leave_duty("watch").await?;
    assert!(other.hold_duty("watch", LONG).await?);
    one.leave_duty("watch").await?;
    assert!(!one.hold_duty("watch", LONG).await?, "nobody leaves what is another's");
    Ok(())
}

#[tokio::test]
async fn a_duty_of_a_process_that_died_is_taken_over() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let (one, other) = (worker_named(&database, "one"), worker_named(&database, "other"));
    assert!(one.hold_duty("watch", Duration::ZERO).await?);

    assert!(other.hold_duty("watch", LONG).await?);
    assert!(!one.hold_duty("watch", LONG).await?);
    Ok(())
}
