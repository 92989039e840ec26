//! Many paths in one group, one path more than once, and groups of several receivers at the same time.

use sqlx::mysql::MySqlPoolOptions;
use tokio::task::JoinSet;

use super::*;
use crate::store::posting::TRIES;

/// Groups that are under way at the same time. Each lost race is another group that was stored.
const RECEIVERS: usize = 8;
const _: () = assert!(TRIES as usize >= RECEIVERS, "a group is tried often enough to lose to each other one");
/// How often they are: locks that are taken in different orders do not meet every time.
const ROUNDS: usize = 20;

#[tokio::test]
async fn each_post_of_a_group_is_answered_in_its_place() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let (known, _) = insert(&store, "/m.jpg").await?;
    let names: Vec<String> = (0..600).map(|number| format!("/{number}.jpg")).collect();
    let mut posts: Vec<Post> = names.iter().map(|name| post(name)).collect();
    posts.insert(300, post("/m.jpg"));

    let Committed { accepted, announcements } = store.accept_all(&posts).await?;

    assert_eq!(accepted[300], Accepted { id: known, status: ImageStatus::Pending, created: false });
    for (place, accepted) in accepted.iter().enumerate().filter(|(place, _)| *place != 300) {
        let path = store.image(accepted.id).await?.map(|image| image.path);
        assert_eq!(path.as_ref(), Some(&names[place - usize::from(place > 300)]));
        assert!(accepted.created, "{place}");
    }
    assert_eq!((accepted.len(), announcements.len()), (601, 600));
    Ok(())
}

#[tokio::test]
async fn each_message_of_a_group_announces_its_own_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let posts: Vec<Post> = (0..40).map(|number| post(&format!("/{number}.jpg"))).collect();

    let Committed { accepted, announcements } = store.accept_all(&posts).await?;

    let mut stored: Vec<(u64, Vec<u8>)> =
        sqlx::query_as("SELECT id, body FROM outbox").fetch_all(&database.pool).await?;
    let mut told: Vec<(u64, Vec<u8>)> =
        announcements.into_iter().map(|message| (message.outbox_id, message.body)).collect();
    stored.sort();
    told.sort();
    assert_eq!(told, stored);
    let mut announced: Vec<u64> =
        told.iter().map(|(_, body)| u64::from_le_bytes(body[..8].try_into().expect("8 bytes"))).collect();
    let mut ids: Vec<u64> = accepted.iter().map(|accepted| accepted.id).collect();
    announced.sort_unstable();
    ids.sort_unstable();
    assert_eq!(announced, ids);
    Ok(())
}

/// As where several servers number the rows of one table; and with groups that are cut into statements.
#[tokio::test]
async fn ids_are_told_right_whatever_their_distance_and_the_size_of_the_group() -> anyhow::Result<()> {
    let (database, _) = start().await?;
    for step in [1, 3] {
        let options = MySqlPoolOptions::new().after_connect(move |connection, _| {
            Box::pin(async move {
                let set = "SET SESSION auto_increment_increment = ?, SESSION auto_increment_offset = 1";
                sqlx::query(set).bind(step).execute(connection).await.map(drop)
            })
        });
        let store = Store::new(options.connect_with((*database.pool.connect_options()).clone()).await?);
        for count in [1, 2, 16, 17, 100, 999] {
            let names: Vec<String> =
                (0..count).map(|number| format!("/{step}/{count}/{number}.jpg")).collect();
            let posts: Vec<Post> = names.iter().map(|name| post(name)).collect();

            let Committed { accepted, announcements } = store.accept_all(&posts).await?;

            for (accepted, name) in accepted.iter().zip(&names) {
                let path = store.image(accepted.id).await?.map(|image| image.path);
                assert_eq!(path.as_ref(), Some(name), "step {step}, {count} posts");
            }
            let stored: Vec<(u64, Vec<u8>)> =
                sqlx::query_as("SELECT id, body FROM outbox ORDER BY id DESC LIMIT ?")
                    .bind(count)
                    .fetch_all(&database.pool)
                    .await?;
            let mut told: Vec<(u64, Vec<u8>)> =
                announcements.into_iter().map(|message| (message.outbox_id, message.body)).collect();
            told.sort_unstable_by(|one, other| other.cmp(one));
            assert_eq!(told, stored, "step {step}, {count} posts");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_path_that_is_twice_in_a_group_is_one_image_and_one_message() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let posts = ["/b.jpg", "/a.jpg", "/b.jpg", "/b.jpg"].map(post);

    let Committed { accepted, announcements } = store.accept_all(&posts).await?;

    let created: Vec<bool> = accepted.iter().map(|accepted| accepted.created).collect();
    assert_eq!(created, [true, true, false, false]);
    assert_eq!((accepted[0].id, accepted[0].id), (accepted[2].id, accepted[3].id));
    assert_eq!(announcements.len(), 2);
    assert_eq!((count(&database.pool, "images").await?, count(&database.pool, "outbox").await?), (2, 2));
    Ok(())
}

#[tokio::test]
async fn one_wish_for_a_new_look_is_enough_for_all_posts_of_a_path_in_a_group() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert(&store, "/a.jpg").await?;
    sqlx::query("UPDATE images SET status = 1").execute(&database.pool).await?;

    let committed = store.accept_all(&[post("/a.jpg"), rerun("/a.jpg"), post("/a.jpg")]).await?;

    let states: Vec<ImageStatus> = committed.accepted.iter().map(|accepted| accepted.status).collect();
    assert_eq!(states, [ImageStatus::Pending; 3]);
    assert_eq!(committed.announcements.len(), 1);
    Ok(())
}

/// What each of several receivers was told that post the same paths at the same time, each in its own order.
async fn post_at_once(store: &Store, names: &[String]) -> anyhow::Result<Vec<Committed>> {
    let mut groups = JoinSet::new();
    for receiver in 0..RECEIVERS {
        let mut posts: Vec<Post> = names.iter().map(|name| post(name)).collect();
        posts.rotate_left(receiver * names.len() / RECEIVERS);
        let store = store.clone();
        groups.spawn(async move { store.accept_all(&posts).await });
    }
    groups.join_all().await.into_iter().map(|told| Ok(told?)).collect()
}

fn names(round: usize, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("/{round}/{number}.jpg")).collect()
}

#[tokio::test]
async fn paths_posted_by_many_receivers_at_once_become_one_image_and_one_message_each() -> anyhow::Result<()>
{
    let (database, store) = start().await?;
    for round in 0..ROUNDS {
        let told = post_at_once(&store, &names(round, 30)).await?;

        let created: usize =
            told.iter().map(|group| group.accepted.iter().filter(|accepted| accepted.created).count()).sum();
        let announced: usize = told.iter().map(|group| group.announcements.len()).sum();
        assert_eq!((created, announced), (30, 30));
    }
    let expected = i64::try_from(30 * ROUNDS)?;
    assert_eq!(count(&database.pool, "images").await?, expected);
    assert_eq!(count(&database.pool, "outbox").await?, expected);
    Ok(())
}

#[tokio::test]
async fn failed_images_posted_by_many_receivers_at_once_are_announced_once_each() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let names = names(0, 30);
    post_at_once(&store, &names).await?;
    for _ in 0..ROUNDS {
        sqlx::query("UPDATE images SET status = 2").execute(&database.pool).await?;

        let told = post_at_once(&store, &names).await?;

        assert_eq!(told.iter().map(|group| group.announcements.len()).sum::<usize>(), 30);
        let pending = |group: &Committed| {
            group.accepted.iter().all(|accepted| accepted.status == ImageStatus::Pending && !accepted.created)
        };
        assert!(told.iter().all(pending), "{told:?}");
    }
    Ok(())
}

/// Another receiver has inserted the path and not committed yet: this one waits for it and finds its row.
#[tokio::test]
async fn a_path_that_another_receiver_is_storing_is_found_when_that_one_is_done() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut other = insert_uncommitted(&database.pool, "/a.jpg").await?;
    let id: u64 = sqlx::query_scalar("SELECT id FROM images").fetch_one(&mut *other).await?;
    let ours = tokio::spawn(async move { accept(&store, post("/a.jpg")).await });
    wait_for_insert(&database.pool_of(Account::Receiver)).await?;

    other.commit().await?;

    assert_eq!(ours.await??, (Accepted { id, status: ImageStatus::Pending, created: false }, None));
    Ok(())
}
