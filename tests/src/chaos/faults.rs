//! The faults, each a small type, and the one table that has all of them in their order.

mod connections;
mod messages;
mod processes;
mod queue;
mod recogniser;
mod table;

use std::time::Duration;

use tokio::time::sleep;

pub(super) use table::{Planned, table};

use super::site::Site;

/// What a fault may cost an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charges {
    /// No attempt: it is an outage.
    Nothing,
    /// Attempts of the images that were in work: the recogniser was well, so each of them may be the reason.
    Attempts,
}

/// Something that goes wrong for a while.
#[tonic::async_trait(?Send)]
pub(super) trait Fault {
    /// One word group, for the command line and the report.
    fn name(&self) -> String;

    /// What it may cost an image.
    fn charges(&self) -> Charges {
        Charges::Nothing
    }

    /// Whether only a scripted recogniser shows it.
    fn is_scripted(&self) -> bool {
        false
    }

    /// Whether only the process of a real recogniser shows it.
    fn is_real(&self) -> bool {
        false
    }

    /// Begins.
    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()>;

    /// Lasts.
    async fn last(&mut self, _: &mut Site, hold: Duration) -> anyhow::Result<()> {
        sleep(hold).await;
        Ok(())
    }

    /// Ends; everything is as it was before.
    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()>;
}
