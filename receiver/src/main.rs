//! The receiver's process.

use std::process::ExitCode;

use receiver::{app::App, config::Config};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| App::bind(config).await?.run(process).await)
}
