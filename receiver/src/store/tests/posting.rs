//! A path is posted: for the first time, again in each state, and by many at once; then its message is published.

use sqlx::FromRow;
use time::PrimitiveDateTime;
use tokio::task::JoinSet;

use super::*;

/// Posts of one path that are under way at the same time.
const POSTS: usize = 16;
/// How often they are: locks that are taken in different orders do not meet every time.
const ROUNDS: i64 = 50;

/// What of `images` tells whether there is work to do.
#[derive(Debug, PartialEq, FromRow)]
struct Work {
    status: ImageStatus,
    attempts: u32,
    losses: u32,
    rounds: u32,
    retryable: bool,
    error_code: Option<String>,
    error_detail: Option<String>,
    lease_token: u64,
    updated_at: PrimitiveDateTime,
}

async fn work(pool: &MySqlPool, id: u64) -> sqlx::Result<Work> {
    sqlx::query_as(
        "SELECT status, attempts, losses, rounds, retryable, error_code, error_detail, lease_token, updated_at
         FROM images WHERE id = ?",
    )
    .bind(id)
    .fetch_one(pool)
    .await
}

/// Leaves an image as a worker and the redeemer leave one that failed three rounds long.
async fn fail(pool: &MySqlPool, id: u64) -> sqlx::Result<()> {
    sqlx::query(
        "UPDATE images SET status = 2, attempts = 5, losses = 2, rounds = 3, lease_token = 20, retryable = TRUE,
                error_code = 'engine_failed', error_detail = 'no luck', next_attempt_at = '2999-01-01'
         WHERE id = ?",
    )
    .bind(id)
    .execute(pool)
    .await?;
    Ok(())
}

async fn is_due(pool: &MySqlPool, id: u64) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT next_attempt_at <= UTC_TIMESTAMP(6) FROM images WHERE id = ?")
        .bind(id)
        .fetch_one(pool)
        .await
}

async fn count_images(pool: &MySqlPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM images").fetch_one(pool).await
}

async fn count_messages(pool: &MySqlPool) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT COUNT(*) FROM outbox").fetch_one(pool).await
}

#[tokio::test]
async fn a_new_path_becomes_a_pending_row() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let context = TraceContext::parse(TRACEPARENT);

    let accepted = store.accept(&path("/people/élodie.jpg"), context.as_ref()).await?;

    assert_eq!((accepted.status, accepted.created), (ImageStatus::Pending, true));
    let row: (u64, String, bool, ImageStatus, Option<String>) = sqlx::query_as(
        "SELECT id, path, path_hash = UNHEX(SHA2(path, 256)), status, traceparent FROM images",
    )
    .fetch_one(&database.pool)
    .await?;
    let traceparent = Some(TRACEPARENT.to_owned());
    assert_eq!(row, (accepted.id, "/people/élodie.jpg".to_owned(), true, ImageStatus::Pending, traceparent));
    assert!(is_due(&database.pool, accepted.id).await?);
    Ok(())
}

#[tokio::test]
async fn a_new_path_is_announced_in_the_outbox() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    let accepted = store.accept(&path("/a.jpg"), TraceContext::parse(TRACEPARENT).as_ref()).await?;

    let announcement = accepted.announcement.expect("a new image is announced");
    assert_eq!(announcement.body, [&accepted.id.to_le_bytes(), TRACEPARENT.as_bytes()].concat());
    let row: (u64, u64, String, Vec<u8>, bool, bool, bool, u32) = sqlx::query_as(
        "SELECT id, image_id, topic, body, due_at <= UTC_TIMESTAMP(6), leased_until IS NULL,
                published_at IS NULL, publishes
         FROM outbox",
    )
    .fetch_one(&database.pool)
    .await?;
    let Announcement { outbox_id, body } = announcement;
    assert_eq!(row, (outbox_id, accepted.id, "images".to_owned(), body, true, true, true, 0));
    Ok(())
}

#[tokio::test]
async fn the_longest_path_fits_its_column() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let longest = path(&"😀".repeat(picture_path::MAX_CHARACTERS - 1));

    let accepted = store.accept(&longest, None).await?;

    let stored: String = sqlx::query_scalar("SELECT path FROM images WHERE id = ?")
        .bind(accepted.id)
        .fetch_one(&database.pool)
        .await?;
    assert_eq!(stored, longest.as_str());
    Ok(())
}

#[tokio::test]
async fn paths_that_differ_in_case_or_a_space_at_the_end_are_two_pictures() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    for posted in ["/a.jpg", "/A.jpg", "/a.jpg "] {
        assert!(store.accept(&path(posted), None).await?.created, "{posted:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_image_whose_message_cannot_be_stored_is_not_stored_either() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    sqlx::query("RENAME TABLE outbox TO away").execute(&database.pool).await?;

    store.accept(&path("/a.jpg"), None).await.expect_err("there is no outbox");

    assert_eq!(count_images(&database.pool).await?, 0);
    Ok(())
}

#[tokio::test]
async fn the_same_path_again_is_the_same_image_and_no_second_message() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let first = store.accept(&path("/a.jpg"), None).await?;

    let second = store.accept(&path("/a.jpg"), None).await?;

    let known = Accepted { id: first.id, status: ImageStatus::Pending, created: false, announcement: None };
    assert_eq!(second, known);
    assert_eq!(count_messages(&database.pool).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_failed_image_that_is_posted_again_begins_anew() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = store.accept(&path("/a.jpg"), None).await?.id;
    fail(&database.pool, id).await?;

    let again = store.accept(&path("/a.jpg"), None).await?;

    assert_eq!((again.id, again.status, again.created), (id, ImageStatus::Pending, false));
    let row = work(&database.pool, id).await?;
    assert_eq!(
        (row.status, row.attempts, row.losses, row.rounds),
        (ImageStatus::Pending, 0, 0, 0),
        "{row:?}"
    );
    assert_eq!((row.error_code, row.error_detail, row.retryable), (None, None, false));
    assert_eq!(row.lease_token, 20, "the fencing token never falls");
    assert!(is_due(&database.pool, id).await?);
    Ok(())
}

#[tokio::test]
async fn a_failed_image_that_is_posted_again_is_announced_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let first = store.accept(&path("/a.jpg"), None).await?;
    fail(&database.pool, first.id).await?;

    let again = store.accept(&path("/a.jpg"), None).await?;

    let announced = again.announcement.expect("there is work to do").outbox_id;
    let messages: Vec<(u64, u64)> =
        sqlx::query_as("SELECT id, image_id FROM outbox ORDER BY id").fetch_all(&database.pool).await?;
    let before = first.announcement.expect("a new image is announced").outbox_id;
    assert_eq!(messages, [(before, first.id), (announced, first.id)]);
    Ok(())
}

#[tokio::test]
async fn a_failed_image_whose_message_cannot_be_stored_stays_failed() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = store.accept(&path("/a.jpg"), None).await?.id;
    fail(&database.pool, id).await?;
    let before = work(&database.pool, id).await?;
    sqlx::query("RENAME TABLE outbox TO away").execute(&database.pool).await?;

    store.accept(&path("/a.jpg"), None).await.expect_err("there is no outbox");

    assert_eq!(work(&database.pool, id).await?, before);
    Ok(())
}

#[tokio::test]
async fn an_image_that_has_not_failed_is_left_alone() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = store.accept(&path("/a.jpg"), None).await?.id;

    for status in ImageStatus::ALL.into_iter().filter(|status| *status != ImageStatus::Failed) {
        sqlx::query("UPDATE images SET status = ?, attempts = 2 WHERE id = ?")
            .bind(status)
            .bind(id)
            .execute(&database.pool)
            .await?;
        let before = work(&database.pool, id).await?;

        let again = store.accept(&path("/a.jpg"), None).await?;

        assert_eq!(again, Accepted { id, status, created: false, announcement: None });
        assert_eq!(work(&database.pool, id).await?, before, "{status:?}");
    }
    assert_eq!(count_messages(&database.pool).await?, 1);
    Ok(())
}

/// What each of several posts of one path at the same time was told.
async fn post_at_once(store: &Store, text: &str) -> anyhow::Result<Vec<Accepted>> {
    let mut posts = JoinSet::new();
    for _ in 0..POSTS {
        let (store, path) = (store.clone(), path(text));
        posts.spawn(async move { store.accept(&path, None).await });
    }
    posts.join_all().await.into_iter().map(|told| Ok(told?)).collect()
}

#[tokio::test]
async fn one_path_posted_by_many_at_once_becomes_one_image_and_one_message() -> anyhow::Result<()> {
    let (database, store) = start().await?;

    let told = post_at_once(&store, "/a.jpg").await?;

    assert_eq!(told.iter().filter(|accepted| accepted.created).count(), 1, "{told:?}");
    assert!(told.iter().all(|accepted| accepted.id == told[0].id), "{told:?}");
    assert_eq!(count_images(&database.pool).await?, 1);
    assert_eq!(count_messages(&database.pool).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_failed_image_posted_by_many_at_once_is_announced_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = store.accept(&path("/a.jpg"), None).await?.id;
    for round in 1..=ROUNDS {
        fail(&database.pool, id).await?;

        let told = post_at_once(&store, "/a.jpg").await?;

        assert_eq!(told.iter().filter(|accepted| accepted.announcement.is_some()).count(), 1, "{told:?}");
        assert!(told.iter().all(|accepted| accepted.status == ImageStatus::Pending), "{told:?}");
        assert_eq!(count_messages(&database.pool).await?, 1 + round);
    }
    Ok(())
}

#[tokio::test]
async fn a_message_is_marked_each_time_it_was_published_and_no_other_is() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for posted in ["/once.jpg", "/twice.jpg", "/never.jpg"] {
        let announcement = store.accept(&path(posted), None).await?.announcement;
        ids.push(announcement.expect("a new image is announced").outbox_id);
    }

    store.mark_published(&ids[..2]).await?;
    store.mark_published(&ids[1..2]).await?;

    let marks: Vec<(u64, bool, u32)> = sqlx::query_as(
        "SELECT id, published_at <= UTC_TIMESTAMP(6) IS TRUE, publishes FROM outbox ORDER BY id",
    )
    .fetch_all(&database.pool)
    .await?;
    assert_eq!(marks, [(ids[0], true, 1), (ids[1], true, 2), (ids[2], false, 0)]);
    Ok(())
}
