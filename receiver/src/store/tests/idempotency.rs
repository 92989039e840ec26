//! The life of an idempotency key: begun, answered, replayed, taken over, forgotten.

use super::*;

const ROUTE: &str = "/image/post";
const REQUEST: [u8; 32] = [1; 32];
const LEASE: Duration = Duration::from_secs(15);

async fn begin(store: &Store, key: &str) -> Result<Begun, StoreError> {
    store.begin_request(ROUTE, key, &REQUEST, LEASE).await
}

async fn claim(store: &Store, key: &str) -> anyhow::Result<Claim> {
    match begin(store, key).await? {
        Begun::Ours(claim) => Ok(claim),
        other => anyhow::bail!("{key} is not ours: {other:?}"),
    }
}

fn answer(body: &[u8]) -> KeptAnswer {
    KeptAnswer { status: 202, content_type: "application/json".to_owned(), body: body.to_vec() }
}

async fn end_lease(pool: &MySqlPool) -> sqlx::Result<()> {
    sqlx::query("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6)").execute(pool).await?;
    Ok(())
}

#[tokio::test]
async fn the_first_request_of_a_key_is_ours_and_its_answer_is_kept_to_the_byte() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let claim = claim(&store, "a").await?;

    assert_eq!(begin(&store, "a").await?, Begun::InProgress);
    store.keep_answer(&claim, &answer(b"{\"id\":7}\n\0\xff")).await?;

    assert_eq!(begin(&store, "a").await?, Begun::Answered(answer(b"{\"id\":7}\n\0\xff")));
    Ok(())
}

#[tokio::test]
async fn a_key_stands_for_one_request_in_work_and_answered() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let claim = claim(&store, "a").await?;
    let other = async || store.begin_request(ROUTE, "a", &[2; 32], LEASE).await;

    assert_eq!(other().await?, Begun::OtherRequest);
    store.keep_answer(&claim, &answer(b"{}")).await?;
    assert_eq!(other().await?, Begun::OtherRequest);
    Ok(())
}

#[tokio::test]
async fn keys_differ_by_route_and_by_case() -> anyhow::Result<()> {
    let (_database, store) = start().await?;
    claim(&store, "a").await?;

    claim(&store, "A").await?;
    let other_route = store.begin_request("/images/post", "a", &REQUEST, LEASE).await?;

    assert!(matches!(other_route, Begun::Ours(_)), "{other_route:?}");
    Ok(())
}

#[tokio::test]
async fn a_request_whose_lease_ran_out_is_taken_over_and_its_first_answer_comes_too_late()
-> anyhow::Result<()> {
    let (database, store) = start().await?;
    let died = claim(&store, "a").await?;
    end_lease(&database.pool).await?;

    let took_over = claim(&store, "a").await?;
    store.keep_answer(&died, &answer(b"too late")).await?;
    store.release_request(&died).await?;

    assert_eq!(begin(&store, "a").await?, Begun::InProgress, "the new lease holds");
    store.keep_answer(&took_over, &answer(b"in time")).await?;
    assert_eq!(begin(&store, "a").await?, Begun::Answered(answer(b"in time")));
    Ok(())
}

#[tokio::test]
async fn an_answered_request_is_not_taken_over_when_its_lease_ends() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let claim = claim(&store, "a").await?;
    store.keep_answer(&claim, &answer(b"{}")).await?;

    end_lease(&database.pool).await?;

    assert_eq!(begin(&store, "a").await?, Begun::Answered(answer(b"{}")));
    Ok(())
}

#[tokio::test]
async fn a_request_that_was_given_up_can_come_again_at_once_and_its_late_answer_is_refused()
-> anyhow::Result<()> {
    let (_database, store) = start().await?;
    let first = claim(&store, "a").await?;

    store.release_request(&first).await?;

    let second = claim(&store, "a").await?;
    store.keep_answer(&first, &answer(b"too late")).await?;
    store.keep_answer(&second, &answer(b"in time")).await?;
    assert_eq!(begin(&store, "a").await?, Begun::Answered(answer(b"in time")));
    Ok(())
}

#[tokio::test]
async fn a_key_that_is_older_than_a_day_is_free_for_another_request() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    let old = claim(&store, "a").await?;
    store.keep_answer(&old, &answer(b"old")).await?;
    sqlx::query("UPDATE idempotency_keys SET created_at = UTC_TIMESTAMP(6) - INTERVAL 24 HOUR")
        .execute(&database.pool)
        .await?;

    let begun = store.begin_request(ROUTE, "a", &[2; 32], LEASE).await?;

    let Begun::Ours(new) = begun else { panic!("the key is not free: {begun:?}") };
    assert_eq!(store.begin_request(ROUTE, "a", &[2; 32], LEASE).await?, Begun::InProgress);
    store.keep_answer(&new, &answer(b"new")).await?;
    assert_eq!(store.begin_request(ROUTE, "a", &[2; 32], LEASE).await?, Begun::Answered(answer(b"new")));
    Ok(())
}

#[tokio::test]
async fn of_many_who_begin_or_take_over_at_once_one_does() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    for round in 0..3 {
        let all: Vec<_> = (0..8)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { begin(&store, "a").await })
            })
            .collect();
        let mut ours = 0;
        for one in all {
            ours += u32::from(matches!(one.await??, Begun::Ours(_)));
        }
        assert_eq!(ours, 1, "round {round}");
        end_lease(&database.pool).await?;
    }
    Ok(())
}
