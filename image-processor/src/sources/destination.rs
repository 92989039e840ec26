//! Where an address leads: the host is resolved, every address that it has is judged, and only those that may be asked
//! are given to whoever connects. A host that is an address itself is judged the same way.

use std::{
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use picture_path::WebAddress;
use rustls::pki_types::ServerName;
use tokio::{net::lookup_host, time::timeout};
use url::Host;

use super::{allow_list::AllowList, connection::Protocol, error::FetchError, guard};

const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

/// Who is asked, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Destination {
    /// Never empty.
    pub(super) addresses: Vec<SocketAddr>,
    pub(super) protocol: Protocol,
}

/// Finds a web server. Only what the guard or the list of exceptions lets through is in the answer.
pub(super) async fn of(address: &WebAddress, allowed: &AllowList) -> Result<Destination, FetchError> {
    let url = address.url();
    let port = url.port_or_known_default().expect("the port of http and https is known");
    let host = url.host().expect("a web address has a host");
    let found = match &host {
        Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(*address), port)],
        Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(*address), port)],
        Host::Domain(name) => resolve(name, port).await?,
    };
    let protocol = if address.is_encrypted() {
        let name = match &host {
            Host::Ipv4(address) => ServerName::from(IpAddr::V4(*address)),
            Host::Ipv6(address) => ServerName::from(IpAddr::V6(*address)),
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
                .map_err(|_| FetchError::Unreachable(format!("no server can prove to be {name}")))?,
        };
        Protocol::Encrypted(name)
    } else {
        Protocol::Plain
    };
    Ok(Destination { addresses: check(&host.to_string(), found, allowed)?, protocol })
}

pub(super) async fn resolve(name: &str, port: u16) -> Result<Vec<SocketAddr>, FetchError> {
    let unreachable = |why: &str| FetchError::Unreachable(format!("{name}: {why}"));
    match timeout(RESOLVE_TIMEOUT, lookup_host((name, port))).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => Err(unreachable(&error.to_string())),
        Err(_) => Err(unreachable("its address is not told in time")),
    }
}

/// Those that may be asked; an error when there is none. Pure.
fn check(host: &str, found: Vec<SocketAddr>, allowed: &AllowList) -> Result<Vec<SocketAddr>, FetchError> {
    let mut forbidden = None;
    let permitted: Vec<_> = found
        .into_iter()
        .filter(|address| match guard::judge(address.ip()) {
            Ok(()) => true,
            Err(_) if allowed.permits(host, *address) => true,
            Err(why) => {
                forbidden.get_or_insert(FetchError::Forbidden {
                    host: host.to_owned(),
                    address: address.ip(),
                    why,
                });
                false
            }
        })
        .collect();
    match forbidden {
        Some(error) if permitted.is_empty() => Err(error),
        None if permitted.is_empty() => Err(FetchError::Unreachable(format!("{host} has no address"))),
        _ => Ok(permitted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(host: &str, found: &[&str], allowed: &str) -> Result<Vec<SocketAddr>, &'static str> {
        let found = found.iter().map(|address| address.parse().expect("an address")).collect();
        check(host, found, &allowed.parse().expect("a list")).map_err(|error| error.code())
    }

    #[test]
    fn only_addresses_that_may_be_asked_are_left() {
        let left = checked("mixed.example", &["127.0.0.1:80", "1.1.1.1:80", "[::1]:80"], "");

        assert_eq!(left, Ok(vec!["1.1.1.1:80".parse().expect("an address")]));
    }

    #[test]
    fn a_host_without_such_an_address_is_refused_unless_it_is_an_exception() {
        let table = [
            ("", Err("address_forbidden")),
            ("inner.example", Ok(1)),
            ("inner.example:80", Ok(1)),
            ("inner.example:81", Err("address_forbidden")),
            ("10.0.0.0/8", Ok(1)),
        ];
        for (allowed, expected) in table {
            let left = checked("inner.example", &["10.0.0.1:80"], allowed).map(|left| left.len());
            assert_eq!(left, expected, "{allowed:?}");
        }
    }

    #[test]
    fn a_name_without_an_address_may_have_one_later() {
        assert_eq!(checked("empty.example", &[], ""), Err("source_unreachable"));
    }
}
