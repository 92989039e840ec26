//! Pictures posted and pages loaded all the time while something happens to the services.

use std::time::Duration;

use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;

use crate::client::Client;

/// Slow enough for one recogniser on two cores beside everything else.
const PERIOD: Duration = Duration::from_millis(250);

pub(crate) struct Load {
    stop: CancellationToken,
    running: JoinHandle<Report>,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// Of the pictures that were accepted.
    pub(crate) ids: Vec<u64>,
    pub(crate) pages: usize,
    /// What was said to those requests that failed.
    pub(crate) failures: Vec<String>,
}

impl Load {
    /// Posts these paths one after the other; they are more than the test has time for.
    pub(crate) fn start(client: Client, paths: Vec<String>) -> Self {
        let stop = CancellationToken::new();
        let running = tokio::spawn(post(client, paths, stop.clone()));
        Self { stop, running }
    }

    pub(crate) async fn stop(self) -> anyhow::Result<Report> {
        anyhow::ensure!(!self.running.is_finished(), "all paths were posted before the end");
        self.stop.cancel();
        Ok(self.running.await?)
    }
}

async fn post(client: Client, paths: Vec<String>, stop: CancellationToken) -> Report {
    let mut report = Report::default();
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for path in paths {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => break,
        }
        match client.post(&path).await {
            Ok(id) => report.ids.push(id),
            Err(error) => report.failures.push(format!("{error:#}")),
        }
        match client.page().await {
            Ok(_) => report.pages += 1,
            Err(error) => report.failures.push(format!("{error:#}")),
        }
    }
    report
}
