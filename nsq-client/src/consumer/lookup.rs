//! Discovery: asks the nsqlookupds over HTTP which nsqds have the topic, again and again.
//!
//! Source: <https://nsq.io/components/nsqlookupd.html>.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use tokio::{sync::mpsc, time::sleep};

use super::coordinator::Event;
use crate::{Address, Topic, backoff::jittered};

/// Between two questions while no nsqd is known.
const IMPATIENT_INTERVAL: Duration = Duration::from_millis(500);
/// For one question, the connection included.
const TIMEOUT: Duration = Duration::from_secs(2);

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

pub(super) struct Lookup {
    client: Client,
    lookupds: Vec<Address>,
    topic: Topic,
    interval: Duration,
    known: BTreeSet<Address>,
    all_answered: bool,
}

impl Lookup {
    pub(super) fn new(lookupds: Vec<Address>, topic: Topic, interval: Duration) -> Self {
        let client = Client::builder()
            .timeout(TIMEOUT)
            .no_proxy()
            .build()
            .expect("a client without TLS and proxies has nothing to load");
        Self { client, lookupds, topic, interval, known: BTreeSet::new(), all_answered: true }
    }

    /// Polls until cancelled. `others_known`: there are nsqds that need no discovery.
    pub(super) async fn run(mut self, events: mpsc::Sender<Event>, others_known: bool) {
        loop {
            self.poll().await;
            if events.send(Event::Discovered(self.known.clone())).await.is_err() {
                return;
            }
            let impatient = self.known.is_empty() && !others_known;
            let interval = if impatient { IMPATIENT_INTERVAL } else { self.interval };
            sleep(jittered(interval)).await;
        }
    }

    /// Asks every nsqlookupd. Only when all have answered can an nsqd be missing; until then those that
    /// are known stay known.
    async fn poll(&mut self) {
        let answers = join_all(self.lookupds.iter().map(|lookupd| self.ask(lookupd))).await;
        let mut found = BTreeSet::new();
        let mut failure = None;
        for (lookupd, answer) in self.lookupds.iter().zip(answers) {
            match answer {
                Ok(addresses) => found.extend(addresses),
                Err(error) => failure = Some((lookupd, error)),
            }
        }
        let all_answered = failure.is_none();
        if let Some((lookupd, error)) = failure {
            found.extend(self.known.iter().cloned());
            // Once per outage, not once per poll.
            if self.all_answered {
                tracing::warn!(%lookupd, ?error, "nsqlookupd does not answer: known nsqds are kept");
            }
        }
        self.known = found;
        self.all_answered = all_answered;
    }

    async fn ask(&self, lookupd: &Address) -> Result<Vec<Address>, reqwest::Error> {
        let url = format!("http://{lookupd}/lookup");
        let response = self.client.get(url).query(&[("topic", self.topic.as_str())]).send().await?;
        // The topic does not exist yet.
        if response.status() == StatusCode::NOT_FOUND {
            return Ok(Vec::new());
        }
        Ok(addresses(response.error_for_status()?.json().await?))
    }
}

/// The addresses of an answer, without those that cannot be connected to.
fn addresses(answer: Answer) -> Vec<Address> {
    let address = |entry: ProducerEntry| {
        Address::new(&entry.broadcast_address, entry.tcp_port)
            .inspect_err(|error| tracing::warn!(%error, "nsqlookupd names an nsqd that cannot be used"))
            .ok()
    };
    answer.producers.into_iter().filter_map(address).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_names_the_usable_nsqds() {
        let answer = r#"{"channels": ["ch"], "producers": [
            {"remote_address": "10.0.0.1:5", "hostname": "a", "broadcast_address": "nsqd-0", "tcp_port": 4150, "http_port": 4151, "version": "1.3.0"},
            {"broadcast_address": "::1", "tcp_port": 4150},
            {"broadcast_address": "not a host", "tcp_port": 4150}
        ]}"#;

        let addresses = addresses(serde_json::from_str(answer).unwrap());

        let names: Vec<_> = addresses.iter().map(Address::to_string).collect();
        assert_eq!(names, ["nsqd-0:4150", "[::1]:4150"]);
    }
}
