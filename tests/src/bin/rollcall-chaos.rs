//! Faults under load and an audit (`make chaos`), for docs/RELIABILITY.md.

use std::process::ExitCode;

use clap::Parser;
use rollcall_tests::chaos::{self, Settings};
use tokio::signal::ctrl_c;

/// Breaks one part of a running Rollcall after the other, and audits what became of every picture.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
async fn main() -> ExitCode {
    let settings = Arguments::parse().settings;
    let ended = tokio::select! {
        ended = chaos::run(&settings) => ended,
        // Dropping what was started kills it and deletes its folder.
        _ = ctrl_c() => Err(anyhow::anyhow!("stopped before the audit")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall-chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}
