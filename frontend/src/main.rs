//! The frontend's process: the service, or its command.

use std::process::ExitCode;

use frontend::{
    app::App,
    config::{Command, Config},
};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| match config.command {
        Some(Command::Healthcheck(check)) => check.run(config.frontend_addr).await,
        None => App::bind(config).await?.run(process).await,
    })
}
