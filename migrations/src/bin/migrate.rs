//! Brings the database up to date and exits; run before the services, for instance by an init container.

use std::process::ExitCode;

use migrations::{config::Config, schema};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, _process| {
        schema::migrate_with_accounts(&config.database.lazy_pool()?, &config.accounts()?).await?;
        tracing::info!("the schema is up to date");
        Ok(())
    })
}
