//! The frontend's command line and environment.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use service_kit::{
    Configuration, database::DatabaseArgs, healthcheck::Healthcheck, telemetry::TelemetryArgs,
};
use url::Url;

use crate::{api, services::ServiceAddress};

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
    /// Where the receiver is, which is asked for every change.
    #[arg(long, env = "API", default_value = "http://127.0.0.1:8000", value_parser = api::address)]
    pub api: Url,
    /// Folder that paths of pictures are looked up below.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    pub image_root: PathBuf,
    /// Folder of the known photos, each showing one face.
    #[arg(long, env = "KNOWN_PEOPLE", default_value = "/known_people")]
    pub known_people: PathBuf,
    /// Folder for thumbnails and faces that were cut out, of this process alone. Without it they are made each time.
    #[arg(long, env = "CACHE_DIR", default_value = "/cache")]
    pub cache_dir: PathBuf,
    /// How large that folder may become, in MiB.
    #[arg(long, env = "CACHE_MIB", default_value_t = 256)]
    pub cache_mib: u32,
    /// Services whose state is shown, as name=http://host:port with commas between them.
    #[arg(long, env = "SERVICES", value_delimiter = ',')]
    pub services: Vec<ServiceAddress>,
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
