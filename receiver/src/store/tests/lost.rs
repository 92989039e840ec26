//! Images that nobody took: found page by page with their last message, and announced again.

use crate::relay::{LastMessage, Outbox, Overdue};

use super::*;

const MINUTE: Duration = Duration::from_mins(1);

/// Makes an image due since so many minutes.
async fn make_due_since(pool: &MySqlPool, id: u64, minutes: u32) -> sqlx::Result<()> {
    sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) - INTERVAL ? MINUTE WHERE id = ?")
        .bind(minutes)
        .bind(id)
        .execute(pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn pending_images_that_are_due_for_long_are_found_longest_first_page_by_page() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut ids = Vec::new();
    for (name, minutes) in [("/a.jpg", 5), ("/b.jpg", 9), ("/c.jpg", 2), ("/d.jpg", 7)] {
        let (id, _) = insert(&store, name).await?;
        make_due_since(&database.pool, id, minutes).await?;
        ids.push(id);
    }
    sqlx::query("UPDATE images SET next_attempt_at = '2026-01-01' WHERE path IN ('/a.jpg', '/d.jpg')")
        .execute(&database.pool)
        .await?;

    let mut pages = Vec::new();
    let mut place = None;
    loop {
        let page = store.overdue(place.as_ref(), MINUTE, 1).await?;
        pages.push(page.images.iter().map(|image| image.image_id).collect::<Vec<_>>());
        match page.next {
            Some(next) => place = Some(next),
            None => break,
        }
    }

    // The two that are due since the same moment come by their ids, and neither is missed.
    assert_eq!(pages, [vec![ids[0]], vec![ids[3]], vec![ids[1]], vec![ids[2]], vec![]]);
    Ok(())
}

#[tokio::test]
async fn images_in_other_states_and_images_due_a_moment_ago_are_not_overdue() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert(&store, "/just_now.jpg").await?;
    for status in ImageStatus::ALL.into_iter().filter(|status| *status != ImageStatus::Pending) {
        let (id, _) = insert(&store, status.name()).await?;
        make_due_since(&database.pool, id, 60).await?;
        sqlx::query("UPDATE images SET status = ? WHERE id = ?")
            .bind(status)
            .bind(id)
            .execute(&database.pool)
            .await?;
    }

    let page = store.overdue(None, MINUTE, 10).await?;

    assert_eq!((page.images, page.next.is_none()), (Vec::new(), true));
    Ok(())
}

#[tokio::test]
async fn an_overdue_image_is_told_with_its_last_message() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let new = Post::new(path("/a.jpg"), TraceContext::parse(TRACEPARENT), false);
    let (accepted, announcement) = accept(&store, new).await?;
    let first = announcement.expect("it is new").outbox_id;
    make_due_since(&database.pool, accepted.id, 60).await?;

    let waits = store.overdue(None, MINUTE, 10).await?.images;
    let message = LastMessage { id: first, published: None, publishes: 0 };
    let image = Overdue {
        image_id: accepted.id,
        traceparent: Some(TRACEPARENT.to_owned()),
        last_message: Some(message),
    };
    assert_eq!(waits, std::slice::from_ref(&image));

    sqlx::query("UPDATE outbox SET publishes = 2, published_at = UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE")
        .execute(&database.pool)
        .await?;
    // A dead letter says nothing about who was told of the image.
    sqlx::query("INSERT INTO outbox (image_id, topic, body, due_at) VALUES (?, 'images.dead', '{}', UTC_TIMESTAMP(6))")
        .bind(accepted.id)
        .execute(&database.pool)
        .await?;
    let sent = store.overdue(None, MINUTE, 10).await?.images;
    let last = sent[0].last_message.expect("it is kept");
    assert_eq!((last.id, last.publishes), (first, 2));
    assert_eq!(last.published.map(|age| age.as_secs() / 60), Some(10));

    sqlx::query("DELETE FROM outbox").execute(&database.pool).await?;
    let forgotten = store.overdue(None, MINUTE, 10).await?.images;
    assert_eq!(forgotten, [Overdue { last_message: None, ..image }]);
    Ok(())
}

#[tokio::test]
async fn the_last_message_of_an_image_is_due_again() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (image, message) = insert(&store, "/a.jpg").await?;
    let (_, other) = insert(&store, "/b.jpg").await?;
    store.mark_published(&[message, other]).await?;
    make_due_since(&database.pool, image, 60).await?;
    let lost = store.overdue(None, MINUTE, 10).await?.images;

    store.announce_again(&lost).await?;

    let leased = store.lease(10, MINUTE).await?;
    assert_eq!(
        leased.iter().map(|message| (message.id, message.publishes)).collect::<Vec<_>>(),
        [(message, 1)]
    );
    Ok(())
}

#[tokio::test]
async fn a_message_that_another_relay_made_due_again_keeps_its_lease() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let (image, message) = insert(&store, "/a.jpg").await?;
    store.mark_published(&[message]).await?;
    make_due_since(&database.pool, image, 60).await?;
    let lost = store.overdue(None, MINUTE, 10).await?.images;
    store.announce_again(&lost).await?;
    store.lease(10, MINUTE).await?;

    store.announce_again(&lost).await?;

    assert_eq!(store.lease(10, MINUTE).await?, []);
    Ok(())
}

#[tokio::test]
async fn an_image_whose_messages_are_forgotten_gets_a_new_one() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let new = Post::new(path("/a.jpg"), TraceContext::parse(TRACEPARENT), false);
    let (accepted, announcement) = accept(&store, new).await?;
    sqlx::query("DELETE FROM outbox").execute(&database.pool).await?;
    let gone = Overdue { image_id: accepted.id + 1, traceparent: None, last_message: None };
    make_due_since(&database.pool, accepted.id, 60).await?;
    let mut lost = store.overdue(None, MINUTE, 10).await?.images;
    lost.push(gone);

    store.announce_again(&lost).await?;

    let leased = store.lease(10, MINUTE).await?;
    let body = announcement.expect("it is new").body;
    assert_eq!(leased.iter().map(|message| &message.body[..]).collect::<Vec<_>>(), [&body[..]]);
    assert_eq!(leased[0].topic, "images");
    Ok(())
}
