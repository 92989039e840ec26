//! From `main` to a running service, the same way for each: `.env`, command line, telemetry, runtime, signals,
//! exit code.
//!
//! Exit codes: 0 after a clean stop, 1 when the service failed or did not stop in time, 2 for a command line that
//! clap refuses, 64 for a configuration with faults (sysexits.h, `EX_USAGE`).

use std::{process::ExitCode, time::Duration};

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::telemetry::TelemetryArgs;

/// How long a service may take to stop after the first signal. Below the grace that a container platform gives.
const STOP_BUDGET: Duration = Duration::from_secs(20);
const EXIT_CONFIGURATION: u8 = 64;

/// What [`run`] needs to know of a service's configuration.
pub trait Configuration: Parser {
    /// How to log.
    fn telemetry(&self) -> &TelemetryArgs;

    /// Every fault that clap cannot see, each a sentence that says what to change. Checked before any port is bound.
    fn faults(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Runs `body` with its configuration until it returns. SIGTERM or SIGINT cancels the token; a second signal, or
/// [`STOP_BUDGET`] running out, ends the process with code 1.
pub fn run<C, F, R>(body: F) -> ExitCode
where
    C: Configuration,
    F: FnOnce(C, CancellationToken) -> R,
    R: Future<Output = anyhow::Result<()>>,
{
    let dotenv = load_dotenv();
    let config = C::parse();
    let faults: Vec<String> =
        dotenv.err().into_iter().chain(config.telemetry().faults()).chain(config.faults()).collect();
    if !faults.is_empty() {
        print_faults(&faults);
        return ExitCode::from(EXIT_CONFIGURATION);
    }
    config.telemetry().install();

    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "cannot start the runtime");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(async {
        let shutdown = CancellationToken::new();
        tokio::select! {
            result = body(config, shutdown.clone()) => match result {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    tracing::error!("{error:#}");
                    ExitCode::FAILURE
                }
            },
            () = stop_on_signal(&shutdown) => ExitCode::FAILURE,
        }
    });
    // A thread that never returns, in a library for instance, must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    code
}

/// Reads `.env` in the working folder. A variable that is set already wins.
fn load_dotenv() -> Result<(), String> {
    match dotenvy::from_path(".env") {
        Ok(()) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(error) => Err(format!(".env in the working folder cannot be read: {error}")),
    }
}

#[expect(clippy::print_stderr, reason = "telemetry is not there yet, and the reader is a person")]
fn print_faults(faults: &[String]) {
    eprintln!("the configuration has faults:");
    for fault in faults {
        eprintln!("  - {fault}");
    }
}

/// Cancels `shutdown` at the first signal; returns when stopping took too long or a second signal came.
async fn stop_on_signal(shutdown: &CancellationToken) {
    let mut terminate = signal(SignalKind::terminate()).expect("SIGTERM can be handled");
    let mut interrupt = signal(SignalKind::interrupt()).expect("SIGINT can be handled");
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM received, stopping"),
        _ = interrupt.recv() => tracing::info!("SIGINT received, stopping"),
    }
    shutdown.cancel();
    tokio::select! {
        _ = terminate.recv() => tracing::warn!("second signal received, ending at once"),
        _ = interrupt.recv() => tracing::warn!("second signal received, ending at once"),
        () = tokio::time::sleep(STOP_BUDGET) => {
            tracing::error!(budget_s = STOP_BUDGET.as_secs(), "not stopped within the budget, ending at once");
        }
    }
}
