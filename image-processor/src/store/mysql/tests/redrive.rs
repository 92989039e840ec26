//! Dead letters are put back.

use super::*;
use crate::store::{DeadPage, PutBack, REDRIVEN_AT_ONCE};

/// An image that failed for good.
async fn dead_image(store: &MySqlStore, pool: &MySqlPool, path: &str, code: &str) -> anyhow::Result<ImageId> {
    failed_image(store, pool, path, code, Fate::GivenUp).await
}

async fn failed_image(
    store: &MySqlStore,
    pool: &MySqlPool,
    path: &str,
    code: &str,
    fate: Fate,
) -> anyhow::Result<ImageId> {
    let id = insert_image_at(pool, path).await?;
    let claim = claim(store, id).await?;
    anyhow::ensure!(store.fail(&claim, &failure(code, "it hurts"), fate, CHARGED).await?);
    Ok(id)
}

#[tokio::test]
async fn a_dead_letter_that_is_put_back_is_as_if_it_were_new_and_announced() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = dead_image(&store, &database.pool, "/a.jpg", "engine_failed").await?;
    let before = image(&database.pool, id).await?;
    sqlx::query("UPDATE images SET losses = 3, rounds = 3").execute(&database.pool).await?;
    sqlx::query("DELETE FROM outbox").execute(&database.pool).await?;

    let put_back = store.put_back(&[id.0]).await?;

    assert_eq!(put_back, PutBack { ids: vec![id.0], ..PutBack::default() });
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.error_code, row.retryable), (ImageStatus::Pending, None, false));
    assert_eq!((row.attempts, row.losses, row.lease_token), (0, 0, before.lease_token + 1));
    assert_eq!(outbox(&database.pool, id).await?, [("images".to_owned(), id.0.to_le_bytes().to_vec())]);
    let again = claim(&store, id).await?;
    assert_eq!((again.history.attempts, again.history.rounds), (0, 0));
    Ok(())
}

#[tokio::test]
async fn only_dead_letters_are_put_back_and_the_others_are_told() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let dead = dead_image(&store, &database.pool, "/dead.jpg", "engine_failed").await?.0;
    let later = Fate::Retryable(Duration::from_mins(1));
    let tried_again = failed_image(&store, &database.pool, "/later.jpg", "engine_failed", later).await?.0;
    let pending = insert_image_at(&database.pool, "/new.jpg").await?.0;
    let before = image(&database.pool, ImageId(tried_again)).await?;

    let asked = [4_711, pending, tried_again, dead, dead];
    let expected = PutBack { ids: vec![dead], unknown: vec![4_711], not_dead: vec![tried_again, pending] };
    assert_eq!(store.sort_dead_letters(&asked).await?, expected);
    assert_eq!(store.put_back(&asked).await?, expected);
    assert_eq!(store.put_back(&[dead]).await?, PutBack { not_dead: vec![dead], ..PutBack::default() });
    assert_eq!(store.put_back(&[]).await?, PutBack::default());

    assert_eq!(image(&database.pool, ImageId(tried_again)).await?, before);
    assert_eq!(outbox(&database.pool, ImageId(pending)).await?, []);
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_found_by_their_code_a_page_at_a_time() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    sqlx::query(
        "INSERT INTO images (path, path_hash, status, error_code, next_attempt_at, created_at, updated_at)
         SELECT seq, UNHEX(SHA2(seq, 256)), 2, IF(seq % 2, 'odd', 'even'),
                UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)
         FROM seq_1_to_300",
    )
    .execute(&database.pool)
    .await?;

    let first = store.dead_letters(0, None).await?;
    let rest = store.dead_letters(first.next.unwrap_or(0), None).await?;
    let odd = store.dead_letters(0, Some("odd")).await?;

    assert_eq!((first.ids.len(), first.next), (REDRIVEN_AT_ONCE, first.ids.last().copied()));
    assert_eq!((first.ids.len() + rest.ids.len(), rest.next), (300, None));
    assert!(first.ids.is_sorted() && first.ids.last() < rest.ids.first());
    assert_eq!((odd.ids.len(), odd.next), (150, None));
    assert_eq!(store.dead_letters(0, Some("Odd")).await?, DeadPage { ids: vec![], next: None });
    assert_eq!(store.count_dead_letters(None).await?, 300);
    assert_eq!(store.count_dead_letters(Some("even")).await?, 150);
    Ok(())
}

#[tokio::test]
async fn several_who_put_the_same_back_announce_each_image_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for number in 0..20 {
        ids.push(dead_image(&store, &database.pool, &format!("/{number}.jpg"), "engine_failed").await?.0);
    }
    sqlx::query("DELETE FROM outbox").execute(&database.pool).await?;
    let stores = [worker_on(&database), worker_on(&database), worker_on(&database)];

    let (one, two, three) =
        tokio::try_join!(stores[0].put_back(&ids), stores[1].put_back(&ids), stores[2].put_back(&ids))?;

    assert_eq!(one.ids.len() + two.ids.len() + three.ids.len(), 20);
    let announced: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox").fetch_one(&database.pool).await?;
    assert_eq!(announced, 20);
    Ok(())
}
