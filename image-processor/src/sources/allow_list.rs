//! The exceptions from the guard that the operator makes (`FETCH_ALLOW`). Pure.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;

use super::net::Net;

/// What may be fetched from although its address is not public.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList(Vec<Exception>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Exception {
    /// Whatever address the name has; of one port, or of all.
    Name {
        host: String,
        port: Option<u16>,
    },
    Net(Net),
    /// One port of one address.
    Endpoint(SocketAddr),
}

/// An entry that nobody can understand.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "{0:?} is no exception: give host names, host:port, addresses or nets like 10.1.0.0/16, separated by commas"
)]
pub struct NoException(String);

impl AllowList {
    /// Whether a host of an address, which was found there, is an exception.
    pub(super) fn permits(&self, host: &str, found: SocketAddr) -> bool {
        let asked = host.trim_end_matches('.');
        let address = found.ip().to_canonical();
        self.0.iter().any(|exception| match exception {
            Exception::Name { host, port } => {
                host.eq_ignore_ascii_case(asked) && port.is_none_or(|port| port == found.port())
            }
            Exception::Net(net) => net.contains(address),
            Exception::Endpoint(endpoint) => *endpoint == SocketAddr::new(address, found.port()),
        })
    }
}

impl FromStr for AllowList {
    type Err = NoException;

    fn from_str(text: &str) -> Result<Self, NoException> {
        let entries = text.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        entries.map(str::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl FromStr for Exception {
    type Err = NoException;

    fn from_str(text: &str) -> Result<Self, NoException> {
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Net(Net::single(address.to_canonical())));
        }
        if let Ok(endpoint) = text.parse::<SocketAddr>() {
            return Ok(Self::Endpoint(SocketAddr::new(endpoint.ip().to_canonical(), endpoint.port())));
        }
        if let Ok(net) = text.parse() {
            return Ok(Self::Net(net));
        }
        let refused = || NoException(text.to_owned());
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, Some(port.parse().map_err(|_| refused())?)),
            None => (text, None),
        };
        let host = host.trim_end_matches('.');
        if is_name(host) { Ok(Self::Name { host: host.to_owned(), port }) } else { Err(refused()) }
    }
}

/// A name that ends in a number is read as an IPv4 address by whoever reads addresses, so it never comes to us as a name.
fn is_name(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(label) && !last.bytes().all(|byte| byte.is_ascii_digit())
}

impl fmt::Display for AllowList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, exception) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            match exception {
                Exception::Name { host, port: None } => write!(formatter, "{comma}{host}")?,
                Exception::Name { host, port: Some(port) } => write!(formatter, "{comma}{host}:{port}")?,
                Exception::Net(net) => write!(formatter, "{comma}{net}")?,
                Exception::Endpoint(endpoint) => write!(formatter, "{comma}{endpoint}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_opens_what_it_names_and_nothing_else() {
        let table = [
            ("localhost", "localhost", "127.0.0.1:80", true),
            ("localhost", "LOCALHOST.", "[::1]:8080", true),
            ("localhost", "other", "127.0.0.1:80", false),
            ("localhost:8080", "localhost", "127.0.0.1:8080", true),
            ("localhost:8080", "localhost", "127.0.0.1:80", false),
            ("127.0.0.1", "localhost", "127.0.0.1:80", true),
            ("127.0.0.1", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]:80", true),
            ("127.0.0.1", "127.0.0.2", "127.0.0.2:80", false),
            ("127.0.0.1:8080", "127.0.0.1", "127.0.0.1:8080", true),
            ("127.0.0.1:8080", "127.0.0.1", "127.0.0.1:80", false),
            ("[::1]:8080", "[::1]", "[::1]:8080", true),
            ("[::ffff:127.0.0.1]:8080", "127.0.0.1", "127.0.0.1:8080", true),
            ("[fe80::1%2]:8080", "[fe80::1]", "[fe80::1]:8080", true),
            ("10.1.0.0/16", "photos.internal", "10.1.2.3:443", true),
            ("10.1.0.0/16", "photos.internal", "10.2.0.0:443", false),
            ("a.example, 10.1.0.0/16 ,", "b.example", "10.1.0.1:443", true),
            ("", "localhost", "127.0.0.1:80", false),
        ];
        for (list, host, found, expected) in table {
            let list: AllowList = list.parse().expect("a list");
            assert_eq!(list.permits(host, found.parse().expect("an address")), expected, "{host} in {list}");
        }
    }

    #[test]
    fn what_is_no_exception_is_refused() {
        for text in
            ["10.0.0.0/33", "http://a.example", "a.example:", "a.example:70000", "a b", "10.0.0", "a..b", "*"]
        {
            let error = text.parse::<AllowList>().expect_err(text);
            assert!(error.to_string().contains(text), "{error}");
        }
    }

    #[test]
    fn a_list_is_written_as_it_is_read() {
        let text = "localhost,a.example:8080,10.1.0.0/16,127.0.0.1:80,fd00::/8";

        assert_eq!(text.parse::<AllowList>().expect("a list").to_string(), text);
    }
}
