//! A path is posted for the first time.

use super::*;

#[tokio::test]
async fn a_new_path_becomes_a_pending_row() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let new = Post::new(path("/people/élodie.jpg"), TraceContext::parse(TRACEPARENT), false);

    let (accepted, _) = accept(&store, new).await?;

    assert_eq!((accepted.status, accepted.created), (ImageStatus::Pending, true));
    let row: (u64, String, bool, ImageStatus, bool, Option<String>) = sqlx::query_as(
        "SELECT id, path, path_hash = UNHEX(SHA2(path, 256)), status, next_attempt_at <= UTC_TIMESTAMP(6), traceparent
         FROM images",
    )
    .fetch_one(&database.pool)
    .await?;
    let traceparent = Some(TRACEPARENT.to_owned());
    let path = "/people/élodie.jpg".to_owned();
    assert_eq!(row, (accepted.id, path, true, ImageStatus::Pending, true, traceparent));
    Ok(())
}

#[tokio::test]
async fn a_new_path_is_announced_in_the_outbox() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let new = Post::new(path("/a.jpg"), TraceContext::parse(TRACEPARENT), false);

    let (accepted, announcement) = accept(&store, new).await?;

    let Announcement { outbox_id, body } = announcement.expect("a new image is announced");
    assert_eq!(body, [&accepted.id.to_le_bytes(), TRACEPARENT.as_bytes()].concat());
    let row: (u64, u64, String, Vec<u8>, bool, bool, u32) = sqlx::query_as(
        "SELECT id, image_id, topic, body, leased_until IS NULL, published_at IS NULL, publishes FROM outbox",
    )
    .fetch_one(&database.pool)
    .await?;
    assert_eq!(row, (outbox_id, accepted.id, "images".to_owned(), body, true, true, 0));
    Ok(())
}

#[tokio::test]
async fn the_relay_leaves_a_new_message_to_the_publisher_for_five_seconds() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    accept(&store, post("/a.jpg")).await?;

    let leaves: bool = sqlx::query_scalar(
        "SELECT outbox.due_at = images.created_at + INTERVAL 5 SECOND
                OR outbox.due_at BETWEEN images.created_at + INTERVAL 5 SECOND AND UTC_TIMESTAMP(6) + INTERVAL 5 SECOND
         FROM outbox JOIN images ON images.id = outbox.image_id",
    )
    .fetch_one(&database.pool)
    .await?;
    assert!(leaves);
    Ok(())
}

#[tokio::test]
async fn the_longest_path_fits_its_column() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let longest = "😀".repeat(picture_path::MAX_CHARACTERS - 1);

    let (accepted, _) = accept(&store, post(&longest)).await?;

    let stored: String = sqlx::query_scalar("SELECT path FROM images WHERE id = ?")
        .bind(accepted.id)
        .fetch_one(&database.pool)
        .await?;
    assert_eq!(stored, format!("/{longest}"));
    Ok(())
}

#[tokio::test]
async fn paths_that_differ_in_case_or_a_space_at_the_end_are_two_pictures() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    let posts = ["/a.jpg", "/A.jpg", "/a.jpg "].map(post);
    let committed = store.accept_all(&posts).await?;

    assert!(committed.accepted.iter().all(|accepted| accepted.created), "{committed:?}");
    Ok(())
}

#[tokio::test]
async fn an_image_whose_message_cannot_be_stored_is_not_stored_either() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    sqlx::query("RENAME TABLE outbox TO away").execute(&database.pool).await?;

    accept(&store, post("/a.jpg")).await.expect_err("there is no outbox");

    assert_eq!(count(&database.pool, "images").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_group_without_posts_is_nothing() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    let committed = store.accept_all(&[]).await?;

    assert_eq!(committed, Committed { accepted: Vec::new(), announcements: Vec::new() });
    Ok(())
}
