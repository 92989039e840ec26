//! What workers left lying is taken up again.

use rollcall_tests::wait;
use service_kit::jitter::Jitter;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::sweeper;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

async fn let_leases_run_out(pool: &MySqlPool) -> sqlx::Result<()> {
    sqlx::query("UPDATE images SET lease_until = UTC_TIMESTAMP(6) WHERE status = 3").execute(pool).await?;
    Ok(())
}

/// A failed image that may be tried again, in this many minutes.
async fn failed_image(
    store: &MySqlStore,
    pool: &MySqlPool,
    path: &str,
    minutes: u64,
) -> anyhow::Result<ImageId> {
    let id = insert_image_at(pool, path).await?;
    let claim = claim(store, id).await?;
    let fate = Fate::Retryable(Duration::from_mins(minutes));
    anyhow::ensure!(store.fail(&claim, &failure("engine_failed", "it hurts"), fate, CHARGED).await?);
    Ok(id)
}

#[tokio::test]
async fn an_image_whose_lease_ran_out_is_pending_again_and_announced() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    sqlx::query("UPDATE images SET traceparent = ?").bind(TRACEPARENT).execute(&database.pool).await?;
    let lost = claim(&store, id).await?;
    let_leases_run_out(&database.pool).await?;

    let swept = store.end_leases().await?;

    assert_eq!(swept, Swept { put_back: 1, given_up: 0 });
    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.losses, row.attempts), (ImageStatus::Pending, 1, 0));
    assert_eq!((row.lease_owner, row.lease_token), (None, lost.token));
    let body = [&id.0.to_le_bytes()[..], TRACEPARENT.as_bytes()].concat();
    assert_eq!(outbox(&database.pool, id).await?, [("images".to_owned(), body)]);
    assert!(!store.record(&lost, Finding::of_older_recogniser(None)).await?, "the lease is lost");
    Ok(())
}

#[tokio::test]
async fn a_lease_that_still_runs_is_left_alone() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let held = claim(&store, id).await?;

    assert_eq!(store.end_leases().await?, Swept::default());

    assert!(store.record(&held, Finding::of_older_recogniser(None)).await?);
    Ok(())
}

#[tokio::test]
async fn the_tenth_loss_ends_the_image() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    claim(&store, id).await?;
    sqlx::query("UPDATE images SET losses = 9").execute(&database.pool).await?;
    let_leases_run_out(&database.pool).await?;

    assert_eq!(store.end_leases().await?, Swept { put_back: 0, given_up: 1 });

    let row = image(&database.pool, id).await?;
    assert_eq!((row.status, row.losses, row.retryable), (ImageStatus::Failed, 10, false));
    assert_eq!(row.error_code.as_deref(), Some("lost_too_often"));
    let letters = outbox(&database.pool, id).await?;
    assert_eq!(letters.iter().map(|(topic, _)| topic.as_str()).collect::<Vec<_>>(), ["images.dead"]);
    Ok(())
}

#[tokio::test]
async fn a_failed_image_begins_its_next_round_when_its_time_has_come() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let due = failed_image(&store, &database.pool, "/due.jpg", 0).await?;
    let early = failed_image(&store, &database.pool, "/early.jpg", 1).await?;

    assert_eq!(store.begin_rounds().await?, Swept { put_back: 1, given_up: 0 });

    let row = image(&database.pool, due).await?;
    assert_eq!((row.status, row.attempts, row.retryable), (ImageStatus::Pending, 0, false));
    assert_eq!(outbox(&database.pool, due).await?.len(), 1);
    let again = claim(&store, due).await?;
    assert_eq!(again.history.rounds, 1);
    assert_eq!(image(&database.pool, early).await?.status, ImageStatus::Failed);
    assert_eq!(outbox(&database.pool, early).await?, []);
    Ok(())
}

#[tokio::test]
async fn an_image_that_failed_for_good_begins_no_round() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    let claim = claim(&store, id).await?;
    store.fail(&claim, &failure("not_an_image", "it is text"), Fate::Final, CHARGED).await?;

    assert_eq!(store.begin_rounds().await?, Swept::default());

    assert_eq!(image(&database.pool, id).await?.status, ImageStatus::Failed);
    Ok(())
}

#[tokio::test]
async fn a_dry_run_counts_what_a_sweep_would_do() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    assert_eq!(store.sweepable().await?, (0, 0));
    for number in 0..3 {
        let id = insert_image_at(&database.pool, &format!("/{number}.jpg")).await?;
        claim(&store, id).await?;
    }
    let_leases_run_out(&database.pool).await?;
    failed_image(&store, &database.pool, "/due.jpg", 0).await?;
    failed_image(&store, &database.pool, "/early.jpg", 1).await?;

    assert_eq!(store.sweepable().await?, (3, 1));
    Ok(())
}

#[tokio::test]
async fn several_sweepers_share_the_work_and_do_nothing_twice() -> anyhow::Result<()> {
    const IMAGES: u64 = 600;
    let (database, store) = start().await?;
    for number in 0..IMAGES {
        insert_image_at(&database.pool, &format!("/{number}.jpg")).await?;
    }
    sqlx::query("UPDATE images SET status = 3, lease_until = UTC_TIMESTAMP(6)")
        .execute(&database.pool)
        .await?;

    let mut sweepers = JoinSet::new();
    for _ in 0..4 {
        let store = store.clone();
        sweepers.spawn(async move { sweeper::sweep(&store).await });
    }

    let mut put_back = 0;
    for summary in sweepers.join_all().await {
        put_back += summary?.leases.put_back;
    }
    let again: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM images WHERE status = 0 AND losses = 1")
        .fetch_one(&database.pool)
        .await?;
    let messages: i64 =
        sqlx::query_scalar("SELECT COUNT(DISTINCT image_id) FROM outbox").fetch_one(&database.pool).await?;
    let copies: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox").fetch_one(&database.pool).await?;
    assert_eq!((put_back, again.unsigned_abs()), (IMAGES, IMAGES));
    assert_eq!((messages.unsigned_abs(), copies.unsigned_abs()), (IMAGES, IMAGES));
    Ok(())
}

#[tokio::test]
async fn rounds_begin_also_where_leases_cannot_be_ended() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let failed = failed_image(&store, &database.pool, "/failed.jpg", 0).await?;
    sqlx::query("ALTER TABLE images DROP KEY images_lease").execute(&database.pool).await?;

    sweeper::sweep(&store).await.expect_err("the leases are looked for by that index");

    assert_eq!(image(&database.pool, failed).await?.status, ImageStatus::Pending);
    Ok(())
}

#[tokio::test]
async fn a_sweep_that_is_stopped_in_its_middle_ends_at_once_and_leaves_everything_as_it_was()
-> anyhow::Result<()> {
    let (database, store) = start().await?;
    let id = insert_image(&database.pool).await?;
    claim(&store, id).await?;
    let_leases_run_out(&database.pool).await?;
    let stopping = CancellationToken::new();
    let mut elsewhere = database.pool.acquire().await?;
    sqlx::raw_sql("LOCK TABLES outbox WRITE").execute(&mut *elsewhere).await?;

    let stop = async {
        // The image is put back by then, and cannot be announced.
        let waiting = until_the_sweep_waits(&store.pool).await;
        stopping.cancel();
        waiting.map(|()| Instant::now())
    };
    let run = async {
        sweeper::run_every(Duration::ZERO, &store, &Jitter::random(), &stopping).await;
        Instant::now()
    };
    let (stopped, ended) = tokio::join!(stop, run);

    assert!(ended - stopped? < STATEMENT_TIMEOUT / 2, "it went on until its statement was given up");
    sqlx::raw_sql("UNLOCK TABLES").execute(&mut *elsewhere).await?;
    assert_eq!(image(&database.pool, id).await?.status, ImageStatus::Processing);
    assert_eq!(outbox(&database.pool, id).await?, []);
    Ok(())
}

/// Asked by the sweeper's own account: others do not see what it does.
async fn until_the_sweep_waits(pool: &MySqlPool) -> anyhow::Result<()> {
    wait::until("a statement to wait for a table", Duration::from_secs(4), async || {
        let waiting: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM information_schema.processlist WHERE state LIKE 'Waiting for table%'",
        )
        .fetch_one(pool)
        .await
        .map_err(|error| error.to_string())?;
        if waiting == 1 { Ok(()) } else { Err(waiting.to_string()) }
    })
    .await
}
