//! Workers that end at the same time, and workers that end too late: their lease was lost to another one.

use tokio::task::JoinSet;

use super::{
    results::{faces, left_edges, of_strangers},
    *,
};

const WORKERS: i64 = 8;
const IMAGES_A_WORKER: i64 = 20;

/// Workers that end with different images at the same time must not wait for each other in a circle.
#[tokio::test]
async fn many_workers_can_record_their_images_at_once() -> anyhow::Result<()> {
    let (database, _) = start().await?;

    let mut workers = JoinSet::new();
    for worker in 0..WORKERS {
        let mut images = Vec::new();
        for number in 0..IMAGES_A_WORKER {
            images.push(insert_image_at(&database.pool, &format!("/{worker}/{number}.jpg")).await?);
        }
        let store = worker_on(&database);
        workers.spawn(async move {
            for image in images {
                let claim = claim(&store, image).await?;
                anyhow::ensure!(store.record(&claim, of_strangers(&[1, 2])).await?, "the lease is ours");
            }
            Ok(())
        });
    }

    workers.join_all().await.into_iter().collect::<Result<(), _>>()?;
    let stored: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM faces").fetch_one(&database.pool).await?;
    assert_eq!(stored, WORKERS * IMAGES_A_WORKER * 2);
    Ok(())
}

/// Each way to end a claim, by a worker whose lease another one took over meanwhile.
#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let first = claim(&store, id).await?;
    store.record(&first, of_strangers(&[1])).await?;
    make_due(&database.pool, id).await?;
    let lost = claim(&store, id).await?;
    make_due(&database.pool, id).await?;
    let held = claim(&store, id).await?;
    let (image_before, faces_before) = (image(&database.pool, id).await?, faces(&database.pool, id).await?);

    assert!(!store.record(&lost, of_strangers(&[2, 3])).await?);
    assert!(
        !store
            .fail(&lost, &failure("engine_failed", "too late"), Fate::Retryable(Duration::ZERO), CHARGED)
            .await?
    );
    assert!(!store.release(&lost, Duration::ZERO, None).await?);

    let image_after = image(&database.pool, id).await?;
    let unclocked = |row: ImageRow| ImageRow { lease_seconds: row.lease_seconds.map(|_| 0), ..row };
    assert_eq!(unclocked(image_after), unclocked(image_before));
    assert_eq!(faces(&database.pool, id).await?, faces_before);
    assert!(store.record(&held, of_strangers(&[4])).await?, "the lease still is the other worker's");
    Ok(())
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_does_not_undo_the_result_of_another() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let lost = claim(&store, id).await?;
    make_due(&database.pool, id).await?;
    let held = claim(&store, id).await?;
    store.record(&held, of_strangers(&[1])).await?;
    let image_before = image(&database.pool, id).await?;

    assert!(!store.record(&lost, of_strangers(&[2, 3])).await?);
    assert!(
        !store
            .fail(&lost, &failure("engine_failed", "too late"), Fate::Retryable(Duration::ZERO), CHARGED)
            .await?
    );
    assert!(!store.release(&lost, Duration::ZERO, None).await?);

    assert_eq!(image(&database.pool, id).await?, image_before);
    assert_eq!(left_edges(&database.pool, id).await?, [1]);
    Ok(())
}
