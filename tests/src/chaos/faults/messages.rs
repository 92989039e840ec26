//! More messages and more hands than there is work.

use std::{iter::repeat_n, time::Duration};

use anyhow::Context;
use tokio::time::{Instant, sleep, timeout};

use super::{Fault, Site};
use crate::process::Process;

const COPIES: usize = 100;
const PAUSE: Duration = Duration::from_millis(200);
const DRAINS: usize = 3;
/// How long the drains may take.
const DRAIN_BUDGET: Duration = Duration::from_mins(5);

/// Each message comes a hundred times more.
pub(super) struct Copies;

#[tonic::async_trait(?Send)]
impl Fault for Copies {
    fn name(&self) -> String {
        "hundred-copies".to_owned()
    }

    async fn begin(&mut self, _: &mut Site) -> anyhow::Result<()> {
        Ok(())
    }

    async fn last(&mut self, site: &mut Site, hold: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + hold;
        let mut copied = site.load.accepted_after(0).len();
        while Instant::now() < end {
            let accepted = site.load.accepted_after(copied);
            copied += accepted.len();
            let bodies: Vec<_> = accepted.iter().flat_map(|id| repeat_n(id.to_le_bytes(), COPIES)).collect();
            if !bodies.is_empty() {
                site.stack.nsqd.publish_many("images", &bodies).await?;
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn end(&mut self, _: &mut Site) -> anyhow::Result<()> {
        Ok(())
    }
}

/// Where the workers are while the drains work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Workers {
    AtWork,
    Stopped,
}

/// Three drains at once, straight from the table.
pub(super) struct Drains {
    workers: Workers,
    drains: Vec<Process>,
}

impl Drains {
    pub(super) fn new(workers: Workers) -> Self {
        Self { workers, drains: Vec::new() }
    }
}

#[tonic::async_trait(?Send)]
impl Fault for Drains {
    fn name(&self) -> String {
        match self.workers {
            Workers::AtWork => "three-drains-beside-workers".to_owned(),
            Workers::Stopped => "three-drains-without-workers".to_owned(),
        }
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        if self.workers == Workers::Stopped {
            for worker in &mut site.stack.image_processors {
                worker.stop().await?;
            }
        }
        Ok(())
    }

    async fn last(&mut self, site: &mut Site, hold: Duration) -> anyhow::Result<()> {
        sleep(hold).await;
        for number in 1..=DRAINS {
            self.drains.push(site.stack.start_worker_command(&format!("drain-{number}"), &["drain"])?);
        }
        for drain in &mut self.drains {
            timeout(DRAIN_BUDGET, drain.expect_success()).await.context("a drain does not end")??;
        }
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        self.drains.clear();
        for worker in &mut site.stack.image_processors {
            if worker.process().is_down() {
                worker.start_again().await?;
            }
        }
        Ok(())
    }
}
