//! Discovery: asks the nsqlookupds over HTTP which nsqds have the topic, again and again. One that does
//! not answer counts with its last answer, so an outage neither hides nor adds an nsqd.
//!
//! Source: <https://nsq.io/components/nsqlookupd.html>.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use reqwest::{Client, StatusCode, redirect::Policy};
use serde::Deserialize;
use tokio::{sync::mpsc, time::sleep};

use super::coordinator::Event;
use crate::{Address, Topic, backoff::jittered, error::LookupError};

/// Between two questions while no nsqd is known.
const IMPATIENT_INTERVAL: Duration = Duration::from_millis(500);
/// For one question, the connection included.
const TIMEOUT: Duration = Duration::from_secs(2);
/// The longest answer that is read, in bytes.
const MAX_ANSWER_LEN: usize = 1024 * 1024;
/// The most nsqds that are taken from one answer.
const MAX_NSQDS: usize = 1_000;

/// The answer to `/lookup`, as far as it is used.
#[derive(Deserialize)]
struct Answer {
    producers: Vec<ProducerEntry>,
}

#[derive(Deserialize)]
struct ProducerEntry {
    broadcast_address: String,
    tcp_port: u16,
}

/// One nsqlookupd and what it last said.
struct Lookupd {
    address: Address,
    nsqds: BTreeSet<Address>,
    away: bool,
}

impl Lookupd {
    fn new(address: Address) -> Self {
        Self { address, nsqds: BTreeSet::new(), away: false }
    }

    /// Takes a new answer, or keeps the last one. An outage is logged when it starts and when it ends.
    fn note(&mut self, answer: Result<BTreeSet<Address>, LookupError>) {
        let was_away = std::mem::replace(&mut self.away, answer.is_err());
        let lookupd = &self.address;
        match answer {
            Ok(nsqds) => {
                if was_away {
                    tracing::info!(%lookupd, "nsqlookupd answers again");
                }
                self.nsqds = nsqds;
            }
            Err(error) if !was_away => {
                tracing::warn!(%lookupd, %error, "nsqlookupd does not answer: its last answer is kept");
            }
            Err(_) => {}
        }
    }
}

pub(super) struct Lookup {
    client: Client,
    lookupds: Vec<Lookupd>,
    topic: Topic,
    interval: Duration,
}

impl Lookup {
    pub(super) fn new(lookupds: Vec<Address>, topic: Topic, interval: Duration) -> Self {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .redirect(Policy::none())
            .build()
            .expect("a client without TLS and proxies has nothing to load");
        Self { client, lookupds: lookupds.into_iter().map(Lookupd::new).collect(), topic, interval }
    }

    /// Polls until cancelled. `others_known`: there are nsqds that need no discovery.
    pub(super) async fn run(mut self, events: mpsc::Sender<Event>, others_known: bool) {
        loop {
            let answers = join_all(self.lookupds.iter().map(|lookupd| self.ask(&lookupd.address))).await;
            for (lookupd, answer) in self.lookupds.iter_mut().zip(answers) {
                lookupd.note(answer);
            }
            let found = union(&self.lookupds);
            let impatient = found.is_empty() && !others_known;
            if events.send(Event::Discovered(found)).await.is_err() {
                return;
            }
            let interval = if impatient { IMPATIENT_INTERVAL } else { self.interval };
            sleep(jittered(interval)).await;
        }
    }

    async fn ask(&self, lookupd: &Address) -> Result<BTreeSet<Address>, LookupError> {
        let url = format!("http://{lookupd}/lookup");
        let mut response = self.client.get(url).query(&[("topic", self.topic.as_str())]).send().await?;
        match response.status() {
            StatusCode::OK => {}
            // The topic does not exist yet.
            StatusCode::NOT_FOUND => return Ok(BTreeSet::new()),
            status => return Err(LookupError::Status(status)),
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > MAX_ANSWER_LEN {
                return Err(LookupError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(addresses(serde_json::from_slice(&body)?))
    }
}

/// Every nsqd that any nsqlookupd named in its last answer.
fn union(lookupds: &[Lookupd]) -> BTreeSet<Address> {
    lookupds.iter().flat_map(|lookupd| lookupd.nsqds.iter().cloned()).collect()
}

/// The addresses of an answer, without those that cannot be connected to.
fn addresses(answer: Answer) -> BTreeSet<Address> {
    let address = |entry: ProducerEntry| {
        Address::new(&entry.broadcast_address, entry.tcp_port)
            .inspect_err(|error| tracing::debug!(%error, "nsqlookupd names an nsqd that cannot be used"))
            .ok()
    };
    answer.producers.into_iter().filter_map(address).take(MAX_NSQDS).collect()
}

#[cfg(test)]
mod tests;
