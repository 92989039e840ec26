//! Brings the database up to date and exits; run before the services, for instance by an init container.

use std::process::ExitCode;

use anyhow::Context;
use migrations::{config::Config, schema};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| {
        let (pool, accounts) = (config.database.lazy_pool()?, config.accounts()?);
        // What was not done when it is dropped is done by the next one.
        let migrating = schema::migrate_with_accounts(&pool, &accounts);
        let migrated = process.stopping.run_until_cancelled(Box::pin(migrating)).await;
        migrated.context("told to stop before the schema was up to date: run it again")??;
        tracing::info!("the schema is up to date");
        Ok(())
    })
}
