//! What was done with long ago is deleted, a little at a time.

use crate::relay::Outbox;

use super::*;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn messages_that_were_published_long_ago_are_deleted_and_no_others() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for name in ["/old.jpg", "/young.jpg", "/waits.jpg"] {
        ids.push(insert(&store, name).await?.1);
    }
    sqlx::query(
        "UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL 9 DAY,
                published_at = CASE id WHEN ? THEN UTC_TIMESTAMP(6) - INTERVAL 25 HOUR
                                       WHEN ? THEN UTC_TIMESTAMP(6) - INTERVAL 23 HOUR END",
    )
    .bind(ids[0])
    .bind(ids[1])
    .execute(&database.pool)
    .await?;

    let all_gone = store.prune(DAY).await?;

    let left: Vec<u64> =
        sqlx::query_scalar("SELECT id FROM outbox ORDER BY id").fetch_all(&database.pool).await?;
    assert_eq!((all_gone, left), (true, ids[1..].to_vec()));
    assert_eq!(count(&database.pool, "images").await?, 3);
    Ok(())
}

#[tokio::test]
async fn what_is_much_is_deleted_a_thousand_at_a_time() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let posts: Vec<Post> = (0..1_200).map(|number| post(&format!("/{number}.jpg"))).collect();
    for group in posts.chunks(600) {
        store.accept_all(group).await?;
    }
    sqlx::query("UPDATE outbox SET published_at = UTC_TIMESTAMP(6) - INTERVAL 2 DAY")
        .execute(&database.pool)
        .await?;

    assert!(!store.prune(DAY).await?, "there is more");
    assert_eq!(count(&database.pool, "outbox").await?, 200);
    assert!(store.prune(DAY).await?);
    assert_eq!(count(&database.pool, "outbox").await?, 0);
    Ok(())
}

#[tokio::test]
async fn idempotency_keys_are_deleted_with_their_answers() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    for key in ["old", "young"] {
        store.begin_request("/image/post", key, &[0; 32], DAY).await?;
    }
    sqlx::query(
        "UPDATE idempotency_keys SET created_at = UTC_TIMESTAMP(6) - INTERVAL 25 HOUR WHERE name = 'old'",
    )
    .execute(&database.pool)
    .await?;

    assert!(store.prune(DAY).await?);

    let left: Vec<String> =
        sqlx::query_scalar("SELECT name FROM idempotency_keys").fetch_all(&database.pool).await?;
    assert_eq!(left, ["young"]);
    Ok(())
}
