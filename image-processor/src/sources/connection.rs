//! One request over a connection of its own, to an address that was looked at before.
//!
//! No pool, no proxy, no redirect: what is connected to is what the caller resolved and checked. The server hears that
//! the connection ends with its answer.

use std::{error::Error, io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderValue, Request, header::CONNECTION, response::Parts};
use http_body_util::{BodyExt, Empty};
use hyper::{
    body::{Body, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{net::TcpStream, sync::OnceCell, task::spawn_blocking, time::timeout};
use tokio_rustls::TlsConnector;
use tokio_util::{either::Either, task::AbortOnDropHandle};

use super::error::FetchError;

/// Of one address; there may be others.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Addresses of one name that are tried.
const ADDRESSES: usize = 4;

/// How a server is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Protocol {
    Plain,
    /// The server proves that it has this name.
    Encrypted(ServerName<'static>),
}

/// Connects; holds the authorities that certificates may come from, which are read when they are first needed.
#[derive(Clone, Default)]
pub(super) struct Connector {
    tls: Arc<OnceCell<TlsConnector>>,
}

/// The head of an answer, and the body still on its way.
pub(super) struct Answer {
    pub(super) head: Parts,
    body: Incoming,
    /// Ends with this answer, whether all of it was read or not.
    _connection: AbortOnDropHandle<()>,
}

impl Connector {
    /// Connects to the first of these addresses that somebody listens at, and sends a request there.
    pub(super) async fn send(
        &self,
        addresses: &[SocketAddr],
        protocol: &Protocol,
        mut request: Request<Empty<Bytes>>,
    ) -> Result<Answer, FetchError> {
        let stream = connect(addresses).await?;
        let stream = match protocol {
            Protocol::Plain => Either::Left(stream),
            Protocol::Encrypted(name) => {
                let tls = self.tls().await?;
                Either::Right(tls.connect(name.clone(), stream).await.map_err(unreachable)?)
            }
        };
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
        // What goes wrong with it goes wrong with the answer too.
        let connection = AbortOnDropHandle::new(tokio::spawn(async { drop(connection.await) }));
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        let (head, body) = sender.send_request(request).await.map_err(unreachable)?.into_parts();
        Ok(Answer { head, body, _connection: connection })
    }

    async fn tls(&self) -> Result<&TlsConnector, FetchError> {
        let load = async || spawn_blocking(system_tls).await.map_err(io::Error::other)?;
        self.tls.get_or_try_init(load).await.map_err(unreachable)
    }
}

impl Answer {
    /// The body. What is longer than `limit` is read no further than that, whatever its length was said to be.
    pub(super) async fn read(mut self, limit: usize) -> Result<Bytes, FetchError> {
        if self.body.size_hint().lower() > limit as u64 {
            return Err(FetchError::TooLarge(limit));
        }
        let mut bytes = BytesMut::new();
        while let Some(frame) = self.body.frame().await {
            let Ok(data) = frame.map_err(unreachable)?.into_data() else { continue };
            if bytes.len() + data.len() > limit {
                return Err(FetchError::TooLarge(limit));
            }
            bytes.extend_from_slice(&data);
        }
        Ok(bytes.freeze())
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, FetchError> {
    let mut refused = "its name has no address".to_owned();
    for address in addresses.iter().take(ADDRESSES) {
        match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true).map_err(unreachable)?;
                return Ok(stream);
            }
            Ok(Err(error)) => refused = format!("{address}: {error}"),
            Err(_) => refused = format!("{address}: no connection within {CONNECT_TIMEOUT:?}"),
        }
    }
    Err(FetchError::Unreachable(refused))
}

/// Believes whom the system believes (`SSL_CERT_FILE` and `SSL_CERT_DIR` name others).
fn system_tls() -> io::Result<TlsConnector> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let reason = found.errors.first().map(ToString::to_string).unwrap_or_default();
        let why = format!("no certificate authorities are found here (ca-certificates) {reason}");
        return Err(io::Error::other(why));
    }
    tls_of(roots)
}

fn tls_of(roots: RootCertStore) -> io::Result<TlsConnector> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// With what is behind it: hyper says only "error trying to connect" itself.
fn unreachable(error: impl Error) -> FetchError {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    FetchError::Unreachable(told)
}

#[cfg(test)]
mod tests;
