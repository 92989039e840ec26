//! The receiver's command line and environment.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use nsq_client::Address;
use service_kit::{Configuration, database::DatabaseArgs, telemetry::TelemetryArgs};

/// The environment variable behind [`Config::receiver_addr`], named in errors.
pub const ADDR_VARIABLE: &str = "RECEIVER_ADDR";

/// Takes paths of pictures over HTTP and hands them to the workers.
#[derive(Debug, Clone, Parser)]
#[command(name = "receiver", version)]
pub struct Config {
    /// Address that the HTTP interface listens on.
    #[arg(long, env = ADDR_VARIABLE, default_value = "127.0.0.1:8000")]
    pub receiver_addr: SocketAddr,
    /// File that the real address is written to, for starters that asked for port 0.
    #[arg(long, value_name = "FILE")]
    pub addr_file: Option<PathBuf>,
    /// Folder that paths of pictures are looked up below.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    pub image_root: PathBuf,
    /// The nsqd that messages are published to, as host:port.
    #[arg(long, env = "NSQD_ADDR", default_value = "127.0.0.1:4150")]
    pub nsqd_addr: Address,
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to log.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        if !self.image_root.is_absolute() {
            faults.push(format!("IMAGE_ROOT is {}: give an absolute path", self.image_root.display()));
        }
        faults
    }
}
