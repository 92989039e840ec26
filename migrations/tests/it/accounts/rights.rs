//! What the accounts may do, and what not.

use std::{fmt::Write, fs};

use migrations::{
    accounts::{Account, Verb},
    schema::migrate_with_accounts,
};
use rollcall_tests::mariadb::ScratchDatabase;
use sqlx::{AssertSqlSafe, MySqlPool};

use super::{everybody, number};
use crate::TABLES;

/// Error numbers of a server that refuses: a database, a table, a column, something that needs a right on all of it.
const DENIED: [u16; 4] = [1044, 1142, 1143, 1227];

async fn start() -> anyhow::Result<ScratchDatabase> {
    let database = ScratchDatabase::start().await?;
    migrate_with_accounts(&database.pool, &everybody("secret")).await?;
    Ok(database)
}

fn tables_with_migrations() -> impl Iterator<Item = &'static str> {
    ["_sqlx_migrations"].into_iter().chain(TABLES)
}

/// Whether the server lets the account try it; what comes of it does not count.
async fn may(pool: &MySqlPool, statement: &str) -> bool {
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(pool).await {
        Ok(_) => true,
        Err(error) => !number(&error).is_some_and(|number| DENIED.contains(&number)),
    }
}

/// Needs just that right, and changes nothing.
fn probe(verb: Verb, table: &str) -> String {
    match verb {
        Verb::Select => format!("SELECT COUNT(*) FROM {table}"),
        // Each table has a column without a default.
        Verb::Insert => format!("INSERT INTO {table} VALUES ()"),
        Verb::Update => {
            let column = match table {
                "_sqlx_migrations" => "version",
                "duties" => "lease_until",
                "face_verdicts" => "face_id",
                "idempotency_keys" => "lease_token",
                "redecisions" => "image_id",
                _ => "id",
            };
            format!("UPDATE {table} SET {column} = 1 WHERE FALSE")
        }
        Verb::Delete => format!("DELETE FROM {table} WHERE FALSE"),
    }
}

#[tokio::test]
async fn each_account_may_do_with_each_table_what_its_rights_say_and_nothing_else() -> anyhow::Result<()> {
    let database = start().await?;

    for account in Account::ALL {
        let pool = database.server.pool_of(account.name(), "secret");
        for table in tables_with_migrations() {
            let rights = account.rights().iter().find(|(known, _)| *known == table);
            for verb in Verb::ALL {
                let expected = rights.is_some_and(|(_, verbs)| verbs.contains(&verb));
                assert_eq!(may(&pool, &probe(verb, table)).await, expected, "{account:?} {verb:?} {table}");
            }
        }
    }
    Ok(())
}

#[test]
fn the_page_about_the_database_has_every_right() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/DATABASE.md");
    let page = fs::read_to_string(path).expect("the page is there");

    let mut table =
        format!("| table | {} |\n|---|---|---|---|\n", Account::ALL.map(Account::name).join(" | "));
    for name in tables_with_migrations() {
        let cells = Account::ALL.map(|account| {
            let rights = account.rights().iter().find(|(known, _)| *known == name);
            let words = rights.map(|(_, verbs)| verbs.iter().map(|verb| verb.word()).collect::<Vec<_>>());
            words.map_or_else(|| "–".to_owned(), |words| words.join(", "))
        });
        writeln!(table, "| `{name}` | {} |", cells.join(" | ")).expect("a text takes any text");
    }
    assert!(page.contains(&table), "docs/DATABASE.md lacks this table:\n{table}");
}

#[tokio::test]
async fn no_account_may_change_the_schema_or_other_accounts_or_see_another_database() -> anyhow::Result<()> {
    let database = start().await?;

    for account in Account::ALL {
        let pool = database.server.pool_of(account.name(), "secret");
        for statement in [
            "DELETE FROM audit_entries",
            "UPDATE _sqlx_migrations SET success = FALSE",
            "CREATE TABLE another (id INT)",
            "CREATE TEMPORARY TABLE another (id INT)",
            "ALTER TABLE faces ADD COLUMN another INT",
            "CREATE INDEX another ON faces (distance)",
            "TRUNCATE TABLE faces",
            "DROP TABLE faces",
            "LOCK TABLES images WRITE",
            "CREATE DATABASE another",
            "DROP DATABASE rollcall",
            "USE mysql",
            "SELECT * FROM mysql.user",
            "CREATE USER another",
            "ALTER USER 'receiver'@'%' IDENTIFIED BY 'another', 'frontend'@'%' IDENTIFIED BY 'another'",
            "GRANT SELECT ON images TO 'frontend'@'%'",
            "SET GLOBAL max_connections = 1",
            "SELECT 1 INTO OUTFILE 'another'",
        ] {
            assert!(!may(&pool, statement).await, "{account:?}: {statement}");
        }
        let databases: Vec<String> = sqlx::query_scalar("SHOW DATABASES").fetch_all(&pool).await?;
        assert_eq!(databases, ["information_schema", "rollcall"], "{account:?}");
    }
    Ok(())
}

#[tokio::test]
async fn each_account_has_what_is_dangerous_only_where_its_service_needs_it() -> anyhow::Result<()> {
    let database = start().await?;

    for (name, statements) in [
        (
            "frontend",
            &[
                "INSERT INTO person (name) VALUES ('a')",
                "UPDATE images SET status = 0",
                "DELETE FROM outbox",
                "SELECT body FROM idempotency_keys",
            ][..],
        ),
        (
            "receiver",
            &["UPDATE audit_entries SET actor = 'a'", "DELETE FROM faces", "UPDATE duties SET owner = 'a'"],
        ),
        (
            "image-processor",
            &[
                "INSERT INTO images (path) VALUES ('a')",
                "DELETE FROM outbox",
                "SELECT body FROM idempotency_keys",
            ],
        ),
    ] {
        let pool = database.server.pool_of(name, "secret");
        for statement in statements {
            assert!(!may(&pool, statement).await, "{name}: {statement}");
        }
    }
    Ok(())
}

/// All SQL of the services is tried under these accounts by their own tests; here is a piece of each.
#[tokio::test]
async fn each_account_can_do_its_work() -> anyhow::Result<()> {
    let database = start().await?;
    for (name, statements) in [
        (
            "receiver",
            [
                "INSERT INTO images (path, path_hash, next_attempt_at, created_at, updated_at)
                 VALUES ('/a.jpg', REPEAT('a', 32), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
                "INSERT INTO outbox (image_id, topic, body, due_at)
                 SELECT id, 'images', '', UTC_TIMESTAMP(6) FROM images",
                "SELECT id FROM outbox LIMIT 1 FOR UPDATE SKIP LOCKED",
            ],
        ),
        (
            "image-processor",
            [
                "INSERT IGNORE INTO person (name) VALUES ('John Doe')",
                "INSERT INTO person_images (image_name, person_id) SELECT 'john_doe.jpg', id FROM person",
                "UPDATE images SET status = 1, person = (SELECT id FROM person)",
            ],
        ),
        (
            "frontend",
            [
                "SELECT path FROM images LEFT JOIN person ON person.id = images.person",
                "SELECT DISTINCT image_id FROM faces",
                "SELECT version FROM _sqlx_migrations",
            ],
        ),
    ] {
        let pool = database.server.pool_of(name, "secret");
        for statement in statements {
            sqlx::query(statement).execute(&pool).await?;
        }
    }

    let shown: String =
        sqlx::query_scalar("SELECT name FROM images JOIN person ON person.id = images.person")
            .fetch_one(&database.server.pool_of("frontend", "secret"))
            .await?;

    assert_eq!(shown, "John Doe");
    Ok(())
}
