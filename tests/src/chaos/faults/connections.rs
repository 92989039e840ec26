//! Connections that are cut half-way, and connections that stand still.

use std::time::Duration;

use anyhow::Context;
use tokio::time::sleep;

use super::{Charges, Fault, Site};
use crate::{
    gate::{Gate, Passage},
    stack::Link,
    wait,
};

/// How long a connection may take until it carries something that can be cut: nsqlookupd is asked once a minute.
const CUT_BUDGET: Duration = Duration::from_mins(3);

fn gate(site: &Site, link: Link) -> anyhow::Result<&Gate> {
    site.stack.gates().at(link).context("the stack has gates")
}

/// A few messages of what goes through this kind of connection: what is cut is in the middle of something.
fn within(link: Link) -> u64 {
    match link {
        Link::NsqdToNsqlookupd => 10,
        Link::WorkerToNsqlookupd => 200,
        _ => 3_000,
    }
}

/// Each connection of a kind is cut after some bytes, and so is each that is made instead.
pub(super) struct Cut {
    link: Link,
    /// Connections that were cut before.
    before: u64,
}

impl Cut {
    pub(super) fn new(link: Link) -> Self {
        Self { link, before: 0 }
    }
}

#[tonic::async_trait(?Send)]
impl Fault for Cut {
    fn name(&self) -> String {
        format!("{}-cut", self.link)
    }

    fn charges(&self) -> Charges {
        match self.link {
            // The recogniser is well, as the next ping finds: the picture may be what ended the call.
            Link::WorkerToRecogniser => Charges::Attempts,
            _ => Charges::Nothing,
        }
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        let gate = gate(site, self.link)?;
        self.before = gate.cut();
        gate.set(Passage::Cut { within: within(self.link) });
        Ok(())
    }

    async fn last(&mut self, site: &mut Site, hold: Duration) -> anyhow::Result<()> {
        sleep(hold).await;
        let gate = gate(site, self.link)?;
        wait::until("a connection to be cut", CUT_BUDGET, async || match gate.cut() {
            cut if cut > self.before => Ok(()),
            cut => Err(cut),
        })
        .await
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        gate(site, self.link)?.set(Passage::Open);
        Ok(())
    }
}

/// All connections of a kind stand still, new ones too: packets are lost, and nobody is told.
pub(super) struct Still(pub(super) Link);

#[tonic::async_trait(?Send)]
impl Fault for Still {
    fn name(&self) -> String {
        format!("{}-stands-still", self.0)
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        gate(site, self.0)?.set(Passage::Still);
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        gate(site, self.0)?.set(Passage::Open);
        Ok(())
    }
}
