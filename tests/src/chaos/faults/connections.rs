//! Connections that are cut half-way, and connections that stand still.

use anyhow::Context;

use super::{Charges, Fault, Site};
use crate::{
    gate::{Gate, Passage},
    stack::Link,
};

/// A few messages of any of the protocols: what is cut is in the middle of something.
const CUT_WITHIN_BYTES: u64 = 3_000;

fn gate(site: &Site, link: Link) -> anyhow::Result<&Gate> {
    site.stack.gates().at(link).context("the stack has gates")
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
        gate.set(Passage::Cut { within: CUT_WITHIN_BYTES });
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        let gate = gate(site, self.link)?;
        gate.set(Passage::Open);
        anyhow::ensure!(gate.cut() > self.before, "no connection was cut: the fault did not happen");
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
