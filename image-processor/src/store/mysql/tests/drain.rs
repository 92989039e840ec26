//! Images are taken straight from the table.

use std::collections::BTreeSet;

use tokio::task::JoinSet;

use super::*;

const LAST: ImageId = ImageId(u64::MAX);

#[tokio::test]
async fn the_image_that_is_due_longest_is_taken_first() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let newer = insert_image_at(&database.pool, "/newer.jpg").await?;
    let older = insert_image_at(&database.pool, "/older.jpg").await?;
    sqlx::query(
        "UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, attempts = 2 WHERE id = ?",
    )
    .bind(older.0)
    .execute(&database.pool)
    .await?;

    let first = store.claim_due(LAST).await?.expect("two are due");
    let second = store.claim_due(LAST).await?.expect("one is due");

    assert_eq!((first.id, first.path.as_str(), first.history.attempts), (older, "/older.jpg", 2));
    assert_eq!(second.id, newer);
    assert_eq!(store.claim_due(LAST).await?, None);
    let row = image(&database.pool, older).await?;
    assert_eq!((row.status, row.lease_token), (ImageStatus::Processing, first.token));
    assert!(store.record(&first, Finding::of_older_recogniser(None)).await?);
    Ok(())
}

#[tokio::test]
async fn what_is_delayed_or_came_later_is_not_taken() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let delayed = insert_image_at(&database.pool, "/delayed.jpg").await?;
    insert_image_at(&database.pool, "/later.jpg").await?;
    sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE WHERE id = ?")
        .bind(delayed.0)
        .execute(&database.pool)
        .await?;

    assert_eq!(store.claim_due(delayed).await?, None);
    Ok(())
}

#[tokio::test]
async fn what_is_left_is_counted_up_to_the_last_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    assert_eq!(store.last_image().await?, ImageId(0));
    let mut last = ImageId(0);
    for status in [0, 0, 0, 1, 2, 3, 3, 4, 0] {
        last = insert_image_at(&database.pool, &format!("/{}.jpg", last.0)).await?;
        sqlx::query("UPDATE images SET status = ? WHERE id = ?")
            .bind(status)
            .bind(last.0)
            .execute(&database.pool)
            .await?;
    }
    sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL 1 MINUTE WHERE id = 1")
        .execute(&database.pool)
        .await?;

    assert_eq!(store.last_image().await?, last);
    assert_eq!(store.remaining(last).await?, Remaining { due: 3, delayed: 1, processing: 2 });
    assert_eq!(store.remaining(ImageId(3)).await?, Remaining { due: 2, delayed: 1, processing: 0 });
    Ok(())
}

#[tokio::test]
async fn several_drains_never_take_the_same_image() -> anyhow::Result<()> {
    const IMAGES: usize = 100;
    let (database, store) = start().await?;
    for number in 0..IMAGES {
        insert_image_at(&database.pool, &format!("/{number}.jpg")).await?;
    }

    let mut drains = JoinSet::new();
    for _ in 0..4 {
        let store = store.clone();
        drains.spawn(async move {
            let mut taken = Vec::new();
            while let Some(claim) = store.claim_due(LAST).await? {
                taken.push(claim.id.0);
            }
            Ok::<_, StoreError>(taken)
        });
    }

    let mut taken = Vec::new();
    for drain in drains.join_all().await {
        taken.extend(drain?);
    }
    assert_eq!(taken.len(), IMAGES);
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>().len(), IMAGES);
    Ok(())
}
