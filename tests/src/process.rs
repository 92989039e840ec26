//! A child process that never outlives us: the kernel ends it when we die, and dropping it kills it.
//!
//! Children are in process groups of their own, so that a Ctrl-C at the terminal reaches only us and we stop them in
//! order. Their output goes to a log file.

use std::{
    env,
    ffi::OsString,
    fmt::Display,
    net::SocketAddr,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, getrlimit, kill_process, prlimit, waitid,
};
use tokio::{
    net::TcpSocket,
    process::{Child, Command},
    time::timeout,
};

use crate::{log_file::LogFile, port, wait};

/// How to start a process.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Names the process in messages and its log file.
    pub name: String,
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Whether it sees our own environment too, or only what is set here and the PATH.
    pub inherits: bool,
    /// Variables that are set for it.
    pub environment: Vec<(&'static str, OsString)>,
    /// The folder that it works in.
    pub folder: PathBuf,
    /// Folder of the log files.
    pub logs: PathBuf,
}

impl Recipe {
    /// Starts the process.
    pub fn start(&self) -> anyhow::Result<Process> {
        let path = self.logs.join(&self.name).with_extension("log");
        let (file, log) =
            LogFile::open(path.clone()).with_context(|| format!("cannot write {}", path.display()))?;
        let mut command = Command::new("setpriv");
        if !self.inherits {
            command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
        }
        let child = command
            .args(["--pdeathsig", "TERM", "--"])
            .arg(&self.program)
            .args(&self.arguments)
            .envs(self.environment.iter().cloned())
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", self.program.display()))?;
        let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Ok(Process {
            child,
            id: id.context("a child that was just started has an id")?,
            recipe: self.clone(),
            log,
            ended_by_us: false,
            addresses: Vec::new(),
            held: Vec::new(),
        })
    }
}

/// A child that runs until it is ended.
#[derive(Debug)]
pub struct Process {
    child: Child,
    id: Pid,
    recipe: Recipe,
    log: LogFile,
    ended_by_us: bool,
    /// Where it listens.
    addresses: Vec<SocketAddr>,
    /// Keep the addresses while it is down.
    held: Vec<TcpSocket>,
}

impl Process {
    /// How it was started.
    #[must_use]
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Its number in the system.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.id.as_raw_nonzero().get().cast_unsigned()
    }

    /// What it has said.
    #[must_use]
    pub fn log(&self) -> &LogFile {
        &self.log
    }

    /// The error for a process that ended and should not have; `Ok` while it runs.
    pub fn ensure_running(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.ended(status)),
        }
    }

    /// Asks `probe` until it answers `Ok`. Ends at once with the error when the process ends.
    pub async fn wait_until<T, E: Display>(
        &mut self,
        what: &str,
        deadline: Duration,
        mut probe: impl AsyncFnMut() -> Result<T, E>,
    ) -> anyhow::Result<T> {
        let what = format!("{} {what}", self.recipe.name);
        let outcome = wait::until(&what, deadline, async || match self.ensure_running() {
            Ok(()) => probe().await.map(Ok),
            Err(ended) => Ok(Err(ended)),
        });
        outcome.await?
    }

    /// Whether it was stopped or killed, which is what it should be until it is started again.
    #[must_use]
    pub fn is_down(&self) -> bool {
        self.ended_by_us
    }

    /// Has nobody else given its addresses while it is down, so that it can come back to them.
    pub(crate) fn listens_at(&mut self, addresses: &[SocketAddr]) {
        self.addresses = addresses.to_vec();
    }

    /// Waits until it ends, which it should not unless we end it.
    pub async fn unexpected_end(&mut self) -> anyhow::Error {
        if self.ended_by_us {
            std::future::pending::<()>().await;
        }
        match self.child.wait().await {
            Ok(status) => self.ended(status),
            Err(error) => anyhow::Error::from(error).context(format!("lost sight of {}", self.recipe.name)),
        }
    }

    /// Waits until it ends, which it should do well.
    pub async fn expect_success(&mut self) -> anyhow::Result<()> {
        let status = self.child.wait().await?;
        if status.success() { Ok(()) } else { Err(self.ended(status)) }
    }

    /// The error for an end that was not a good one.
    pub(crate) fn ended(&self, status: ExitStatus) -> anyhow::Error {
        let (name, log) = (&self.recipe.name, self.log.path().display());
        anyhow::anyhow!("{name} ended ({status}). The end of {log}:\n{}", self.log.last_lines(15))
    }

    /// Asks it to stop (SIGTERM) and kills it when it takes longer than `budget`.
    pub async fn stop(&mut self, budget: Duration) -> anyhow::Result<ExitStatus> {
        self.ended_by_us = true;
        self.signal(Signal::TERM);
        match timeout(budget, self.child.wait()).await {
            Ok(status) => {
                self.hold_addresses()?;
                Ok(status?)
            }
            Err(_) => {
                self.kill().await?;
                anyhow::bail!(
                    "{} did not stop within {} s and was killed",
                    self.recipe.name,
                    budget.as_secs()
                )
            }
        }
    }

    /// Ends it without warning (SIGKILL).
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.ended_by_us = true;
        self.child.kill().await.with_context(|| format!("cannot kill {}", self.recipe.name))?;
        self.hold_addresses()
    }

    fn hold_addresses(&mut self) -> anyhow::Result<()> {
        self.held = self.addresses.iter().map(|address| port::hold(*address)).collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Lets it stand still (SIGSTOP): its connections stay, and it does nothing until it is resumed.
    pub fn suspend(&mut self) {
        self.signal(Signal::STOP);
        // The signal is only under way: until the last thread has stopped, the others go on. Nothing is taken from those
        // who wait for the child's end.
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ended_meanwhile = waitid(WaitId::Pid(self.id), stopped);
    }

    /// Lets it go on (SIGCONT).
    pub fn resume(&mut self) {
        self.signal(Signal::CONT);
    }

    /// Lets no file that it writes to grow beyond so many bytes; without a number it may write as it likes again. The
    /// kernel then refuses the write with `EFBIG`, as it does with `ENOSPC` on a full disk.
    pub fn limit_files(&mut self, bytes: Option<u64>) -> anyhow::Result<()> {
        self.ensure_running()?;
        let maximum = getrlimit(Resource::Fsize).maximum;
        prlimit(Some(self.id), Resource::Fsize, Rlimit { current: bytes.or(maximum), maximum })
            .with_context(|| format!("cannot limit the files of {}", self.recipe.name))?;
        Ok(())
    }

    fn signal(&mut self, signal: Signal) {
        // A child that has ended and was not waited for still owns its id: nobody else can be hit.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ended_meanwhile = kill_process(self.id, signal);
        }
    }
}
