//! How a client presents itself to nsqd, and the times that every connection keeps.
//!
//! Source of the IDENTIFY document: <https://nsq.io/clients/tcp_protocol_spec.html#identify>.

use std::{env, fs, time::Duration};

use bytes::Bytes;
use serde::Serialize;

/// Options shared by producers and consumers.
#[derive(Debug, Clone)]
pub struct ConnectionOptions {
    /// Names this client in nsqd's statistics. Default: the host name up to its first dot.
    pub client_id: String,
    /// Shown in nsqd's statistics. Default: `HOSTNAME`, or what the kernel says.
    pub hostname: String,
    /// Program and version. Default: this crate's.
    pub user_agent: String,
    /// How often nsqd sends a heartbeat; after two intervals of silence the connection counts as lost.
    /// nsqd accepts 1 s to 60 s. Default: 30 s.
    pub heartbeat_interval: Duration,
    /// For resolving, connecting and identifying together, and once more for subscribing. Default: 2 s.
    pub connect_timeout: Duration,
    /// The longest delay between two attempts to connect. Default: 5 s.
    pub max_reconnect_delay: Duration,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        let hostname = hostname();
        Self {
            client_id: hostname.split('.').next().unwrap_or_default().to_owned(),
            hostname,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            heartbeat_interval: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(2),
            max_reconnect_delay: Duration::from_secs(5),
        }
    }
}

/// The body of IDENTIFY; times are in milliseconds.
#[derive(Serialize)]
struct Identity<'a> {
    client_id: &'a str,
    hostname: &'a str,
    user_agent: &'a str,
    feature_negotiation: bool,
    heartbeat_interval: u128,
    /// In bytes; -1 sends every message at once. nsqd's default collects messages for 250 ms while the client has room
    /// for more, which is the time that a lone message would wait.
    output_buffer_size: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    msg_timeout: Option<u128>,
}

impl ConnectionOptions {
    /// The IDENTIFY document. Without `message_timeout`, nsqd's own applies.
    pub(crate) fn identity(&self, message_timeout: Option<Duration>) -> Bytes {
        let identity = Identity {
            client_id: &self.client_id,
            hostname: &self.hostname,
            user_agent: &self.user_agent,
            feature_negotiation: true,
            heartbeat_interval: self.heartbeat_interval.as_millis(),
            output_buffer_size: -1,
            msg_timeout: message_timeout.map(|timeout| timeout.as_millis()),
        };
        serde_json::to_vec(&identity).expect("text and numbers always make JSON").into()
    }
}

fn hostname() -> String {
    env::var("HOSTNAME")
        .or_else(|_| fs::read_to_string("/proc/sys/kernel/hostname"))
        .map_or_else(|_| "unknown".to_owned(), |name| name.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_negotiates_features_and_counts_in_milliseconds() {
        let options = ConnectionOptions {
            client_id: "worker-1".to_owned(),
            hostname: "worker-1.local".to_owned(),
            user_agent: "test/1".to_owned(),
            ..ConnectionOptions::default()
        };

        let identity = options.identity(Some(Duration::from_mins(1)));

        let expected = r#"{"client_id":"worker-1","hostname":"worker-1.local","user_agent":"test/1","feature_negotiation":true,"heartbeat_interval":30000,"output_buffer_size":-1,"msg_timeout":60000}"#;
        assert_eq!(identity, expected);
        let without_timeout = options.identity(None);
        assert!(!String::from_utf8_lossy(&without_timeout).contains("msg_timeout"));
    }
}
