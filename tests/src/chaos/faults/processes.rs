//! Processes that are killed, and processes that stand still.

use std::fmt;

use anyhow::Context;

use super::{Fault, Site};
use crate::process::Process;

/// A process of the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    MariaDb,
    Nsqlookupd,
    Nsqd,
    /// The first of them; it serves half of the load.
    Receiver,
    SecondReceiver,
    /// The first of them.
    Worker,
    SecondWorker,
    Frontend,
    Recogniser,
}

impl Part {
    /// Everything, what others depend on first.
    pub(super) const ALL: &[Self] = &[
        Self::MariaDb,
        Self::Nsqlookupd,
        Self::Nsqd,
        Self::Recogniser,
        Self::Receiver,
        Self::SecondReceiver,
        Self::Worker,
        Self::SecondWorker,
        Self::Frontend,
    ];

    /// SIGKILL.
    async fn kill(self, site: &mut Site) -> anyhow::Result<()> {
        match (self, &mut site.scripted) {
            (Self::Recogniser, Some(scripted)) => scripted.go_away().await,
            _ => self.process(site)?.kill().await,
        }
    }

    async fn start_again(self, site: &mut Site) -> anyhow::Result<()> {
        let stack = &mut site.stack;
        match self {
            Self::MariaDb => stack.mariadb.start_again().await,
            Self::Nsqlookupd => stack.nsqlookupd.start_again().await,
            Self::Nsqd => stack.nsqd.start_again().await,
            Self::Receiver => stack.receiver.start_again().await,
            Self::SecondReceiver => stack.further_receivers[0].start_again().await,
            Self::Worker => stack.image_processors[0].start_again().await,
            Self::SecondWorker => stack.image_processors[1].start_again().await,
            Self::Frontend => stack.frontend.start_again().await,
            Self::Recogniser => match (&mut site.scripted, &mut stack.face_recognition) {
                (Some(scripted), _) => scripted.come_back(),
                (None, Some(service)) => service.start_again().await,
                (None, None) => anyhow::bail!("nobody recognises"),
            },
        }
    }

    fn process(self, site: &mut Site) -> anyhow::Result<&mut Process> {
        let stack = &mut site.stack;
        Ok(match self {
            Self::MariaDb => stack.mariadb.process(),
            Self::Nsqlookupd => stack.nsqlookupd.process(),
            Self::Nsqd => stack.nsqd.process(),
            Self::Receiver => stack.receiver.process(),
            Self::SecondReceiver => stack.further_receivers[0].process(),
            Self::Worker => stack.image_processors[0].process(),
            Self::SecondWorker => stack.image_processors[1].process(),
            Self::Frontend => stack.frontend.process(),
            Self::Recogniser => {
                stack.face_recognition.as_mut().context("a scripted recogniser is no process")?.process()
            }
        })
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::MariaDb => "mariadb",
            Self::Nsqlookupd => "nsqlookupd",
            Self::Nsqd => "nsqd",
            Self::Receiver => "receiver",
            Self::SecondReceiver => "second-receiver",
            Self::Worker => "worker",
            Self::SecondWorker => "second-worker",
            Self::Frontend => "frontend",
            Self::Recogniser => "recogniser",
        })
    }
}

/// One process is killed (SIGKILL), is away for a while, and is started again.
pub(super) struct Killed(pub(super) Part);

#[tonic::async_trait(?Send)]
impl Fault for Killed {
    fn name(&self) -> String {
        format!("{}-killed", self.0)
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        self.0.kill(site).await
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        self.0.start_again(site).await
    }
}

/// Several processes are killed at once.
pub(super) struct KilledTogether {
    pub(super) name: &'static str,
    /// What others depend on first.
    pub(super) parts: &'static [Part],
}

#[tonic::async_trait(?Send)]
impl Fault for KilledTogether {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        for part in self.parts {
            part.kill(site).await?;
        }
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        for part in self.parts {
            part.start_again(site).await?;
        }
        Ok(())
    }
}

/// A process stands still (SIGSTOP): its connections stay, and nobody answers.
pub(super) struct StoodStill(pub(super) Part);

#[tonic::async_trait(?Send)]
impl Fault for StoodStill {
    fn name(&self) -> String {
        format!("{}-stands-still", self.0)
    }

    fn is_real(&self) -> bool {
        self.0 == Part::Recogniser
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        self.0.process(site)?.suspend();
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        self.0.process(site)?.resume();
        Ok(())
    }
}
