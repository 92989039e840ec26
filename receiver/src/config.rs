//! The receiver's command line and environment.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, Subcommand};
use nsq_client::Address;
use service_kit::{
    Configuration, bearer::BearerToken, database::DatabaseArgs, healthcheck::Healthcheck,
    telemetry::TelemetryArgs,
};

use crate::{gallery::GalleryToken, recogniser_address::RecogniserAddress};

/// The environment variable behind [`Config::receiver_addr`], named in errors.
pub const ADDR_VARIABLE: &str = "RECEIVER_ADDR";

/// Takes paths of pictures over HTTP and hands them to the workers.
#[derive(Debug, Clone, Parser)]
#[command(name = "receiver", version)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Address that the HTTP interface listens on.
    #[arg(long, env = ADDR_VARIABLE, default_value = "127.0.0.1:8000")]
    pub receiver_addr: SocketAddr,
    /// File that the real address is written to, for starters that asked for port 0.
    #[arg(long, value_name = "FILE")]
    pub addr_file: Option<PathBuf>,
    /// Folder that paths of pictures are looked up below.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    pub image_root: PathBuf,
    /// The nsqds that messages may be published to, as host:port with commas between them, the preferred one first.
    #[arg(long, env = "NSQD_ADDR", default_value = "127.0.0.1:4150", value_delimiter = ',')]
    pub nsqd_addr: Vec<Address>,
    /// The recognisers: `http://host:port`, several as `list://host:port,host:port`, all addresses of a name as
    /// `dns://host:port`, the ready endpoints of a Kubernetes service as `kube://namespace/service:port-name`. The receiver asks
    /// one of them, about known photos, and takes no `kube://`.
    #[arg(long, env = "RECOGNITION", default_value = "http://127.0.0.1:50051")]
    pub recognition: RecogniserAddress,
    /// File with the token that the recogniser wants from whoever changes known photos, if it wants one.
    #[arg(long, env = "GALLERY_TOKEN_FILE")]
    pub gallery_token_file: Option<PathBuf>,
    /// File with the token that whoever changes something has to send: under `/api/v1` of the receiver, or the known photos
    /// of the recogniser. Without it that is done only while the service listens on a loopback address. Posting pictures
    /// needs none.
    #[arg(long, env = "API_TOKEN_FILE")]
    pub api_token_file: Option<PathBuf>,
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to log.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

/// What the program does instead of serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Posts every picture below a folder.
    Import {
        /// The folder; it lies below `IMAGE_ROOT`.
        folder: PathBuf,
    },
    /// Asks the receiver of the same container how it is.
    Healthcheck(Healthcheck),
}

impl Config {
    /// The token that changes want, if one is configured.
    pub fn api_token(&self) -> anyhow::Result<Option<BearerToken>> {
        self.api_token_file.as_deref().map(BearerToken::read).transpose()
    }

    /// The token that the recogniser wants, if one is configured.
    pub fn gallery_token(&self) -> anyhow::Result<Option<GalleryToken>> {
        self.gallery_token_file.as_deref().map(GalleryToken::read).transpose()
    }
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
        if self.command.is_none() {
            faults.extend(self.api_token().err().map(|error| format!("{error:#}")));
            faults.extend(self.gallery_token().err().map(|error| format!("{error:#}")));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn nsqds(arguments: &[&str]) -> Vec<String> {
        let command_line = ["receiver"].iter().chain(arguments);
        let config = Config::try_parse_from(command_line).expect("a command line");
        config.nsqd_addr.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn several_nsqds_are_named_in_the_order_of_preference() {
        assert_eq!(nsqds(&["--nsqd-addr", "near:4150,far:4151"]), ["near:4150", "far:4151"]);
        assert_eq!(nsqds(&["--nsqd-addr", "[::1]:4150"]), ["[::1]:4150"]);
    }

    #[test]
    fn what_is_no_list_of_nsqds_is_refused() {
        for list in ["", ",", "near:4150,", "near"] {
            assert!(Config::try_parse_from(["receiver", "--nsqd-addr", list]).is_err(), "{list:?}");
        }
    }

    #[test]
    fn a_folder_is_imported_by_its_command() {
        let config = Config::try_parse_from(["receiver", "import", "/images/new"]).expect("a command line");

        assert!(
            matches!(config.command, Some(Command::Import { folder }) if folder == Path::new("/images/new"))
        );
    }
}
