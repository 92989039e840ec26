//! [`Address`]: `host:port` of an nsqd or nsqlookupd. It is kept as text and resolved at each connect,
//! because a name in a cluster moves to another IP address while a client lives.

use std::{fmt, net::Ipv6Addr, str::FromStr};

use crate::AddressError;

/// A checked `host:port`; IPv6 addresses stand in brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// Takes host name, IPv4 address or bare IPv6 address, and the port.
    pub fn new(host: &str, port: u16) -> Result<Self, AddressError> {
        let is_name = |host: &str| host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        let valid_host = (!host.is_empty() && is_name(host)) || host.parse::<Ipv6Addr>().is_ok();
        if valid_host && port != 0 {
            Ok(Self { host: host.to_owned(), port })
        } else {
            Err(AddressError(format!("{host}:{port}")))
        }
    }

    /// Name or IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, never 0.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let split = || {
            let (host, port) = text.rsplit_once(':')?;
            let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
            // Without brackets, the last group of an IPv6 address would pass for a port.
            let ambiguous = bare.is_none() && host.contains(':');
            Some((bare.unwrap_or(host), port.parse().ok()?)).filter(|_| !ambiguous)
        };
        let (host, port) = split().ok_or_else(|| AddressError(text.to_owned()))?;
        Self::new(host, port).map_err(|_| AddressError(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_a_host_and_a_port() {
        for text in ["nsqd:4150", "127.0.0.1:1", "nsqd-0.nsqd.default.svc:4150", "[::1]:4150"] {
            assert_eq!(text.parse::<Address>().map(|address| address.to_string()), Ok(text.to_owned()));
        }
        for text in
            ["", "nsqd", ":4150", "nsqd:", "nsqd:0", "nsqd:65536", "::1:4150", "http://nsqd:4150", "a b:1"]
        {
            assert_eq!(text.parse::<Address>(), Err(AddressError(text.to_owned())));
        }
    }
}
