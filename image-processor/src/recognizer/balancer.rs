//! The recognisers that are there now, each behind connections of its own, and the calls among them.

use std::{collections::BTreeSet, future::pending, time::Duration};

use futures_util::future::{join_all, select_ok};
use proto::health_check_client::HealthCheckClient;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};
use tonic::transport::{Channel, Endpoint};

use super::{
    Failure,
    endpoints::{CallEnd, Chosen, EndpointView, Endpoints},
    source::Address,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Healthy is who says so at once.
pub(super) const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a call waits for the first recogniser to be found.
const DISCOVERY_TIMEOUT: Duration = Duration::from_secs(3);

/// Connects when it is first asked, and again by itself.
#[derive(Debug, Clone)]
struct Connection {
    calls: Channel,
    /// Questions about health must not wait behind calls that hang.
    health: Channel,
}

/// Spreads calls among the recognisers; clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Balancer {
    endpoints: watch::Sender<Endpoints<Connection>>,
}

/// One call of one recogniser. Dropped before it ended, it was given up.
#[derive(Debug)]
pub(super) struct Call {
    balancer: Balancer,
    chosen: Chosen<Connection>,
    ended: bool,
}

impl Balancer {
    pub(super) fn new() -> Self {
        Self { endpoints: watch::Sender::new(Endpoints::new(connect)) }
    }

    /// From now on there are these.
    pub(super) fn set(&self, addresses: &BTreeSet<Address>) {
        let changed = self.endpoints.send_if_modified(|endpoints| endpoints.replace(addresses));
        if changed {
            let addresses: Vec<&str> = addresses.iter().map(Address::as_str).collect();
            tracing::info!(?addresses, "these are the recognisers now");
            self.measure();
        }
    }

    /// Begins a call of the recogniser whose turn it is, none of those that were passed over. Waits a little while none
    /// is known.
    pub(super) async fn call(&self, passed_over: &BTreeSet<Address>) -> Option<Call> {
        let mut endpoints = self.endpoints.subscribe();
        let known = endpoints.wait_for(|endpoints| !endpoints.is_empty());
        // Without any there is nothing to choose, which is said below.
        let _known = timeout(DISCOVERY_TIMEOUT, known).await.is_ok();
        let mut chosen = None;
        self.endpoints.send_if_modified(|endpoints| {
            chosen = endpoints.choose(passed_over);
            false
        });
        chosen.map(|chosen| Call { balancer: self.clone(), chosen, ended: false })
    }

    /// Whether any recogniser would answer now; if none, why, in words for people.
    pub(super) async fn any_healthy(&self) -> Result<(), String> {
        let all = self.endpoints.borrow().to_ask_all();
        if all.is_empty() {
            return Err("no recogniser is known: see that one runs and that its name is answered".to_owned());
        }
        select_ok(all.into_iter().map(|chosen| Box::pin(self.ping(chosen)))).await.map(|((), _)| ())
    }

    /// Whether the recogniser at this address would answer now.
    pub(super) async fn is_healthy(&self, address: &Address) -> bool {
        let chosen = self.endpoints.borrow().at(address);
        match chosen {
            Some(chosen) => self.ping(chosen).await.is_ok(),
            None => false,
        }
    }

    /// Pings those that were put aside when their time has come. Has no end.
    pub(super) async fn readmit(&self) {
        let mut endpoints = self.endpoints.subscribe();
        loop {
            let next = endpoints.borrow_and_update().next_ping();
            let due = async {
                match next {
                    Some(next) => sleep_until(next).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                // The sender lives as long as this.
                _ = endpoints.changed() => {}
                () = due => {
                    let to_ping = self.endpoints.borrow().to_ping(Instant::now());
                    join_all(to_ping.into_iter().map(|chosen| self.ping(chosen))).await;
                }
            }
        }
    }

    /// Where the recognisers are.
    pub(super) fn addresses(&self) -> Vec<Address> {
        self.endpoints.borrow().to_ask_all().into_iter().map(|chosen| chosen.address).collect()
    }

    /// To ask the recogniser at this address, whatever its standing, what says nothing of its standing: short questions
    /// do not wait behind calls that hang.
    pub(super) fn at(&self, address: &Address) -> Option<Channel> {
        self.endpoints.borrow().at(address).map(|chosen| chosen.connection.health)
    }

    pub(super) fn view(&self) -> Vec<EndpointView> {
        self.endpoints.borrow().view()
    }

    async fn ping(&self, chosen: Chosen<Connection>) -> Result<(), String> {
        let mut client = HealthCheckClient::new(chosen.connection.health.clone());
        let health = match timeout(HEALTH_TIMEOUT, client.health_check(proto::Empty {})).await {
            Ok(Ok(response)) if response.get_ref().ready => Ok(()),
            Ok(Ok(_)) => Err(format!("the recogniser at {} is not ready", chosen.address)),
            Ok(Err(status)) => Err(format!(
                "the recogniser at {} does not answer: {}",
                chosen.address,
                Failure::from(status)
            )),
            Err(_) => Err(format!("the recogniser at {} does not say how it is", chosen.address)),
        };
        let why = health.as_ref().err().map_or("", String::as_str);
        self.change(&chosen.address, why, |endpoints| {
            endpoints.pinged(&chosen, health.is_ok(), Instant::now())
        });
        health
    }

    /// Lets something happen to a recogniser; `change` tells whether it was put aside by it, or comes back.
    fn change(&self, address: &Address, why: &str, change: impl FnOnce(&mut Endpoints<Connection>) -> bool) {
        if self.endpoints.send_if_modified(change) {
            if self.view().iter().any(|view| view.aside && view.address == address.as_str()) {
                tracing::warn!(%address, why, "a recogniser is put aside until it is healthy");
            } else {
                tracing::info!(%address, "a recogniser is back");
            }
            self.measure();
        }
    }

    fn measure(&self) {
        let view = self.view();
        let aside = view.iter().filter(|view| view.aside).count();
        for (state, count) in [("aside", aside), ("in_use", view.len() - aside)] {
            // Far below where the precision ends.
            metrics::gauge!("rollcall_recognisers", "state" => state)
                .set(u32::try_from(count).unwrap_or(u32::MAX));
        }
    }
}

impl Call {
    pub(super) fn address(&self) -> &Address {
        &self.chosen.address
    }

    pub(super) fn channel(&self) -> Channel {
        self.chosen.connection.calls.clone()
    }

    /// Tells how it ended, and in words why, where the recogniser may be put aside for that.
    pub(super) fn end(mut self, end: CallEnd, why: &str) {
        self.ended = true;
        self.tell(end, why);
    }

    fn tell(&self, end: CallEnd, why: &str) {
        let now = Instant::now();
        self.balancer.change(&self.chosen.address, why, |endpoints| endpoints.ended(&self.chosen, end, now));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.ended {
            self.tell(CallEnd::Inconclusive, "");
        }
    }
}

fn connect(address: &Address) -> Connection {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .expect("an address is a host and a port")
        .connect_timeout(CONNECT_TIMEOUT)
        .tcp_nodelay(true);
    Connection { calls: endpoint.connect_lazy(), health: endpoint.connect_lazy() }
}
