//! nsqlookupd and nsqd. Both choose their ports and say them in their logs.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;

use crate::{
    installed::Installed,
    process::{Process, Recipe},
};

const START_BUDGET: Duration = Duration::from_secs(20);
const STOP_BUDGET: Duration = Duration::from_secs(20);

/// nsqlookupd or nsqd.
#[derive(Debug)]
pub struct NsqDaemon {
    process: Process,
    /// Where clients (nsqd) or nsqds (nsqlookupd) connect.
    pub tcp: SocketAddr,
    /// Where questions are asked.
    pub http: SocketAddr,
}

impl NsqDaemon {
    /// Starts nsqlookupd.
    pub async fn start_lookupd(installed: &Installed, folder: &Path, logs: &Path) -> anyhow::Result<Self> {
        Self::start(recipe("nsqlookupd", installed, folder, logs, Vec::new())?).await
    }

    /// Starts nsqd, which announces itself to `lookupd` and keeps its queues in `folder`.
    pub async fn start_nsqd(
        installed: &Installed,
        lookupd: &Self,
        folder: &Path,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let own = vec![
            format!("-lookupd-tcp-address={}", lookupd.tcp),
            "-broadcast-address=127.0.0.1".to_owned(),
            "-data-path=.".to_owned(),
        ];
        Self::start(recipe("nsqd", installed, folder, logs, own)?).await
    }

    async fn start(recipe: Recipe) -> anyhow::Result<Self> {
        let mut process = recipe.start()?;
        let log = process.log().clone();
        let found = process.wait_until("to say its ports", START_BUDGET, async || {
            let said = log.text().unwrap_or_default();
            listening(&said, "TCP").zip(listening(&said, "HTTP")).ok_or_else(|| format!("{said:?}"))
        });
        let (tcp, http) = found.await?;
        Ok(Self { process, tcp, http })
    }

    /// The child process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Stops the daemon; nsqd writes its queues to disk.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.process.stop(STOP_BUDGET).await?;
        Ok(())
    }
}

fn recipe(
    name: &'static str,
    installed: &Installed,
    folder: &Path,
    logs: &Path,
    own: Vec<String>,
) -> anyhow::Result<Recipe> {
    let ports = ["-tcp-address=127.0.0.1:0", "-http-address=127.0.0.1:0"].map(ToOwned::to_owned);
    Ok(Recipe {
        name,
        program: installed.nsq_program(name).context("the queue cannot be started")?,
        arguments: ports.into_iter().chain(own).map(Into::into).collect(),
        inherits: true,
        environment: Vec::new(),
        folder: folder.to_owned(),
        logs: logs.to_owned(),
    })
}

/// The address in a line such as `INFO: TCP: listening on 127.0.0.1:4150`.
fn listening(log: &str, protocol: &str) -> Option<SocketAddr> {
    let mark = format!("{protocol}: listening on ");
    let (_, after) = log.split_once(&mark)?;
    let (address, _) = after.split_once('\n')?;
    address.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_only_from_a_whole_line() {
        let log =
            "[nsqd] INFO: TCP: listening on 127.0.0.1:4150\n[nsqd] INFO: HTTP: listening on 127.0.0.1:41";

        assert_eq!(listening(log, "TCP"), Some(SocketAddr::from(([127, 0, 0, 1], 4150))));
        assert_eq!(listening(log, "HTTP"), None);
    }
}
