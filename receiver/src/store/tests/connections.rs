//! The connection that is kept between groups and those of the pool: what happens when the server ends them, falls
//! silent, or makes a statement wait.

use std::ffi::OsString;

use clap::Parser;
use rollcall_tests::mariadb::SCRATCH_PASSWORD;
use service_kit::database::DatabaseArgs;

use super::*;

/// Long enough for a statement to be sent.
const MOMENT: Duration = Duration::from_millis(100);
const DEADLINE: Duration = Duration::from_secs(20);

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    database: DatabaseArgs,
}

/// The pool that a service has.
fn pool_of_a_service(database: &ScratchDatabase) -> anyhow::Result<MySqlPool> {
    let option = |name: &str| format!("--{}", name.to_lowercase().replace('_', "-")).into();
    let given = database.server.environment().into_iter().flat_map(|(name, value)| [option(name), value]);
    let arguments = [OsString::from("receiver")].into_iter().chain(given);
    Arguments::try_parse_from(arguments)?.database.lazy_pool()
}

/// The same, by an account that administers nothing.
fn pool_of(database: &ScratchDatabase, account: Account) -> anyhow::Result<MySqlPool> {
    arguments(database, account)?.lazy_pool()
}

fn arguments(database: &ScratchDatabase, account: Account) -> anyhow::Result<DatabaseArgs> {
    let socket = database.server.environment().into_iter().find(|(name, _)| *name == "MYSQL_SOCKET");
    let (_, socket) = socket.ok_or_else(|| anyhow::anyhow!("it has a socket"))?;
    let arguments = ["receiver", "--mysql-user", account.name(), "--mysql-password", SCRATCH_PASSWORD];
    let arguments = arguments.map(OsString::from).into_iter().chain(["--mysql-socket".into(), socket]);
    Ok(Arguments::try_parse_from(arguments)?.database)
}

/// A store that has a connection already.
async fn start_with_a_pool_in_use() -> anyhow::Result<(ScratchDatabase, MySqlPool, Store)> {
    let (database, _) = start().await?;
    let pool = pool_of_a_service(&database)?;
    let store = Store::new(pool.clone());
    insert(&store, "/a.jpg").await?;
    Ok((database, pool, store))
}

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
    wait_for_insert(&database.pool_of(Account::Receiver)).await?;

    halfway.abort();
    assert!(halfway.await.is_err_and(|ended| ended.is_cancelled()));
    other.rollback().await?;

    let committed = store.accept_all(&[post("/b.jpg"), post("/c.jpg")]).await?;
    assert!(committed.accepted.iter().all(|accepted| accepted.created), "{committed:?}");
    assert_eq!(count(&database.pool, "images").await?, 3);
    Ok(())
}

/// sqlx knows of a transaction when its BEGIN was answered, and this one's never is.
#[tokio::test]
async fn a_group_that_is_given_up_at_its_begin_leaves_no_transaction_open() -> anyhow::Result<()> {
    let (mut database, pool, store) = start_with_a_pool_in_use().await?;

    database.server.process().suspend();
    let given_up = timeout(MOMENT, store.accept_all(&[post("/b.jpg")])).await;
    database.server.process().resume();

    assert!(given_up.is_err(), "it was answered: {given_up:?}");
    rollcall_tests::wait::until("the connection to come back", DEADLINE, async || {
        anyhow::ensure!(pool.size() as usize == pool.num_idle(), "{} of {}", pool.num_idle(), pool.size());
        Ok(())
    })
    .await?;
    for _ in 0..pool.size() {
        let open: bool = sqlx::query_scalar("SELECT @@in_transaction <> 0").fetch_one(&pool).await?;
        assert!(!open);
    }
    Ok(())
}

#[tokio::test]
async fn statements_that_a_silent_server_does_not_answer_cost_no_place_in_the_pool() -> anyhow::Result<()> {
    let (mut database, pool, store) = start_with_a_pool_in_use().await?;

    database.server.process().suspend();
    for path in ["/b.jpg", "/c.jpg"] {
        assert!(timeout(MOMENT, store.accept_all(&[post(path)])).await.is_err());
    }

    rollcall_tests::wait::until("the connections to be closed", DEADLINE, async || {
        anyhow::ensure!(pool.size() == 0, "{} are left", pool.size());
        Ok(())
    })
    .await?;
    database.server.process().resume();
    insert(&store, "/b.jpg").await?;
    Ok(())
}

/// So that the posts of a group can be tried one by one: the error says that one of them is at fault, not the database.
#[tokio::test]
async fn a_row_that_somebody_holds_is_told_from_a_database_that_is_away() -> anyhow::Result<()> {
    let (database, _) = start().await?;
    let store = Store::new(pool_of_a_service(&database)?);
    let held = insert_uncommitted(&database.pool, "/held.jpg").await?;

    let refused = store.accept_all(&[post("/a.jpg"), post("/held.jpg")]).await;

    let error = refused.expect_err("a row is held");
    assert_eq!(error.fault(), DatabaseFault::LockedRow, "{error}");
    let (accepted, _) = accept(&store, post("/a.jpg")).await?;
    assert!(accepted.created, "nothing of the group was stored");
    held.rollback().await?;
    Ok(())
}

/// After a failover the connections of the pool lead to the server that was the primary before.
#[tokio::test]
async fn a_connection_to_a_server_that_takes_no_writes_does_not_stay_in_the_pool() -> anyhow::Result<()> {
    let (database, _) = start().await?;
    let pool = pool_of(&database, Account::Receiver)?;
    let store = Store::new(pool.clone());
    insert(&store, "/a.jpg").await?;
    database.server.refuse_writes().await?;

    let refused = store.accept_all(&[post("/b.jpg")]).await.expect_err("it takes no writes");

    assert_eq!(refused.fault(), DatabaseFault::ReadOnly, "{refused}");
    rollcall_tests::wait::until("the connections to be closed", DEADLINE, async || {
        anyhow::ensure!(pool.size() == 0, "{} are left", pool.size());
        Ok(())
    })
    .await?;
    database.server.take_writes().await?;
    insert(&store, "/b.jpg").await?;
    Ok(())
}

/// A replica takes no writes, ever; who only reads keeps its connections to it.
#[tokio::test]
async fn a_pool_for_reading_keeps_its_connections_to_a_server_that_takes_no_writes() -> anyhow::Result<()> {
    let (database, _) = start().await?;
    let pool = arguments(&database, Account::Frontend)?.lazy_reading_pool()?;
    database.server.refuse_writes().await?;

    for _ in 0..3 {
        sqlx::query("SELECT id FROM images").fetch_all(&pool).await?;
    }

    rollcall_tests::wait::until("the connection to come back", DEADLINE, async || {
        let (idle, all) = (pool.num_idle(), pool.size() as usize);
        anyhow::ensure!(idle > 0 && idle == all, "{idle} of {all}");
        Ok(())
    })
    .await?;
    Ok(())
}
