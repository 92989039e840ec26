//! Messages of the outbox: marked, leased by relays, released and put aside.

use std::collections::BTreeSet;

use crate::relay::{Backlog, Leased, Outbox};

use super::*;

const LEASE: Duration = Duration::from_secs(30);

/// What of a message says who may send it.
#[derive(Debug, PartialEq, sqlx::FromRow)]
struct Message {
    id: u64,
    published: bool,
    leased: bool,
    publishes: u32,
    /// Whole seconds, rounded down.
    due_in: i64,
}

async fn messages(pool: &MySqlPool) -> sqlx::Result<Vec<Message>> {
    sqlx::query_as(
        "SELECT id, published_at <= UTC_TIMESTAMP(6) IS TRUE AS published, leased_until IS NOT NULL AS leased, publishes,
                TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) AS due_in
         FROM outbox ORDER BY id",
    )
    .fetch_all(pool)
    .await
}

/// Posts new paths and makes their messages due, the first of them longest.
async fn insert_due<const N: usize>(
    database: &ScratchDatabase,
    store: &Store,
    names: [&str; N],
) -> anyhow::Result<[u64; N]> {
    let mut ids = [0; N];
    for (id, name) in ids.iter_mut().zip(names) {
        *id = insert(store, name).await?.1;
    }
    sqlx::query("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL (1000 - id) SECOND")
        .execute(&database.pool)
        .await?;
    Ok(ids)
}

fn ids(leased: &[Leased]) -> Vec<u64> {
    leased.iter().map(|message| message.id).collect()
}

#[tokio::test]
async fn a_message_is_marked_each_time_it_was_published_and_no_other_is() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let ids = insert_due(&database, &store, ["/once.jpg", "/twice.jpg", "/never.jpg"]).await?;

    store.mark_published(&ids[..2]).await?;
    store.mark_published(&ids[1..2]).await?;

    let marks: Vec<(u64, bool, u32)> = messages(&database.pool)
        .await?
        .into_iter()
        .map(|message| (message.id, message.published, message.publishes))
        .collect();
    assert_eq!(marks, [(ids[0], true, 1), (ids[1], true, 2), (ids[2], false, 0)]);
    Ok(())
}

#[tokio::test]
async fn with_no_messages_there_is_nothing_to_mark_or_to_release() -> anyhow::Result<()> {
    let (_database, store) = start().await?;

    store.mark_published(&[]).await?;
    store.release(&[]).await?;
    store.announce_again(&[]).await?;

    assert_eq!(store.lease(10, LEASE).await?, []);
    Ok(())
}

#[tokio::test]
async fn messages_are_leased_longest_due_first_and_whole() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [first, second, _] = insert_due(&database, &store, ["/a.jpg", "/b.jpg", "/c.jpg"]).await?;
    sqlx::query("UPDATE outbox SET topic = 'images.dead', body = 'x', publishes = 3 WHERE id = ?")
        .bind(first)
        .execute(&database.pool)
        .await?;

    let leased = store.lease(2, LEASE).await?;

    let dead = Leased { id: first, topic: "images.dead".to_owned(), body: "x".into(), publishes: 3 };
    assert_eq!((ids(&leased), &leased[0]), (vec![first, second], &dead));
    let held: Vec<bool> = messages(&database.pool).await?.iter().map(|message| message.leased).collect();
    assert_eq!(held, [true, true, false]);
    Ok(())
}

#[tokio::test]
async fn what_is_published_or_not_yet_due_is_not_leased() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [published, due] = insert_due(&database, &store, ["/a.jpg", "/b.jpg"]).await?;
    store.mark_published(&[published]).await?;
    insert(&store, "/new.jpg").await?;

    let leased = store.lease(10, LEASE).await?;

    assert_eq!(ids(&leased), [due]);
    Ok(())
}

#[tokio::test]
async fn a_message_is_leased_by_one_until_the_lease_ends_or_runs_out() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [message] = insert_due(&database, &store, ["/a.jpg"]).await?;

    assert_eq!(ids(&store.lease(10, LEASE).await?), [message]);
    assert_eq!(store.lease(10, LEASE).await?, [], "it is leased");

    store.release(&[message]).await?;
    assert_eq!(ids(&store.lease(10, LEASE).await?), [message], "its lease was ended");

    sqlx::query("UPDATE outbox SET leased_until = UTC_TIMESTAMP(6)").execute(&database.pool).await?;
    assert_eq!(ids(&store.lease(10, LEASE).await?), [message], "its lease ran out");
    Ok(())
}

#[tokio::test]
async fn several_relays_lease_different_messages_at_once() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let posts: Vec<Post> = (0..400).map(|number| post(&format!("/{number}.jpg"))).collect();
    store.accept_all(&posts).await?;
    sqlx::query("UPDATE outbox SET due_at = UTC_TIMESTAMP(6)").execute(&database.pool).await?;

    let relays: Vec<_> = (0..8)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.lease(50, LEASE).await })
        })
        .collect();
    let mut leased = Vec::new();
    for relay in relays {
        leased.extend(ids(&relay.await??));
    }

    // One that comes while the others hold their locks may find less than it wants, but nothing that another one has.
    assert_eq!(leased.iter().collect::<BTreeSet<_>>().len(), leased.len());
    assert!(leased.len() >= 50, "{}", leased.len());
    Ok(())
}

#[tokio::test]
async fn a_message_that_is_put_aside_is_due_later_and_counts_as_sent() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let [aside, other] = insert_due(&database, &store, ["/a.jpg", "/b.jpg"]).await?;
    store.lease(10, LEASE).await?;

    store.put_aside(aside, Duration::from_mins(2)).await?;

    let [aside_now, other_now] = &messages(&database.pool).await?[..] else { panic!("two messages") };
    assert_eq!(
        (aside_now.id, aside_now.published, aside_now.leased, aside_now.publishes),
        (aside, false, false, 1)
    );
    assert!((118..=120).contains(&aside_now.due_in), "{aside_now:?}");
    assert_eq!((other_now.id, other_now.leased, other_now.publishes), (other, true, 0));
    Ok(())
}

#[tokio::test]
async fn the_backlog_counts_what_is_due_and_how_long() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    assert_eq!(store.backlog().await?, Backlog { due: 0, oldest: Duration::ZERO });
    let [published, ..] = insert_due(&database, &store, ["/a.jpg", "/b.jpg", "/c.jpg"]).await?;
    store.mark_published(&[published]).await?;
    insert(&store, "/new.jpg").await?;
    sqlx::query("UPDATE outbox SET due_at = UTC_TIMESTAMP(6) - INTERVAL 1 HOUR WHERE id = ?")
        .bind(published + 1)
        .execute(&database.pool)
        .await?;

    let backlog = store.backlog().await?;

    assert_eq!((backlog.due, backlog.oldest.as_secs() / 60), (2, 60));
    Ok(())
}
