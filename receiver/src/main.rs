//! The receiver's process: the service, or its command.

use std::process::ExitCode;

use receiver::{
    app::App,
    config::{Command, Config},
    import,
};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| match config.command.clone() {
        Some(Command::Import { folder }) => import::run(&config, &folder, process.stopping).await,
        Some(Command::Healthcheck(check)) => check.run(config.receiver_addr).await,
        None => App::bind(config).await?.run(process).await,
    })
}
