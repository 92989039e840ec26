//! The accounts of the services at a real MariaDB.

mod command;
mod rights;

use migrations::{
    accounts::{Account, Credentials},
    schema::{migrate_pool, migrate_with_accounts},
};
use rollcall_tests::mariadb::{MariaDb, ScratchDatabase};
use sqlx::{MySqlPool, mysql::MySqlDatabaseError};
use tokio::task::JoinSet;

use crate::{EmptyDatabase, PROCESSES, TABLES, tables};

/// Every account, with this password.
fn everybody(password: &str) -> Vec<Credentials> {
    Account::ALL.map(|account| credentials(account, password)).to_vec()
}

fn credentials(account: Account, password: &str) -> Credentials {
    let Ok(password) = password.parse();
    Credentials::new(account, password).expect("a good password")
}

/// Error numbers of a server that lets nobody in by that name and password: the second where the name is unknown.
const WRONG_PASSWORD: [u16; 2] = [1045, 1698];

/// Whether the server lets the account in. Any other trouble is an error.
async fn lets_in(server: &MariaDb, account: Account, password: &str) -> anyhow::Result<bool> {
    match server.pool_of(account.name(), password).acquire().await {
        Ok(_) => Ok(true),
        Err(error) if number(&error).is_some_and(|number| WRONG_PASSWORD.contains(&number)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn number(error: &sqlx::Error) -> Option<u16> {
    error.as_database_error().and_then(|error| error.try_downcast_ref()).map(MySqlDatabaseError::number)
}

/// What the account behind the pool may do, by the server's own words.
async fn grants(pool: &MySqlPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar("SHOW GRANTS").fetch_all(pool).await
}

#[tokio::test]
async fn migrating_a_second_time_changes_no_account() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let accounts = everybody("secret");
    migrate_with_accounts(&database.pool, &accounts).await?;
    let mut before = Vec::new();
    for account in Account::ALL {
        before.push(grants(&database.server.pool_of(account.name(), "secret")).await?);
    }

    migrate_with_accounts(&database.pool, &accounts).await?;

    for (account, before) in Account::ALL.into_iter().zip(before) {
        let after = grants(&database.server.pool_of(account.name(), "secret")).await?;
        assert_eq!(after, before, "{account:?}");
        // One is for coming in.
        assert_eq!(after.len(), account.rights().len() + 1, "{after:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_password_is_the_one_that_counts_and_open_connections_stay() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    migrate_with_accounts(&database.pool, &everybody("first")).await?;
    let mut open = database.server.pool_of("frontend", "first").acquire().await?;

    migrate_with_accounts(&database.pool, &[credentials(Account::Frontend, "second")]).await?;

    assert!(!lets_in(&database.server, Account::Frontend, "first").await?);
    assert!(lets_in(&database.server, Account::Frontend, "second").await?);
    assert!(lets_in(&database.server, Account::Receiver, "first").await?, "nobody changed this one");
    sqlx::query("SELECT COUNT(*) FROM images").execute(&mut *open).await?;
    Ok(())
}

#[tokio::test]
async fn a_password_is_taken_letter_by_letter() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;

    for password in [" pass word ", "~!@#$%^&*()_+-=`{}[]|;:,.<>/?", "%s -- /* ? */"] {
        migrate_with_accounts(&database.pool, &everybody(password)).await?;

        assert!(lets_in(&database.server, Account::Receiver, password).await?, "{password}");
    }
    Ok(())
}

#[tokio::test]
async fn many_can_make_the_accounts_of_an_empty_database_at_once() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;

    let mut processes = JoinSet::new();
    for _ in 0..PROCESSES {
        let pool = database.pool.clone();
        processes.spawn(async move { migrate_with_accounts(&pool, &everybody("secret")).await });
    }

    for result in processes.join_all().await {
        result?;
    }
    assert_eq!(tables(&database.pool).await?, TABLES);
    for account in Account::ALL {
        let pool = database.server.pool_of(account.name(), "secret");
        assert_eq!(grants(&pool).await?.len(), account.rights().len() + 1, "{account:?}");
    }
    Ok(())
}

#[tokio::test]
async fn without_accounts_nobody_gets_one() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;

    migrate_pool(&database.pool).await?;

    for account in Account::ALL {
        assert!(!lets_in(&database.server, account, "secret").await?, "{account:?}");
    }
    Ok(())
}

#[tokio::test]
async fn who_is_no_administrator_hears_what_to_do_and_the_schema_is_up_to_date() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;
    for statement in [
        "CREATE USER 'nobody'@'localhost' IDENTIFIED BY 'secret'",
        "GRANT ALL ON rollcall.* TO 'nobody'@'localhost'",
        "REVOKE GRANT OPTION ON rollcall.* FROM 'rollcall'@'localhost'",
    ] {
        sqlx::raw_sql(statement).execute(&database.pool).await?;
    }
    let may_make_no_user = database.server.pool_of("nobody", "secret");
    let may_give_no_rights = database.server.pool()?;

    for pool in [may_make_no_user, may_give_no_rights] {
        let error = migrate_with_accounts(&pool, &everybody("hunter2")).await.expect_err("it may not");

        let said = error.to_string();
        assert!(said.contains("may not make accounts: give it CREATE USER"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(tables(&database.pool).await?, TABLES);
    }
    Ok(())
}
