//! The migrations on a real MariaDB.

mod accounts;
mod waiting;

use std::fs;

use migrations::{
    readiness,
    schema::{is_current, migrate_pool},
};
use rollcall_tests::mariadb::{MariaDb, ScratchDatabase, shared_template};
use sqlx::MySqlPool;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// Processes that migrate at the same time.
const PROCESSES: usize = 8;
const TABLES: [&str; 11] = [
    "audit_entries",
    "duties",
    "faces",
    "face_verdicts",
    "idempotency_keys",
    "images",
    "outbox",
    "person",
    "person_images",
    "person_merges",
    "redecisions",
];

/// A server whose database has no tables yet.
struct EmptyDatabase {
    pool: MySqlPool,
    server: MariaDb,
    _folder: TempDir,
}

impl EmptyDatabase {
    async fn start() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let server = MariaDb::start(folder.path(), &shared_template(), folder.path()).await?;
        Ok(Self { pool: server.pool()?, server, _folder: folder })
    }
}

/// The tables that are there, without the one in which migrations are kept.
async fn tables(pool: &MySqlPool) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar(
        "SELECT CAST(table_name AS CHAR) FROM information_schema.tables
         WHERE table_schema = DATABASE() AND table_name <> '_sqlx_migrations' ORDER BY table_name",
    )
    .fetch_all(pool)
    .await
}

/// The versions that are kept as applied.
async fn applied(pool: &MySqlPool) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("SELECT version FROM _sqlx_migrations WHERE success = TRUE ORDER BY version")
        .fetch_all(pool)
        .await
}

/// One version for each file in `sql`.
fn known_versions() -> anyhow::Result<Vec<i64>> {
    let files = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/sql"))?.count();
    Ok((1..=i64::try_from(files)?).collect())
}

#[tokio::test]
async fn an_empty_database_gets_every_table() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;

    migrate_pool(&database.pool).await?;

    assert_eq!(tables(&database.pool).await?, TABLES);
    assert_eq!(applied(&database.pool).await?, known_versions()?);
    Ok(())
}

#[tokio::test]
async fn migrating_a_second_time_changes_nothing() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    sqlx::query("INSERT INTO person (name) VALUES ('John Doe')").execute(&database.pool).await?;

    migrate_pool(&database.pool).await?;

    let people: Vec<String> = sqlx::query_scalar("SELECT name FROM person").fetch_all(&database.pool).await?;
    assert_eq!(people, ["John Doe"]);
    assert_eq!(applied(&database.pool).await?, known_versions()?);
    Ok(())
}

#[tokio::test]
async fn many_can_migrate_an_empty_database_at_once() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;

    let mut processes = JoinSet::new();
    for _ in 0..PROCESSES {
        let pool = database.pool.clone();
        processes.spawn(async move { migrate_pool(&pool).await });
    }

    for result in processes.join_all().await {
        result?;
    }
    assert_eq!(tables(&database.pool).await?, TABLES);
    assert_eq!(applied(&database.pool).await?, known_versions()?);
    Ok(())
}

/// A process that dies inside a migration leaves its row marked as unfinished, with or without what it makes.
#[tokio::test]
async fn a_migration_that_was_cut_off_is_run_again() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let newest = *known_versions()?.last().expect("there are migrations");
    for was_done in [true, false] {
        sqlx::query("UPDATE _sqlx_migrations SET success = FALSE WHERE version = ?")
            .bind(newest)
            .execute(&database.pool)
            .await?;
        if !was_done {
            sqlx::query("ALTER TABLE faces DROP KEY faces_person_image").execute(&database.pool).await?;
        }
        assert!(!is_current(&database.pool).await?, "was done: {was_done}");

        migrate_pool(&database.pool).await?;

        assert!(is_current(&database.pool).await?, "was done: {was_done}");
        let keys: i64 = sqlx::query_scalar(
            "SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics
             WHERE table_schema = DATABASE() AND index_name = 'faces_person_image'",
        )
        .fetch_one(&database.pool)
        .await?;
        assert_eq!(keys, 1, "was done: {was_done}");
    }
    Ok(())
}

#[tokio::test]
async fn the_schema_is_current_after_the_migrations_and_not_before() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;

    assert!(!is_current(&database.pool).await?);
    let advice = "the schema is older than this service: run migrate".to_owned();
    assert_eq!(readiness::to_read(database.pool.clone()).await, Err(advice));

    migrate_pool(&database.pool).await?;

    assert!(is_current(&database.pool).await?);
    assert_eq!(readiness::to_read(database.pool.clone()).await, Ok(()));
    Ok(())
}

#[tokio::test]
async fn a_migration_of_a_newer_version_of_us_is_no_obstacle() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'of the next version', TRUE, '', 1)",
    )
    .execute(&database.pool)
    .await?;

    migrate_pool(&database.pool).await?;

    assert!(is_current(&database.pool).await?);
    Ok(())
}

#[tokio::test]
async fn a_newer_migration_does_not_stand_in_for_one_of_ours() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = ?")
        .bind(known_versions()?.last())
        .execute(&database.pool)
        .await?;

    assert!(!is_current(&database.pool).await?);
    Ok(())
}

#[tokio::test]
async fn a_database_that_is_away_is_not_taken_for_an_old_schema() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;
    database.pool.close().await;

    is_current(&database.pool).await.expect_err("nobody can be asked");
    Ok(())
}

#[tokio::test]
async fn a_status_that_no_image_can_have_is_refused() -> anyhow::Result<()> {
    let database = ScratchDatabase::start().await?;
    let insert = async |status: u8| {
        sqlx::query(
            "INSERT INTO images (path, path_hash, status, next_attempt_at, created_at, updated_at)
             VALUES (?, UNHEX(SHA2(?, 256)), ?, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))",
        )
        .bind(status)
        .bind(status)
        .bind(status)
        .execute(&database.pool)
        .await
    };

    for status in 0..=4 {
        insert(status).await?;
    }
    for status in [5, 9] {
        let error = insert(status).await.expect_err("there is no such status");
        assert!(error.to_string().contains("images_status_known"), "{status}: {error}");
    }
    Ok(())
}
