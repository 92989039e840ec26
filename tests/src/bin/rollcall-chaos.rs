//! Faults under load and an audit (`make chaos`), for docs/RELIABILITY.md.

use std::process::ExitCode;

use clap::Parser;
use rollcall_tests::chaos::{self, Settings};

/// Breaks one part of a running Rollcall after the other, and audits what became of every picture.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
async fn main() -> ExitCode {
    match chaos::run(&Arguments::parse().settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall-chaos: {error:#}");
            ExitCode::FAILURE
        }
    }
}
