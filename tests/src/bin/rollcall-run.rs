//! Rollcall in the foreground: starts everything, says where it is, and stops all of it on Ctrl-C.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use clap::Parser;
use rollcall_tests::{
    installed::Installed,
    samples,
    stack::{Layout, Ports, Stack},
};
use tokio::signal::unix::{SignalKind, signal};

/// Runs the whole of Rollcall in the foreground.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder that holds everything Rollcall makes.
    #[arg(long, env = "ROLLCALL_HOME", default_value = ".rollcall")]
    home: PathBuf,
}

#[tokio::main]
#[expect(clippy::print_stderr, reason = "the terminal is the interface of this program")]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rollcall: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;

    fs::create_dir_all(&arguments.home)
        .with_context(|| format!("cannot make the folder {}", arguments.home.display()))?;
    let home = arguments.home.canonicalize()?;
    let _only_one = lock(&home)?;
    let installed = Installed::in_home(&home)?;
    let layout = Layout::new(home);
    samples::provide(&installed.assets.join("photos"), &layout.image_root(), &layout.known_people())?;

    let starting = Stack::start(&layout, &installed, Ports::Usual, progress);
    let mut stack = tokio::select! {
        started = starting => started?,
        // Dropping what was started so far kills it.
        _ = interrupt.recv() => anyhow::bail!("stopped before everything was up"),
        _ = terminate.recv() => anyhow::bail!("stopped before everything was up"),
    };
    print_directions(&stack, &layout);

    let trouble = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        error = stack.unexpected_end() => Some(error),
    };
    progress("stopping");
    let stopped = stack.stop().await;
    match trouble {
        Some(error) => Err(error),
        None => stopped,
    }
}

/// Two Rollcalls in one folder would write over each other.
fn lock(home: &Path) -> anyhow::Result<File> {
    let file = File::create(home.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => anyhow::bail!(
            "Rollcall is running in {} already: stop it, or set ROLLCALL_HOME to another folder",
            home.display()
        ),
        Err(TryLockError::Error(error)) => Err(error).context("cannot lock the folder"),
    }
}

#[expect(clippy::print_stdout, reason = "the terminal is the interface of this program")]
fn progress(step: &str) {
    println!("rollcall: {step}");
}

#[expect(clippy::print_stdout, reason = "the terminal is the interface of this program")]
fn print_directions(stack: &Stack, layout: &Layout) {
    let home = layout.home().display();
    println!(
        "
Rollcall is up.

  pictures      {table}
  post here     {post}
  recogniser    {recogniser} (gRPC)

Try it:

  curl -d '{{\"path\":\"/unknown_images/unknown0001.jpg\"}}' {post}

  your pictures {images}
  known people  {known} (a file john_doe.jpg is John Doe)
  logs          {logs}
  data          {home}

Ctrl-C stops everything and keeps the data.
",
        table = stack.frontend_url("/"),
        post = stack.receiver_url("/image/post"),
        recogniser = stack.recognition_address(),
        images = layout.image_root().display(),
        known = layout.known_people().display(),
        logs = layout.logs().display(),
    );
}
