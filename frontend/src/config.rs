//! The frontend's command line and environment.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use service_kit::{
    Configuration, database::DatabaseArgs, healthcheck::Healthcheck, telemetry::TelemetryArgs,
};

/// The environment variable behind [`Config::frontend_addr`], named in errors.
pub const ADDR_VARIABLE: &str = "FRONTEND_ADDR";

/// Shows who is in the pictures.
#[derive(Debug, Clone, Parser)]
#[command(name = "frontend", version)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Address that the pages are served on.
    #[arg(long, env = ADDR_VARIABLE, default_value = "127.0.0.1:8081")]
    pub frontend_addr: SocketAddr,
    /// File that the real address is written to, for starters that asked for port 0.
    #[arg(long, value_name = "FILE")]
    pub addr_file: Option<PathBuf>,
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to log.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

/// What the program does instead of serving.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Command {
    /// Asks the frontend of the same container how it is.
    Healthcheck(Healthcheck),
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        self.database.faults()
    }
}
