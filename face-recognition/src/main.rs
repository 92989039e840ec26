//! The recogniser's process: the service, or one of its commands.

use std::process::ExitCode;

use face_recognition::{
    app::App,
    config::{Command, Config},
    dlib,
    pack::Pack,
};

fn main() -> ExitCode {
    service_kit::run(async |config: Config, process| match config.command {
        Some(Command::ImportDlib { to, unless_current: true, .. }) if Pack::is_current(&to) => Ok(()),
        Some(Command::ImportDlib { from, to, precision, .. }) => Ok(dlib::import(&from, &to, precision)?),
        Some(Command::Identify(ref identify)) => identify.run(&config, &process.stopping).await,
        Some(Command::Gallery(ref gallery)) => gallery.run(&config, &process.stopping).await,
        Some(Command::Bench(ref bench)) => bench.run(&config),
        Some(Command::Calibrate(ref calibrate)) => calibrate.run(&config, &process.stopping).await,
        Some(Command::Healthcheck(check)) => check.run(config.face_recognition_admin_addr).await,
        None => App::bind(config).await?.run(process).await,
    })
}
