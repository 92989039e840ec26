//! Pages of images of one status or one reason.

use migrations::UnresolvedReason;

use super::*;

/// Gives an image its status; one in work has a lease, as the worker writes it.
async fn set_status(
    pool: &MySqlPool,
    id: u64,
    status: ImageStatus,
    reason: Option<UnresolvedReason>,
) -> sqlx::Result<()> {
    let lease_until = (status == ImageStatus::Processing).then_some("2999-01-01");
    sqlx::query("UPDATE images SET status = ?, reason = ?, lease_until = ? WHERE id = ?")
        .bind(status)
        .bind(reason)
        .bind(lease_until)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn each_status_shows_its_own_images_only() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 10).await?;
    for (id, status) in (1..).zip(ImageStatus::ALL.into_iter().chain(ImageStatus::ALL)) {
        set_status(&database.pool, id, status, None).await?;
    }

    for (id, status) in (1..).zip(ImageStatus::ALL) {
        let images = page_of(&store, Standing::Status(status), Position::Newest).await?;

        assert_eq!(images, (vec![id + 5, id], false, false), "{status:?}");
    }
    Ok(())
}

#[tokio::test]
async fn each_reason_shows_its_own_images_only() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 5).await?;
    for (id, reason) in (1..).zip(UnresolvedReason::ALL) {
        set_status(&database.pool, id, ImageStatus::Unresolved, Some(*reason)).await?;
    }

    for (id, reason) in (1..).zip(UnresolvedReason::ALL) {
        let images = page_of(&store, Standing::Reason(*reason), Position::Newest).await?;

        assert_eq!(images, (vec![id], false, false), "{reason:?}");
    }
    let unresolved = Standing::Status(ImageStatus::Unresolved);
    assert_eq!(page_of(&store, unresolved, Position::Newest).await?.0, [4, 3, 2]);
    Ok(())
}

#[tokio::test]
async fn pages_under_a_filter_pass_over_the_other_images() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 14).await?;
    for id in [2, 4, 6, 8, 10, 12, 13] {
        set_status(&database.pool, id, ImageStatus::Unresolved, Some(UnresolvedReason::NoFace)).await?;
    }
    let pages = [
        (Position::Newest, (vec![13, 12, 10], false, true)),
        (Position::Before(10), (vec![8, 6, 4], true, true)),
        (Position::Before(4), (vec![2], true, false)),
        (Position::Before(2), (vec![], false, false)),
        (Position::Before(14), (vec![13, 12, 10], false, true)),
        (Position::After(2), (vec![8, 6, 4], true, true)),
        (Position::After(1), (vec![6, 4, 2], true, false)),
        (Position::After(9), (vec![13, 12, 10], false, true)),
        (Position::After(13), (vec![], false, false)),
    ];
    for standing in [Standing::Status(ImageStatus::Unresolved), Standing::Reason(UnresolvedReason::NoFace)] {
        for (position, images) in &pages {
            assert_eq!(&page_of(&store, standing, *position).await?, images, "{standing:?} {position:?}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn images_in_work_have_pages_too() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_images(&database.pool, 5).await?;
    for id in [1, 2, 4, 5] {
        set_status(&database.pool, id, ImageStatus::Processing, None).await?;
    }
    let processing = Standing::Status(ImageStatus::Processing);

    assert_eq!(page_of(&store, processing, Position::Newest).await?, (vec![5, 4, 2], false, true));
    assert_eq!(page_of(&store, processing, Position::Before(2)).await?, (vec![1], true, false));
    assert_eq!(page_of(&store, processing, Position::After(1)).await?, (vec![5, 4, 2], false, true));
    Ok(())
}
