//! The connection that is kept between groups, and what happens when the server ends it.

use super::*;

async fn connections(pool: &MySqlPool) -> sqlx::Result<Vec<u64>> {
    sqlx::query_scalar(
        "SELECT CAST(ID AS UNSIGNED) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()",
    )
    .fetch_all(pool)
    .await
}

/// A group that finds its connection dead fails; it is not the next one's.
#[tokio::test]
async fn a_connection_that_the_server_ended_is_not_used_twice() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert(&store, "/a.jpg").await?;
    for id in connections(&database.pool).await? {
        sqlx::query("KILL ?").bind(id).execute(&database.pool).await?;
    }

    let _fails_or_not = accept(&store, post("/b.jpg")).await;

    let (accepted, _) = accept(&store, post("/c.jpg")).await?;
    assert!(accepted.created);
    Ok(())
}

/// A statement of ours waits for another receiver when its group is given up: nothing of the group remains, and the
/// connection is fit for the next one.
#[tokio::test]
async fn a_group_that_is_given_up_halfway_leaves_nothing_behind() -> anyhow::Result<()> {
    let (database, store) = start().await?;
    insert(&store, "/a.jpg").await?;
    let other = insert_uncommitted(&database.pool, "/b.jpg").await?;
    let halfway = {
        let store = store.clone();
        tokio::spawn(async move { store.accept_all(&[post("/b.jpg"), post("/c.jpg")]).await })
    };
    wait_for_insert(&database.pool).await?;

    halfway.abort();
    assert!(halfway.await.is_err_and(|ended| ended.is_cancelled()));
    other.rollback().await?;

    let committed = store.accept_all(&[post("/b.jpg"), post("/c.jpg")]).await?;
    assert!(committed.accepted.iter().all(|accepted| accepted.created), "{committed:?}");
    assert_eq!(count(&database.pool, "images").await?, 3);
    Ok(())
}
