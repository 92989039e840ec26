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

    assert_eq!((claim.id, claim.path.as_str(), claim.history.attempts), (id, "/a.jpg", 2));
    let row = image(&database.pool, id).await?;
    assert_eq!(row.status, ImageStatus::Processing);
    assert!(row.lease_owner.as_ref().is_some_and(|owner| owner.starts_with("worker:")));
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
        store.release(&claim, Duration::ZERO, None).await?;
    }
    Ok(())
}

#[tokio::test]
async fn while_an_image_is_leased_nobody_else_gets_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let first = claim(&store, id).await?;

    let second = worker_on(&database).claim(id).await?;

    let Claimed::NotYet(wait) = second else { panic!("the lease has a minute to go: {second:?}") };
    assert!((Duration::from_secs(50)..=LEASE).contains(&wait), "{wait:?}");
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.lease_token), (ImageStatus::Processing, first.token));
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
    let (database, _) = start().await?;
    let id = insert_image(&database.pool).await?;

    let mut workers = JoinSet::new();
    for _ in 0..WORKERS {
        let store = worker_on(&database);
        workers.spawn(async move { store.claim(id).await });
    }

    expect_one_lease(workers).await
}

#[tokio::test]
async fn of_many_copies_of_a_message_in_one_worker_one_gets_the_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    let mut copies = JoinSet::new();
    for _ in 0..WORKERS {
        let store = store.clone();
        copies.spawn(async move { store.claim(id).await });
    }

    expect_one_lease(copies).await
}

async fn expect_one_lease(claims: JoinSet<Result<Claimed, StoreError>>) -> anyhow::Result<()> {
    let told: Vec<Claimed> = claims.join_all().await.into_iter().collect::<Result<_, _>>()?;
    assert_eq!(told.iter().filter(|claimed| matches!(claimed, Claimed::Yes(_))).count(), 1, "{told:?}");
    let left = told.iter().filter(|claimed| matches!(claimed, Claimed::NotYet(_))).count();
    assert_eq!(left, WORKERS - 1, "{told:?}");
    Ok(())
}

/// Images of every state in one group: each gets its own answer.
#[tokio::test]
async fn many_images_that_are_claimed_together_each_hear_what_became_of_them() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let mut images = Vec::new();
    for number in 0..100 {
        images.push(insert_image_at(&database.pool, &format!("/{number}.jpg")).await?);
    }
    sqlx::query("UPDATE images SET status = id % 5").execute(&database.pool).await?;
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 60 SECOND WHERE status = 3")
        .execute(&database.pool)
        .await?;

    let mut claims = JoinSet::new();
    for id in images.into_iter().chain([ImageId(1_000)]) {
        let store = store.clone();
        claims.spawn(async move { (id, store.claim(id).await) });
    }

    for (id, claimed) in claims.join_all().await {
        let claimed = claimed?;
        let expected = match id.0 % 5 {
            _ if id.0 == 1_000 => claimed == Claimed::Unknown,
            0 => matches!(&claimed, Claimed::Yes(claim) if claim.id == id && claim.token == 1),
            3 => matches!(claimed, Claimed::NotYet(_)),
            _ => claimed == Claimed::NothingToDo,
        };
        assert!(expected, "{id}: {claimed:?}");
    }
    let leased: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM images WHERE status = 3 AND lease_token = 1")
        .fetch_one(&database.pool)
        .await?;
    assert_eq!(leased, 20);
    Ok(())
}

#[tokio::test]
async fn an_image_is_not_leased_when_nobody_can_be_told_of_it() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    // It can be written that the image is leased, but not read what is to be done.
    sqlx::query("ALTER TABLE images RENAME COLUMN path TO away").execute(&database.pool).await?;

    store.claim(id).await.expect_err("there is no path");

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.lease_token, row.lease_owner), (ImageStatus::Pending, 0, None));
    sqlx::query("ALTER TABLE images RENAME COLUMN away TO path").execute(&database.pool).await?;
    assert_eq!(claim(&store, id).await?.history.losses, 0);
    Ok(())
}

#[tokio::test]
async fn an_image_that_was_nearly_lost_too_often_is_left_to_the_sweeper() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    claim(&store, id).await?;
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6), losses = 9")
        .execute(&database.pool)
        .await?;

    assert!(matches!(store.claim(id).await?, Claimed::NotYet(_)));

    assert_eq!(image(&database.pool, id).await?.losses, 9);
    Ok(())
}

#[tokio::test]
async fn a_lease_that_is_renewed_begins_anew() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND")
        .execute(&database.pool)
        .await?;

    assert!(store.renew(&claim).await?);

    let row = image(&database.pool, id).await?;
    assert!(matches!(row.lease_seconds, Some(50..=60)), "{row:?}");
    assert_eq!(row.lease_token, claim.token);
    Ok(())
}

#[tokio::test]
async fn a_lease_that_was_lost_is_not_renewed() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let lost = claim(&store, id).await?;
    make_due(&database.pool, id).await?;
    claim(&store, id).await?;
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 20 SECOND")
        .execute(&database.pool)
        .await?;

    assert!(!store.renew(&lost).await?);

    let row = image(&database.pool, id).await?;
    assert!(matches!(row.lease_seconds, Some(0..=20)), "{row:?}");
    Ok(())
}

#[tokio::test]
async fn an_image_that_waits_says_how_long() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    delay(&database.pool, id).await?;

    let early = store.claim(id).await?;

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

        let late = store.claim(id).await?;

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
        let claimed = store.claim(ImageId(id)).await?;

        assert!(matches!(claimed, Claimed::Unknown), "{id}: {claimed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_that_is_given_back_is_charged_only_where_it_counts() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    let loss = Charge { attempt: false, loss: true };
    for (charge, attempts, losses) in [(FREE, 0, 0), (CHARGED, 1, 0), (loss, 1, 1), (FREE, 1, 1)] {
        let claim = claim(&store, id).await?;
        let failed = failure("engine_failed", "it hurts");
        assert!(store.release(&claim, Duration::ZERO, Some((&failed, charge))).await?);

        let row = image(&database.pool, id).await?;
        assert_eq!(
            (row.status, row.attempts, row.losses),
            (ImageStatus::Pending, attempts, losses),
            "{charge:?}"
        );
        assert_eq!((row.lease_owner, row.lease_seconds), (None, None));
    }
    Ok(())
}

#[tokio::test]
async fn an_image_that_waits_keeps_what_its_last_attempt_failed_of() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;

    for (failed, kept) in [
        (None, None),
        (Some(failure("engine_failed", "it hurts")), Some(("engine_failed", "it hurts"))),
        (Some(failure("unavailable", "nobody is there")), Some(("unavailable", "nobody is there"))),
        (None, Some(("unavailable", "nobody is there"))),
    ] {
        let claim = claim(&store, id).await?;
        let failed = failed.as_ref().map(|failure| (failure, FREE));
        assert!(store.release(&claim, Duration::ZERO, failed).await?);

        let row = image(&database.pool, id).await?;
        let error = row.error_code.as_deref().zip(row.error_detail.as_deref());
        assert_eq!(error, kept);
    }
    Ok(())
}

#[tokio::test]
async fn a_claim_that_is_given_back_waits_for_the_delay() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;

    store.release(&claim, Duration::from_millis(59_500), None).await?;

    let early = store.claim(id).await?;
    let Claimed::NotYet(wait) = early else { panic!("it waits for a minute: {early:?}") };
    assert!((Duration::from_secs(50)..=Duration::from_millis(59_500)).contains(&wait), "{wait:?}");
    Ok(())
}
