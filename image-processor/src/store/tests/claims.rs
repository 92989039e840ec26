//! Who may work on an image, and when.

use tokio::task::JoinSet;

use super::*;

/// Workers that want the same image at the same time.
const WORKERS: usize = 8;

/// Lets an image wait for a minute.
async fn delay(pool: &MySqlPool, id: ImageId) -> sqlx::Result<()> {
    sqlx::query("UPDATE images SET next_attempt_at = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE id = ?")
        .bind(id.0)
        .execute(pool)
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_pending_image_is_leased_to_the_worker_that_claims_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    sqlx::query("UPDATE images SET attempts = 2").execute(&database.pool).await?;

    let claim = claim(&store, id).await?;

    assert_eq!((claim.id, claim.path.as_str(), claim.attempts), (id, "/a.jpg", 2));
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.lease_owner.as_deref()), (ImageStatus::Processing, Some("worker")));
    assert_eq!(row.attempts, 2, "a claim is no attempt");
    assert!(matches!(row.lease_seconds, Some(50..=60)), "{row:?}");
    Ok(())
}

#[tokio::test]
async fn the_token_rises_with_every_claim() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    sqlx::query("UPDATE images SET lease_token = 41").execute(&database.pool).await?;

    for token in [42, 43] {
        let claim = claim(&store, id).await?;

        assert_eq!((claim.token, image(&database.pool, id).await?.lease_token), (token, token));
        store.release(&claim, Duration::ZERO, false).await?;
    }
    Ok(())
}

#[tokio::test]
async fn while_an_image_is_leased_nobody_else_gets_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    claim(&store, id).await?;

    let second = store.claim(id, "another worker", LEASE).await?;

    let Claimed::NotYet(wait) = second else { panic!("the lease has a minute to go: {second:?}") };
    assert!((Duration::from_secs(50)..=LEASE).contains(&wait), "{wait:?}");
    let row = image(&database.pool, id).await?;
    assert_eq!((row.lease_owner.as_deref(), row.lease_token), (Some("worker"), 1));
    Ok(())
}

#[tokio::test]
async fn an_image_whose_lease_ran_out_is_claimed_again_and_has_a_loss() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let lost = claim(&store, id).await?;
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6)").execute(&database.pool).await?;

    let second = claim(&store, id).await?;

    assert!(second.token > lost.token, "{second:?}");
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.losses, row.attempts), (ImageStatus::Processing, 1, 0));
    Ok(())
}

#[tokio::test]
async fn of_many_workers_at_once_one_gets_the_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let store = store.clone();
        workers.spawn(async move { store.claim(id, "worker", LEASE).await });
    }

    let told: Vec<Claimed> = workers.join_all().await.into_iter().collect::<Result<_, _>>()?;
    assert_eq!(told.iter().filter(|claimed| matches!(claimed, Claimed::Yes(_))).count(), 1, "{told:?}");
    let left = told.iter().filter(|claimed| matches!(claimed, Claimed::NotYet(_))).count();
    assert_eq!(left, WORKERS - 1, "{told:?}");
    Ok(())
}

#[tokio::test]
async fn an_image_that_waits_says_how_long() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    delay(&database.pool, id).await?;

    let early = store.claim(id, "worker", LEASE).await?;

    let Claimed::NotYet(wait) = early else { panic!("it waits for a minute: {early:?}") };
    assert!((Duration::from_secs(50)..=Duration::from_mins(1)).contains(&wait), "{wait:?}");
    assert_eq!(image(&database.pool, id).await?.lease_token, 0);
    Ok(())
}

#[tokio::test]
async fn there_is_nothing_to_do_for_an_image_that_has_its_result() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for status in [ImageStatus::Processed, ImageStatus::Failed, ImageStatus::Unresolved] {
        sqlx::query("UPDATE images SET status = ?").bind(status).execute(&database.pool).await?;

        let late = store.claim(id, "worker", LEASE).await?;

        assert!(matches!(late, Claimed::NothingToDo), "{status:?}: {late:?}");
        assert_eq!(image(&database.pool, id).await?.status, status);
    }
    Ok(())
}

#[tokio::test]
async fn an_id_without_an_image_is_unknown() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert_image(&database.pool).await?;

    for id in [2, u64::MAX] {
        let claimed = store.claim(ImageId(id), "worker", LEASE).await?;

        assert!(matches!(claimed, Claimed::Unknown), "{id}: {claimed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_that_is_given_back_is_charged_only_where_it_counts() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for (charged, attempts) in [(false, 0), (true, 1), (false, 1), (true, 2)] {
        let claim = claim(&store, id).await?;
        store.release(&claim, Duration::ZERO, charged).await?;

        let row = image(&database.pool, id).await?;
        assert_eq!((row.status, row.attempts), (ImageStatus::Pending, attempts), "charged: {charged}");
        assert_eq!((row.lease_owner, row.lease_seconds), (None, None));
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_that_is_given_back_waits_for_the_delay() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;

    store.release(&claim, Duration::from_millis(59_500), false).await?;

    let early = store.claim(id, "worker", LEASE).await?;
    let Claimed::NotYet(wait) = early else { panic!("it waits for a minute: {early:?}") };
    assert!((Duration::from_secs(50)..=Duration::from_millis(59_500)).contains(&wait), "{wait:?}");
    Ok(())
}
