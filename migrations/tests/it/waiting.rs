//! `migrate` that is started before its database.

use std::{os::unix::fs::symlink, process::Stdio, time::Duration};

use anyhow::Context;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
    time::timeout,
};

use crate::{EmptyDatabase, TABLES, tables};

const BUDGET: Duration = Duration::from_mins(1);

/// Waits until it says this.
async fn until_said(migrate: &mut Child, words: &str) -> anyhow::Result<()> {
    let output = migrate.stderr.as_mut().context("its log is piped")?;
    let mut lines = BufReader::new(output).lines();
    let heard = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains(words) {
                return Ok(());
            }
        }
        anyhow::bail!("it ended before it said {words:?}")
    };
    timeout(BUDGET, heard).await?
}

#[tokio::test]
async fn a_database_that_comes_later_is_waited_for() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;
    let folder = tempfile::tempdir()?;
    let socket = folder.path().join("later.sock");
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .env_clear()
        .envs(database.server.environment())
        .env("MYSQL_SOCKET", &socket)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    until_said(&mut migrate, "not there yet").await?;

    let environment = database.server.environment();
    let (_, real) =
        environment.iter().find(|(name, _)| *name == "MYSQL_SOCKET").context("it has a socket")?;
    symlink(real, &socket)?;

    let ended = timeout(BUDGET, migrate.wait()).await??;
    assert!(ended.success(), "{ended}");
    assert_eq!(tables(&database.pool).await?, TABLES);
    Ok(())
}
