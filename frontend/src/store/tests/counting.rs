//! How many images have which status.

use super::*;

fn count(at_least: u64, is_exact: bool) -> Count {
    Count { at_least, is_exact }
}

#[tokio::test]
async fn images_are_counted_by_status_up_to_a_limit() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 9).await?;
    // One is processed, three failed, and one more than the limit unresolved.
    sqlx::query(
        "UPDATE images SET status = CASE WHEN id < 2 THEN 1 WHEN id < 5 THEN 2 WHEN id < 9 THEN 4 ELSE 0 END",
    )
    .execute(&database.pool)
    .await?;

    let counts = store.counts(3).await?;

    let expected = [
        (ImageStatus::Pending, count(1, true)),
        (ImageStatus::Processed, count(1, true)),
        (ImageStatus::Failed, count(3, true)),
        (ImageStatus::Processing, count(0, true)),
        (ImageStatus::Unresolved, count(3, false)),
    ];
    assert_eq!(counts, expected);
    Ok(())
}

#[tokio::test]
async fn the_queue_says_what_waits_and_what_is_not_published() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let empty = store.queue(2).await?;
    insert_images(&database.pool, 6).await?;
    sqlx::query(
        "UPDATE images SET status = id < 3, next_attempt_at = '2024-05-06 10:00:00' + INTERVAL id SECOND",
    )
    .execute(&database.pool)
    .await?;
    // Each has a message: one was published, one is not due yet.
    sqlx::query(
        "INSERT INTO outbox (image_id, topic, body, due_at, published_at)
         SELECT id, 'images', id, UTC_TIMESTAMP(6) + INTERVAL id = 2 HOUR, IF(id = 1, UTC_TIMESTAMP(6), NULL)
         FROM images",
    )
    .execute(&database.pool)
    .await?;

    let queue = store.queue(2).await?;

    assert_eq!((empty.first_due, empty.unpublished), (None, count(0, true)));
    assert_eq!(queue.first_due, Some(datetime!(2024-05-06 10:00:03 UTC)));
    assert_eq!(queue.unpublished, count(2, false));
    assert_eq!(store.queue(4).await?.unpublished, count(4, true));
    Ok(())
}

#[test]
fn a_count_says_whether_there_are_more() {
    assert_eq!(count(3, true).to_string(), "3");
    assert_eq!(count(3, false).to_string(), "3+");
}

#[test]
fn a_sum_is_exact_when_each_of_its_counts_is() {
    let sum = |counts: &[Count]| counts.iter().copied().sum::<Count>();

    assert_eq!(sum(&[]), count(0, true));
    assert_eq!(sum(&[count(3, true), count(4, true)]), count(7, true));
    assert_eq!(sum(&[count(3, false), count(4, true)]), count(7, false));
}
