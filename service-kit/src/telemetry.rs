//! Logs on standard error and the process-wide metrics recorder.

use std::io::{IsTerminal, stderr};

use clap::{Args, ValueEnum};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// How the process logs.
#[derive(Debug, Clone, Args)]
pub struct TelemetryArgs {
    /// Which log lines are written: a level, or levels by module, for instance `info,sqlx=warn`.
    #[arg(long, env = "LOG", default_value = "info")]
    pub log: String,
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
    pub(crate) fn faults(&self) -> Vec<String> {
        match self.log.parse::<EnvFilter>() {
            Ok(_) => Vec::new(),
            Err(error) => vec![format!("LOG is not a log filter such as \"info,sqlx=warn\": {error}")],
        }
    }

    /// Installs the subscriber; lines go to standard error, so that a command's output stays clean.
    pub(crate) fn install(&self) {
        let lines = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new(&self.log))
            .with_ansi(stderr().is_terminal())
            .with_writer(stderr);
        match self.log_format {
            LogFormat::Text => lines.init(),
            LogFormat::Json => lines.json().init(),
        }
    }
}

/// Installs the recorder behind the `metrics` macros and returns what `/metrics` is rendered from.
///
/// # Panics
/// When a recorder is installed already: a process has one.
#[must_use]
pub fn install_metrics() -> PrometheusHandle {
    PrometheusBuilder::new().install_recorder().expect("the first and only metrics recorder of this process")
}
