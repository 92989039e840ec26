//! Brings the database up to date and exits; run before the services, for instance by an init container.

use std::process::ExitCode;

use clap::Parser;
use service_kit::{Configuration, database::DatabaseArgs, telemetry::TelemetryArgs};

/// Applies what is missing of Rollcall's database schema. Safe to run twice and by many at once.
#[derive(Debug, Parser)]
#[command(name = "migrate", version)]
struct Config {
    #[command(flatten)]
    telemetry: TelemetryArgs,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        self.database.faults()
    }
}

fn main() -> ExitCode {
    service_kit::run(async |config: Config, _process| {
        migrations::schema::migrate_pool(&config.database.lazy_pool()?).await?;
        tracing::info!("the schema is up to date");
        Ok(())
    })
}
