//! What nsqd is asked and told over HTTP.

use anyhow::Context;
use serde_json::Value;

use super::NsqDaemon;
use crate::http;

/// One channel of nsqd at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelState {
    /// Messages that came in since nsqd was started.
    pub received: u64,
    /// Messages that wait to be sent, in memory and on disk.
    pub depth: u64,
    /// Messages that consumers hold.
    pub in_flight: u64,
    /// Messages that were given back and wait for their time.
    pub deferred: u64,
    /// RDY of each consumer: how many messages it takes at one time.
    pub ready: Vec<u64>,
}

impl ChannelState {
    /// Whether every message was finished.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.depth + self.in_flight + self.deferred == 0
    }
}

impl NsqDaemon {
    /// A channel, as nsqd's statistics describe it.
    pub async fn channel(&self, topic: &str, channel: &str) -> anyhow::Result<ChannelState> {
        let url = format!("http://{}/stats?format=json&topic={topic}&channel={channel}", self.http);
        let stats: Value = http::client()?.get(url).send().await?.error_for_status()?.json().await?;
        let stats = &stats["topics"][0]["channels"][0];
        let count = |name: &str| {
            stats[name].as_u64().with_context(|| format!("{topic}/{channel} has no {name}: {stats}"))
        };
        let clients = stats["clients"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(ChannelState {
            received: count("message_count")?,
            depth: count("depth")?,
            in_flight: count("in_flight_count")?,
            deferred: count("deferred_count")?,
            ready: clients.iter().filter_map(|client| client["ready_count"].as_u64()).collect(),
        })
    }

    /// Publishes one message, which must not be empty.
    pub async fn publish(&self, topic: &str, body: Vec<u8>) -> anyhow::Result<()> {
        let url = format!("http://{}/pub?topic={topic}", self.http);
        http::client()?.post(url).body(body).send().await?.error_for_status()?;
        Ok(())
    }

    /// Publishes messages, each of 8 bytes, in one request.
    pub async fn publish_many(&self, topic: &str, bodies: &[[u8; 8]]) -> anyhow::Result<()> {
        let url = format!("http://{}/mpub?topic={topic}&binary=true", self.http);
        let mut request = u32::try_from(bodies.len())?.to_be_bytes().to_vec();
        for body in bodies {
            request.extend(u32::try_from(body.len())?.to_be_bytes());
            request.extend(body);
        }
        http::client()?.post(url).body(request).send().await?.error_for_status()?;
        Ok(())
    }
}
