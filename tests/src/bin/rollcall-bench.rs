//! Figures of the pipeline (`make bench`), as a table for docs/PERFORMANCE.md.

use std::process::ExitCode;

use clap::Parser;
use rollcall_tests::bench::{self, Settings};

/// Measures Rollcall with real parts in a scratch folder.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

// One thread: what measures must not crowd out what is measured.
#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
async fn main() -> ExitCode {
    match bench::run(&Arguments::parse().settings).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
