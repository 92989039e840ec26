//! How the other services are, by their own word: `/readyz`, and `/breaker` of those that have one.

use std::{collections::BTreeMap, str::FromStr, time::Duration};

use reqwest::{Client, StatusCode};
use serde::Deserialize;
use service_kit::fresh::Fresh;
use tokio::task::JoinSet;

/// A page does not wait longer for a service.
const TIMEOUT: Duration = Duration::from_secs(1);
const KEEPS: Duration = Duration::from_secs(2);

/// A service that is asked: `receiver=http://127.0.0.1:8000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAddress {
    name: String,
    url: String,
}

impl FromStr for ServiceAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, url)) if !name.trim().is_empty() && url.trim().starts_with("http://") => {
                Ok(Self { name: name.trim().to_owned(), url: url.trim().trim_end_matches('/').to_owned() })
            }
            _ => Err(format!("{text:?} is not a name and an address like receiver=http://127.0.0.1:8000")),
        }
    }
}

/// What a service says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceReport {
    pub(crate) name: String,
    /// `None` when it does not answer.
    pub(crate) ready: Option<bool>,
    pub(crate) checks: Vec<(String, Finding)>,
    pub(crate) breaker: Option<Breaker>,
}

/// One thing that a service depends on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Finding {
    pub(crate) ok: bool,
    #[serde(default)]
    pub(crate) detail: Option<String>,
}

/// Where the circuit breaker stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Breaker {
    pub(crate) state: String,
    pub(crate) consecutive_failures: Option<u32>,
    pub(crate) retry_after_ms: Option<u64>,
    #[serde(default)]
    pub(crate) opened: u64,
}

#[derive(Deserialize)]
struct Readiness {
    ready: bool,
    checks: BTreeMap<String, Finding>,
}

/// Asks the services, once for all who want to know.
#[derive(Debug)]
pub(crate) struct Services {
    addresses: Vec<ServiceAddress>,
    client: Client,
    fresh: Fresh<Vec<ServiceReport>>,
}

impl Services {
    pub(crate) fn new(addresses: Vec<ServiceAddress>) -> anyhow::Result<Self> {
        let client = Client::builder().no_proxy().timeout(TIMEOUT).build()?;
        Ok(Self { addresses, client, fresh: Fresh::new(KEEPS) })
    }

    /// In the order in which they were configured.
    pub(crate) async fn reports(&self) -> Vec<ServiceReport> {
        let asked = self.fresh.get(async || Ok::<_, std::convert::Infallible>(self.ask().await));
        let Ok(reports) = asked.await;
        reports
    }

    async fn ask(&self) -> Vec<ServiceReport> {
        let mut asking = JoinSet::new();
        for (number, address) in self.addresses.iter().enumerate() {
            let (client, address) = (self.client.clone(), address.clone());
            asking.spawn(async move { (number, report(&client, address).await) });
        }
        let mut reports = asking.join_all().await;
        reports.sort_unstable_by_key(|(number, _)| *number);
        reports.into_iter().map(|(_, report)| report).collect()
    }
}

async fn report(client: &Client, address: ServiceAddress) -> ServiceReport {
    let (readiness, breaker) = tokio::join!(
        // One that is not ready answers 503, and says why.
        ask::<Readiness>(
            client,
            format!("{}/readyz", address.url),
            &[StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE]
        ),
        ask::<Breaker>(client, format!("{}/breaker", address.url), &[StatusCode::OK]),
    );
    let (ready, checks) = readiness.map_or((None, BTreeMap::new()), |said| (Some(said.ready), said.checks));
    ServiceReport { name: address.name, ready, checks: checks.into_iter().collect(), breaker }
}

async fn ask<T: serde::de::DeserializeOwned>(
    client: &Client,
    url: String,
    expected: &[StatusCode],
) -> Option<T> {
    let answer = client.get(url).send().await.ok()?;
    if !expected.contains(&answer.status()) {
        return None;
    }
    answer.json().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name() {
        let parsed: ServiceAddress = "receiver=http://127.0.0.1:8000/".parse().expect("an address");
        assert_eq!((parsed.name.as_str(), parsed.url.as_str()), ("receiver", "http://127.0.0.1:8000"));
        for wrong in ["receiver", "=http://a", "receiver=ftp://a", "http://a"] {
            assert!(wrong.parse::<ServiceAddress>().is_err(), "{wrong}");
        }
    }
}
