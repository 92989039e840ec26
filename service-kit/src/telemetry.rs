//! Logs on standard error and the process-wide metrics recorder.

use std::io::{IsTerminal, stderr};

use clap::{Args, ValueEnum};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// How the process logs.
#[derive(Debug, Clone, Args)]
pub struct TelemetryArgs {
    /// Which log lines are written: a level, or levels by module, for instance `info,sqlx=warn`.
    #[arg(long, env = "LOG", default_value = "info")]
    pub log: Targets,
    /// Log lines for people or for machines.
    #[arg(long, env = "LOG_FORMAT", default_value = "text")]
    pub log_format: LogFormat,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum LogFormat {
    /// One readable line.
    Text,
    /// One JSON object.
    Json,
}

impl TelemetryArgs {
    /// Installs the subscriber; lines go to standard error, so that a command's output stays clean.
    pub(crate) fn install(&self) {
        let filtered = tracing_subscriber::registry().with(self.log.clone());
        let lines = fmt::layer().with_ansi(stderr().is_terminal()).with_writer(stderr);
        match self.log_format {
            LogFormat::Text => filtered.with(lines).init(),
            LogFormat::Json => filtered.with(lines.json()).init(),
        }
    }
}

/// Upper bounds of the buckets of every duration, in seconds: from a queue that is empty to a recogniser that hangs.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// Installs the recorder behind the `metrics` macros. It is to be upkept every few seconds, or its histograms grow.
pub(crate) fn install_metrics() -> PrometheusHandle {
    PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .and_then(PrometheusBuilder::install_recorder)
        .expect("the first and only metrics recorder of this process, with buckets")
}
