//! The worker's process: the service, or one of its commands.

use std::process::ExitCode;

use image_processor::{
    app::App,
    commands,
    config::{Command, Config},
};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| match config.command.clone() {
        None => Box::pin(App::bind(config).await?.run(process)).await,
        Some(Command::Healthcheck(check)) => check.run(config.image_processor_addr).await,
        Some(Command::Redeem { dry_run }) => commands::redeem(config, dry_run).await,
        Some(Command::Redrive(redrive)) => commands::redrive(config, &redrive, &process.stopping).await,
        Some(Command::Drain { dry_run }) => commands::drain(config, dry_run, &process.stopping).await,
    })
}
