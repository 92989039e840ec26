//! The binary `migrate` and its folder of passwords.

use std::{
    fs,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Output},
};

use migrations::accounts::Account;
use rollcall_tests::mariadb::MariaDb;

use super::lets_in;
use crate::{EmptyDatabase, TABLES, tables};

const WRONG_CONFIGURATION: i32 = 64;

/// Runs `migrate` with everything in its log.
fn migrate(server: &MariaDb, accounts: &Path) -> anyhow::Result<Output> {
    let output = Command::new(env!("CARGO_BIN_EXE_migrate"))
        .arg("--accounts")
        .arg(accounts)
        .env_clear()
        .envs(server.environment())
        .env("LOG", "trace")
        .current_dir(accounts)
        .output();
    Ok(output?)
}

fn said(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

#[tokio::test]
async fn the_folder_of_a_mounted_secret_makes_the_accounts_and_no_password_is_in_the_log()
-> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;
    let folder = tempfile::tempdir()?;
    let dated = folder.path().join("..2026_05_17");
    fs::create_dir(&dated)?;
    symlink("..2026_05_17", folder.path().join("..data"))?;
    for account in Account::ALL {
        fs::write(dated.join(account.name()), "hunter2\n")?;
        symlink(Path::new("..data").join(account.name()), folder.path().join(account.name()))?;
    }

    let output = migrate(&database.server, folder.path())?;

    let said = said(&output);
    assert!(output.status.success(), "{said}");
    for account in Account::ALL {
        assert!(lets_in(&database.server, account, "hunter2").await?, "{account:?}");
    }
    assert_eq!(tables(&database.pool).await?, TABLES);
    assert!(said.contains("_sqlx_migrations"), "statements are in the log: {said}");
    assert!(!said.contains("hunter2"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_folder_with_anything_wrong_in_it_is_refused_before_anything_is_done() -> anyhow::Result<()> {
    let database = EmptyDatabase::start().await?;
    let folder = tempfile::tempdir()?;
    fs::write(folder.path().join("receiver"), "hunter2")?;

    for (name, content, fault) in [
        ("root", "hunter2", "root belongs to no account: remove it, or name it receiver or"),
        ("frontend", "\n", "frontend is empty: put the password there"),
        ("frontend", "hunter2'", "frontend has a character that no password may have here"),
        ("image-processor", "hünter2", "image-processor has a character that no password may have here"),
    ] {
        let file = folder.path().join(name);
        fs::write(&file, content)?;

        let output = migrate(&database.server, folder.path())?;

        let said = said(&output);
        assert_eq!(output.status.code(), Some(WRONG_CONFIGURATION), "{said}");
        assert!(said.contains(fault), "{fault:?} is not in {said}");
        assert!(!said.contains("nter2"), "{said}");
        assert!(!lets_in(&database.server, Account::Receiver, "hunter2").await?, "{fault}");
        assert!(tables(&database.pool).await?.is_empty(), "{fault}");
        fs::remove_file(file)?;
    }
    Ok(())
}
