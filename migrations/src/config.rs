//! The configuration of the binary `migrate`.

use std::path::PathBuf;

use clap::Parser;
use service_kit::{Configuration, database::DatabaseArgs, telemetry::TelemetryArgs};

use crate::accounts::{
    Credentials,
    folder::{self, Faults},
};

/// Applies what is missing of Rollcall's database schema, and makes the accounts of the services. Safe to run twice and
/// by many at once.
#[derive(Debug, Parser)]
#[command(name = "migrate", version)]
pub struct Config {
    #[command(flatten)]
    telemetry: TelemetryArgs,
    /// How to reach the database, as an administrator when accounts are to be made.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Folder with the passwords of the services' accounts: a file for each, named `receiver`, `image-processor` or
    /// `frontend`. These accounts are made, or get that password; none are when absent.
    #[arg(long, env = "ACCOUNTS", value_name = "FOLDER")]
    accounts: Option<PathBuf>,
}

impl Config {
    /// The accounts that are to be made.
    pub fn accounts(&self) -> Result<Vec<Credentials>, Faults> {
        self.accounts.as_ref().map_or_else(|| Ok(Vec::new()), |folder| folder::read(folder))
    }
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        if let Err(Faults(found)) = self.accounts() {
            faults.extend(found.iter().map(ToString::to_string));
        }
        faults
    }
}
