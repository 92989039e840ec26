//! Wishes that images be decided again: added, taken, postponed.

use super::*;
use crate::{
    store::{Redecisions, Wish},
    tests::{Recorded, until_it_waits, worker_on as worker_named},
};

const LONG: Duration = Duration::from_mins(1);

/// Images that have a result, in the order of their ids.
async fn images(recorded: &Recorded, count: u32) -> anyhow::Result<Vec<u64>> {
    let mut images = Vec::new();
    for number in 0..count {
        images.push(recorded.image(&format!("/{number}.jpg"), Vec::new()).await?.0);
    }
    Ok(images)
}

/// Each wish: the image, how many, and whether it is leased.
async fn rows(recorded: &Recorded) -> sqlx::Result<Vec<(u64, u64, bool)>> {
    sqlx::query_as("SELECT image_id, wishes, leased_until IS NOT NULL FROM redecisions ORDER BY image_id")
        .fetch_all(&recorded.database.pool)
        .await
}

fn ids(wishes: &[Wish]) -> Vec<u64> {
    wishes.iter().map(|wish| wish.image.0).collect()
}

#[tokio::test]
async fn several_wishes_for_one_image_are_one_row() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 2).await?;

    recorded.store.wish(&images).await?;
    recorded.store.wish(&images[1..]).await?;
    recorded.store.wish(&[]).await?;

    assert_eq!(rows(&recorded).await?, [(images[0], 1, false), (images[1], 2, false)]);
    Ok(())
}

#[tokio::test]
async fn an_image_without_a_result_or_without_a_row_is_not_wished_for() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 1).await?;
    let pending = insert_image(&recorded.database.pool).await?;

    recorded.store.wish(&[images[0], pending.0, u64::MAX]).await?;

    assert_eq!(rows(&recorded).await?, [(images[0], 1, false)]);
    Ok(())
}

#[tokio::test]
async fn an_image_that_is_deleted_meanwhile_does_not_spoil_the_wishes_for_others() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 2).await?;
    let mut deleting = recorded.database.pool.begin().await?;
    sqlx::query("DELETE FROM images WHERE id = ?").bind(images[0]).execute(&mut *deleting).await?;

    let wishing = tokio::spawn({
        let (store, images) = (recorded.store.clone(), images.clone());
        async move { store.wish(&images).await }
    });
    until_it_waits(&recorded.database, "INSERT").await?;
    deleting.commit().await?;

    wishing.await??;
    assert_eq!(rows(&recorded).await?, [(images[1], 1, false)]);
    Ok(())
}

#[tokio::test]
async fn whoever_was_too_slow_takes_no_wish_away_that_was_made_anew() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 2).await?;
    recorded.store.wish(&images).await?;
    let slow = recorded.store.take_wishes(9, Duration::ZERO).await?;
    let quick = recorded.store.take_wishes(9, LONG).await?;
    recorded.store.record_again(&Redecisions { fulfilled: quick, ..Redecisions::default() }).await?;
    assert_eq!(rows(&recorded).await?, []);
    recorded.store.wish(&images).await?;

    let (first, second) = slow.split_at(1);
    let late = Redecisions {
        fulfilled: first.to_vec(),
        waiting: second.to_vec(),
        wait: LONG,
        ..Redecisions::default()
    };
    recorded.store.record_again(&late).await?;

    let due: BTreeSet<u64> = ids(&recorded.store.take_wishes(9, LONG).await?).into_iter().collect();
    assert_eq!(due, images.into_iter().collect());
    Ok(())
}

#[tokio::test]
async fn the_newest_wishes_are_taken_first_and_each_by_one_worker() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 3).await?;
    let other = worker_named(&recorded.database, "other");
    for image in &images {
        recorded.store.wish(&[*image]).await?;
    }

    let first = recorded.store.take_wishes(2, LONG).await?;
    let second = other.take_wishes(2, LONG).await?;

    assert_eq!(ids(&first), [images[2], images[1]]);
    assert_eq!(ids(&second), [images[0]]);
    assert_eq!(recorded.store.take_wishes(2, LONG).await?, []);
    Ok(())
}

#[tokio::test]
async fn wishes_of_a_worker_that_died_are_taken_again() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 1).await?;
    recorded.store.wish(&images).await?;
    recorded.store.take_wishes(9, Duration::ZERO).await?;

    assert_eq!(ids(&recorded.store.take_wishes(9, LONG).await?), images);
    Ok(())
}

#[tokio::test]
async fn a_wish_that_is_postponed_waits_unless_another_is_added() -> anyhow::Result<()> {
    let recorded = Recorded::start().await?;
    let images = images(&recorded, 2).await?;
    recorded.store.wish(&images).await?;
    let taken = recorded.store.take_wishes(9, LONG).await?;
    recorded.store.wish(&images[1..]).await?;

    recorded.store.postpone_wishes(&taken, LONG).await?;

    assert_eq!(rows(&recorded).await?, [(images[0], 1, false), (images[1], 2, false)]);
    assert_eq!(ids(&recorded.store.take_wishes(9, LONG).await?), images[1..]);
    recorded.store.wish(&images[..1]).await?;
    assert_eq!(ids(&recorded.store.take_wishes(9, LONG).await?), images[..1], "a new wish ends the waiting");
    Ok(())
}
