//! Where recognisers are found: what `RECOGNITION` may say.

use std::{collections::BTreeSet, fmt, net::SocketAddr, str::FromStr, sync::Arc};

use axum::http::uri::Authority;
use thiserror::Error;

/// Where one recogniser listens, as `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<str>);

/// A place that tells the addresses of recognisers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecognitionSource {
    /// `list://host:port,host:port`, or `http://host:port` for one: these, whatever happens to them.
    List(BTreeSet<Address>),
    /// `dns://host:port`: every address of the name, asked for again and again.
    Dns(Address),
    /// `kube://namespace/service:port-name`: the ready endpoints of a Kubernetes service.
    Kubernetes {
        /// Of the service.
        namespace: String,
        /// Its name.
        service: String,
        /// The name that the service gives the port of gRPC.
        port_name: String,
    },
}

/// What stands in `RECOGNITION` names no recognisers.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum SourceError {
    /// No form that is known.
    #[error(
        "give http://host:port, list://host:port,host:port, dns://host:port or kube://namespace/service:port-name"
    )]
    Form,
    /// Part of it should be an address.
    #[error("{0:?} is no host:port")]
    Address(String),
}

impl Address {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let wrong = || SourceError::Address(text.to_owned());
        let authority: Authority = text.parse().map_err(|_| wrong())?;
        let whole = !authority.host().is_empty() && authority.port_u16().is_some() && !text.contains('@');
        if whole { Ok(Self(text.into())) } else { Err(wrong()) }
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self(address.to_string().into())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for RecognitionSource {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        let (scheme, rest) = text.split_once("://").ok_or(SourceError::Form)?;
        match scheme {
            "http" => Ok(Self::List([rest.trim_end_matches('/').parse()?].into())),
            "list" => {
                Ok(Self::List(rest.split(',').map(|part| part.trim().parse()).collect::<Result<_, _>>()?))
            }
            "dns" => Ok(Self::Dns(rest.parse()?)),
            "kube" => kubernetes(rest).ok_or(SourceError::Form),
            _ => Err(SourceError::Form),
        }
    }
}

fn kubernetes(text: &str) -> Option<RecognitionSource> {
    let (namespace, service) = text.split_once('/')?;
    let (service, port_name) = service.split_once(':')?;
    [namespace, service, port_name].iter().all(|name| is_label(name)).then(|| RecognitionSource::Kubernetes {
        namespace: namespace.to_owned(),
        service: service.to_owned(),
        port_name: port_name.to_owned(),
    })
}

/// What Kubernetes accepts as a name here (RFC 1123, label).
fn is_label(text: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.len() <= 63 && text.bytes().all(letters)
}

impl fmt::Display for RecognitionSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(addresses) => {
                let addresses: Vec<&str> = addresses.iter().map(Address::as_str).collect();
                write!(formatter, "list://{}", addresses.join(","))
            }
            Self::Dns(name) => write!(formatter, "dns://{name}"),
            Self::Kubernetes { namespace, service, port_name } => {
                write!(formatter, "kube://{namespace}/{service}:{port_name}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_means_what_it_is_written_as() {
        let table = [
            ("http://127.0.0.1:50051", "list://127.0.0.1:50051"),
            ("http://face-recognition:50051/", "list://face-recognition:50051"),
            ("list://b:2, a:1,b:2", "list://a:1,b:2"),
            ("list://[::1]:50051", "list://[::1]:50051"),
            ("dns://face-recognition:50051", "dns://face-recognition:50051"),
            ("kube://rollcall/face-recognition:grpc", "kube://rollcall/face-recognition:grpc"),
        ];
        for (written, meant) in table {
            let source: RecognitionSource = written.parse().expect(written);
            assert_eq!(source.to_string(), meant);
        }
    }

    #[test]
    fn what_names_no_recogniser_is_refused() {
        for written in [
            "",
            "face-recognition:50051",
            "https://here:1",
            "http://here",
            "http://here:port",
            "http://user@here:1",
            "http://here:1/path",
            "list://",
            "list://a:1,,b:2",
            "dns://here",
            "kube://rollcall/face-recognition",
            "kube://face-recognition:grpc",
            "kube://rollcall/Face:grpc",
            "kube://rollcall/face/recognition:grpc",
        ] {
            assert!(written.parse::<RecognitionSource>().is_err(), "{written:?}");
        }
    }

    #[test]
    fn a_part_that_is_no_address_is_named() {
        let refused = "list://a:1,b".parse::<RecognitionSource>();

        assert_eq!(refused, Err(SourceError::Address("b".to_owned())));
    }
}
