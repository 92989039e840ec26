//! nsqlookupd and nsqd. Both choose their ports at their first start and say them in their logs.

mod questions;

use std::{
    ffi::OsString,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::Duration,
};

use anyhow::Context;

pub use questions::ChannelState;

use crate::{
    installed::Installed,
    process::{Process, Recipe},
};

const START_BUDGET: Duration = Duration::from_secs(20);
const STOP_BUDGET: Duration = Duration::from_secs(20);
/// A port that the system chooses.
const ANY: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// What an nsqd tells nsqlookupd, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Announcement {
    /// Where nsqlookupd listens for nsqds.
    pub lookupd: SocketAddr,
    /// The port that consumers are to connect to; nsqd's own when absent.
    pub port: Option<u16>,
}

impl From<&NsqDaemon> for Announcement {
    fn from(lookupd: &NsqDaemon) -> Self {
        Self { lookupd: lookupd.tcp, port: None }
    }
}

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

    /// Starts nsqd, which announces itself and keeps its queues in `folder`.
    pub async fn start_nsqd(
        installed: &Installed,
        announcement: impl Into<Announcement>,
        folder: &Path,
        logs: &Path,
    ) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let announcement: Announcement = announcement.into();
        let mut own = vec![
            format!("-lookupd-tcp-address={}", announcement.lookupd),
            "-broadcast-address=127.0.0.1".to_owned(),
            "-data-path=.".to_owned(),
        ];
        own.extend(announcement.port.map(|port| format!("-broadcast-tcp-port={port}")));
        Self::start(recipe("nsqd", installed, folder, logs, own)?).await
    }

    async fn start(recipe: Recipe) -> anyhow::Result<Self> {
        let (process, tcp, http) = start_listening(&recipe).await?;
        Ok(Self { process, tcp, http })
    }

    /// Starts it after it was stopped or killed, on the ports that it had and with the data in its folder.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        self.start_again_with(&[]).await
    }

    /// The same, with further options from now on.
    pub async fn start_again_with(&mut self, options: &[&str]) -> anyhow::Result<()> {
        let mut recipe = self.process.recipe().clone();
        anyhow::ensure!(self.process.is_down(), "{} runs", recipe.name);
        recipe.arguments.extend(options.iter().map(Into::into));
        // The last one counts of an option that is given twice.
        recipe.arguments.extend(addresses(self.tcp, self.http));
        (self.process, self.tcp, self.http) = start_listening(&recipe).await?;
        Ok(())
    }

    /// The child process.
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// Stops the daemon; nsqd writes its queues to disk. One that is down stays so.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        if !self.process.is_down() {
            self.process.stop(STOP_BUDGET).await?;
        }
        Ok(())
    }
}

async fn start_listening(recipe: &Recipe) -> anyhow::Result<(Process, SocketAddr, SocketAddr)> {
    let mut process = recipe.start()?;
    let log = process.log().clone();
    let found = process.wait_until("to say its ports", START_BUDGET, async || {
        let said = log.text().unwrap_or_default();
        listening(&said, "TCP").zip(listening(&said, "HTTP")).ok_or_else(|| format!("{said:?}"))
    });
    let (tcp, http) = found.await?;
    process.listens_at(&[tcp, http]);
    Ok((process, tcp, http))
}

fn addresses(tcp: SocketAddr, http: SocketAddr) -> [OsString; 2] {
    [format!("-tcp-address={tcp}").into(), format!("-http-address={http}").into()]
}

fn recipe(
    name: &str,
    installed: &Installed,
    folder: &Path,
    logs: &Path,
    own: Vec<String>,
) -> anyhow::Result<Recipe> {
    Ok(Recipe {
        name: name.to_owned(),
        program: installed.go_program(name).context("the queue cannot be started")?,
        arguments: addresses(ANY, ANY).into_iter().chain(own.into_iter().map(Into::into)).collect(),
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
