//! Queues that lose what they had, or cannot write.

use std::{fs, time::Duration};

use tokio::time::sleep;

use super::{Fault, Site};

/// Messages gather for so long before the queue is lost.
const GATHERING: Duration = Duration::from_secs(3);

/// nsqd is killed while messages wait in it, and its data folder is emptied: none of them comes back.
pub(super) struct DataLost;

#[tonic::async_trait(?Send)]
impl Fault for DataLost {
    fn name(&self) -> String {
        "nsqd-data-lost".to_owned()
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        for worker in &mut site.stack.image_processors {
            worker.process().suspend();
        }
        sleep(GATHERING).await;
        site.stack.nsqd.process().kill().await?;
        for worker in &mut site.stack.image_processors {
            worker.process().resume();
        }
        let folder = site.stack.nsqd.process().recipe().folder.clone();
        fs::remove_dir_all(&folder)?;
        fs::create_dir(&folder)?;
        Ok(())
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        site.stack.nsqd.start_again().await
    }
}

/// nsqd keeps no message in memory, and none of its files may grow: each write fails as on a full disk. What it says of
/// that is lost too, since its log is a file.
pub(super) struct DiskFull;

#[tonic::async_trait(?Send)]
impl Fault for DiskFull {
    fn name(&self) -> String {
        "nsqd-disk-full".to_owned()
    }

    async fn begin(&mut self, site: &mut Site) -> anyhow::Result<()> {
        let nsqd = &mut site.stack.nsqd;
        nsqd.stop().await?;
        nsqd.start_again_with(&["-mem-queue-size=0"]).await?;
        nsqd.process().limit_files(Some(0))
    }

    async fn end(&mut self, site: &mut Site) -> anyhow::Result<()> {
        let nsqd = &mut site.stack.nsqd;
        nsqd.process().limit_files(None)?;
        nsqd.stop().await?;
        nsqd.start_again_with(&["-mem-queue-size=10000"]).await
    }
}
