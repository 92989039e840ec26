//! The endpoints of a Kubernetes service, watched through the API server: changes arrive as they happen. Needs the right
//! to list and watch `endpointslices` in the namespace.

mod api_server;

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
    pin::pin,
};

use futures_util::StreamExt;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};
use kube::{
    Api,
    runtime::{
        WatchStreamExt, reflector,
        watcher::{self, Event, watcher},
    },
};

use super::super::source::Address;

pub(super) async fn follow(
    namespace: &str,
    service: &str,
    port_name: &str,
    known: impl Fn(&BTreeSet<Address>),
) -> anyhow::Error {
    let client = match api_server::connect() {
        Ok(client) => client,
        Err(error) => {
            return error
                .context("RECOGNITION is kube://, which needs a pod with the token of its service account");
        }
    };
    let slices: Api<EndpointSlice> = Api::namespaced(client, namespace);
    let selection = watcher::Config::default().labels(&format!("kubernetes.io/service-name={service}"));
    let (store, writer) = reflector::store();
    let events = reflector(writer, watcher(slices, selection)).default_backoff();
    let mut events = pin!(events);
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Init | Event::InitApply(_)) => {}
            Ok(Event::InitDone | Event::Apply(_) | Event::Delete(_)) => {
                known(&addresses(store.state().iter().map(AsRef::as_ref), port_name));
            }
            Err(error) => {
                // Its own words end where the cause begins.
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::warn!(error, namespace, service, "the recognisers' endpoints cannot be watched");
            }
        }
    }
    anyhow::anyhow!("the watch of {namespace}/{service} ended")
}

/// The ready endpoints of all slices of a service.
fn addresses<'a>(slices: impl Iterator<Item = &'a EndpointSlice>, port_name: &str) -> BTreeSet<Address> {
    slices.flat_map(|slice| in_slice(slice, port_name)).collect()
}

fn in_slice<'a>(slice: &'a EndpointSlice, port_name: &str) -> impl Iterator<Item = Address> + use<'a> {
    let port = slice
        .ports
        .iter()
        .flatten()
        .find(|port| port.name.as_deref() == Some(port_name))
        .and_then(|port| u16::try_from(port.port?).ok());
    slice.endpoints.iter().filter(|endpoint| is_ready(endpoint)).filter_map(move |endpoint| {
        // All addresses beyond the first mean nothing (`EndpointSlice`, discovery.k8s.io/v1).
        let ip: IpAddr = endpoint.addresses.first()?.parse().ok()?;
        Some(SocketAddr::new(ip, port?).into())
    })
}

/// Unknown is to be taken for ready (`EndpointConditions`, discovery.k8s.io/v1).
fn is_ready(endpoint: &Endpoint) -> bool {
    endpoint.conditions.as_ref().and_then(|conditions| conditions.ready).unwrap_or(true)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::discovery::v1::{EndpointConditions, EndpointPort};

    use super::*;

    fn port(name: &str, number: i32) -> EndpointPort {
        EndpointPort { name: Some(name.to_owned()), port: Some(number), ..EndpointPort::default() }
    }

    fn slice(ports: Vec<EndpointPort>, endpoints: &[(&str, Option<bool>)]) -> EndpointSlice {
        let endpoints = endpoints.iter().map(|(address, ready)| Endpoint {
            addresses: vec![(*address).to_owned()],
            conditions: Some(EndpointConditions { ready: *ready, ..EndpointConditions::default() }),
            ..Endpoint::default()
        });
        EndpointSlice { endpoints: endpoints.collect(), ports: Some(ports), ..EndpointSlice::default() }
    }

    fn found(slices: &[EndpointSlice]) -> Vec<String> {
        addresses(slices.iter(), "grpc").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_ready_endpoints_of_all_slices_are_found_at_the_named_port() {
        let ports = || vec![port("admin", 8003), port("grpc", 50051)];
        let slices = [
            slice(ports(), &[("10.0.0.1", Some(true)), ("10.0.0.2", Some(false)), ("10.0.0.3", None)]),
            slice(ports(), &[("fd00::1", Some(true)), ("10.0.0.1", Some(true))]),
        ];

        assert_eq!(found(&slices), ["10.0.0.1:50051", "10.0.0.3:50051", "[fd00::1]:50051"]);
    }

    #[test]
    fn a_slice_without_the_port_or_with_names_for_addresses_has_none() {
        let slices = [
            slice(vec![port("admin", 8003)], &[("10.0.0.1", Some(true))]),
            slice(vec![port("grpc", 50051)], &[("a.example", Some(true))]),
        ];

        assert!(found(&slices).is_empty());
    }
}
