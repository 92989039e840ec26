//! From `main` to a running service, the same way for each: `.env`, command line, telemetry, runtime, signals,
//! exit code.
//!
//! Exit codes: 0 after a clean stop, 1 when the service failed or did not stop in time, 2 for a command line that
//! clap refuses, 64 for a configuration with faults (sysexits.h, `EX_USAGE`).

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::telemetry::{self, TelemetryArgs};

/// How long a service may take to stop after the first signal. Below the grace that a container platform gives.
const STOP_BUDGET: Duration = Duration::from_secs(20);
const EXIT_CONFIGURATION: u8 = 64;
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// What a service is given by its process.
#[derive(Clone)]
pub struct Process {
    /// Cancelled when the service is to stop.
    pub stopping: CancellationToken,
    /// What `/metrics` is rendered from.
    pub metrics: PrometheusHandle,
}

/// What [`run`] needs to know of a service's configuration.
pub trait Configuration: Parser {
    /// How to log.
    fn telemetry(&self) -> &TelemetryArgs;

    /// Every fault that clap cannot see, each a sentence that says what to change. Checked before any port is bound.
    fn faults(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Runs `body` with its configuration until it returns. SIGTERM or SIGINT cancels [`Process::stopping`]; a second
/// signal, or [`STOP_BUDGET`] running out, ends the process with code 1.
///
/// # Panics
/// When the system does not grant a process its threads, or it calls this twice.
pub fn run<C, F, R>(body: F) -> ExitCode
where
    C: Configuration,
    F: FnOnce(C, Process) -> R,
    R: Future<Output = anyhow::Result<()>>,
{
    let dotenv = load_dotenv();
    let config = C::parse();
    let faults: Vec<String> = dotenv.err().into_iter().chain(config.faults()).collect();
    if !faults.is_empty() {
        print_faults(&faults);
        return ExitCode::from(EXIT_CONFIGURATION);
    }
    config.telemetry().install();
    let process = Process { stopping: CancellationToken::new(), metrics: telemetry::install_metrics() };

    let runtime = tokio::runtime::Runtime::new().expect("the system grants a process its threads");
    let code = runtime.block_on(async {
        tokio::select! {
            result = body(config, process.clone()) => match result {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    tracing::error!("{error:#}");
                    ExitCode::FAILURE
                }
            },
            () = stop_on_signal(&process.stopping) => ExitCode::FAILURE,
            () = keep_up(&process.metrics) => unreachable!("upkeep has no end"),
        }
    });
    // A thread that never returns, in a library for instance, must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}

/// Empties what histograms collect, also when nobody scrapes them.
async fn keep_up(metrics: &PrometheusHandle) {
    loop {
        sleep(METRICS_UPKEEP).await;
        metrics.run_upkeep();
    }
}

/// Reads `.env` in the working folder. A variable that is set already wins.
fn load_dotenv() -> Result<(), String> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        // The error quotes the line, and with it perhaps a password.
        Err(dotenvy::Error::LineParse(..)) => Err(
            ".env in the working folder has a line that is not NAME=value; put a value with spaces in quotes"
                .to_owned(),
        ),
        Err(error) => Err(format!(".env in the working folder cannot be read: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "telemetry is not there yet, and the reader is a person")]
fn print_faults(faults: &[String]) {
    eprintln!("the configuration has faults:\n  - {}", faults.join("\n  - "));
}

/// Cancels `stopping` at the first signal; returns when stopping took too long or a second signal came.
async fn stop_on_signal(stopping: &CancellationToken) {
    next_signal().await;
    tracing::info!("told to stop, stopping");
    stopping.cancel();
    match timeout(STOP_BUDGET, next_signal()).await {
        Ok(()) => tracing::warn!("told to stop again, ending at once"),
        Err(_) => tracing::error!(budget_s = STOP_BUDGET.as_secs(), "not stopped in time, ending at once"),
    }
}

async fn next_signal() {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be handled");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
