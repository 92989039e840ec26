//! The worker's command line and environment.

use std::{net::SocketAddr, num::NonZeroU32, ops::RangeInclusive, path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use nsq_client::Address;
use service_kit::{
    Configuration, database::DatabaseArgs, healthcheck::Healthcheck, telemetry::TelemetryArgs,
};

use crate::{recognizer::RecognitionSource, redrive::Redrive, sources::FetchArgs};

/// The environment variable behind [`Config::image_processor_addr`], named in errors.
pub const ADDR_VARIABLE: &str = "IMAGE_PROCESSOR_ADDR";

/// What makes sense: nsqd waits at most 15 minutes for the answer to a message, and some of that is not the call's.
const CALL_TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_mins(14);
/// The same range as nsqd's for the time after which an unanswered message comes again.
const LEASES: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(15);

/// Takes announced images from the queue, asks who is in them, and records the answer.
#[derive(Debug, Clone, Parser)]
#[command(name = "image-processor", version)]
pub struct Config {
    /// What to do instead of waiting for messages.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Address of health and metrics.
    #[arg(long, env = ADDR_VARIABLE, default_value = "127.0.0.1:8002")]
    pub image_processor_addr: SocketAddr,
    /// File that the real address is written to, for starters that asked for port 0.
    #[arg(long, value_name = "FILE")]
    pub addr_file: Option<PathBuf>,
    /// Folder that the pictures lie below; a recogniser of the older contract is told absolute paths. Thumbnails of pictures
    /// from elsewhere are written to `.thumbnails` there.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    pub image_root: PathBuf,
    /// HTTP addresses of the nsqlookupds that know the nsqds, as host:port, separated by commas.
    #[arg(long, env = "NSQLOOKUPD_ADDRS", value_delimiter = ',')]
    pub nsqlookupd_addrs: Vec<Address>,
    /// TCP addresses of nsqds to listen to in any case, as host:port, separated by commas.
    #[arg(long, env = "NSQD_ADDRS", value_delimiter = ',')]
    pub nsqd_addrs: Vec<Address>,
    /// The recognisers: `http://host:port`, several as `list://host:port,host:port`, all addresses of a name as
    /// `dns://host:port`, the ready endpoints of a Kubernetes service as `kube://namespace/service:port-name`.
    #[arg(long, env = "RECOGNITION", default_value = "http://127.0.0.1:50051")]
    pub recognition: RecognitionSource,
    /// How long a call of the recogniser may take, for instance `30s`.
    #[arg(long, env = "RECOGNITION_TIMEOUT", default_value = "30s", value_parser = humantime::parse_duration)]
    pub recognition_timeout: Duration,
    /// A call that takes longer counts as failed for the circuit breaker, even if it is answered; half of
    /// `RECOGNITION_TIMEOUT` when absent.
    #[arg(long, env = "SLOW_CALL", value_parser = humantime::parse_duration)]
    pub slow_call: Option<Duration>,
    /// How long an image stays with a worker that gives no sign of life. It is renewed while the image is in work.
    #[arg(long, env = "LEASE", default_value = "1m", value_parser = humantime::parse_duration)]
    pub lease: Duration,
    /// Images in work at the same time.
    #[arg(long, env = "CONCURRENCY", default_value = "4")]
    pub concurrency: NonZeroU32,
    /// Pictures from elsewhere.
    #[command(flatten)]
    pub fetching: FetchArgs,
    /// Where the database is.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to log.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

/// What the program does instead of waiting for messages.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Sweeps once: ends leases that ran out, begins the next round of failed images whose time has come. For a timer.
    Redeem {
        /// Say what there is to do, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Puts images back that failed and that nobody would try again, once their cause is mended.
    Redrive(Redrive),
    /// Works through everything that waits, straight from the database, then ends. For a work-queue job.
    Drain {
        /// Say what there is to do, and change nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// Asks the worker of the same container how it is.
    Healthcheck(Healthcheck),
}

impl Config {
    /// What is slow for the breaker.
    #[must_use]
    pub fn slow_call(&self) -> Duration {
        self.slow_call.unwrap_or(self.recognition_timeout / 2)
    }
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        let mut faults = self.database.faults();
        faults.extend(self.fetching.faults());
        if !self.image_root.is_absolute() {
            faults.push(format!("IMAGE_ROOT is {}: give an absolute path", self.image_root.display()));
        }
        if self.command.is_none() && self.nsqlookupd_addrs.is_empty() && self.nsqd_addrs.is_empty() {
            faults.push(
                "neither NSQLOOKUPD_ADDRS nor NSQD_ADDRS is set: name at least one host:port".to_owned(),
            );
        }
        if !CALL_TIMEOUTS.contains(&self.recognition_timeout) {
            faults.push("RECOGNITION_TIMEOUT is out of range: give 100ms to 14m".to_owned());
        }
        if !LEASES.contains(&self.lease) {
            faults.push("LEASE is out of range: give 1s to 15m".to_owned());
        }
        if self.slow_call().is_zero() || self.slow_call() > self.recognition_timeout {
            faults.push("SLOW_CALL is out of range: give more than 0s, up to RECOGNITION_TIMEOUT".to_owned());
        }
        faults
    }
}
