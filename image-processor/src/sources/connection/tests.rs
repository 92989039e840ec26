//! Encrypted connections: whom we believe, and whom not.

use std::{net::Ipv4Addr, path::Path};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    process::Command,
};
use tokio_rustls::TlsAcceptor;

use super::*;

const LIMIT: usize = 100;

/// A server that proves to be `localhost`, for who believes its certificate.
struct TlsServer {
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    _serving: AbortOnDropHandle<()>,
}

impl TlsServer {
    async fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let (certificate, key) = self_signed(folder.path()).await?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)?;
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let serving = AbortOnDropHandle::new(tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // Who does not believe us goes away.
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut request = [0; 1024];
                _ = stream.read(&mut request).await;
                _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
                _ = stream.shutdown().await;
            }
        }));
        Ok(Self { address, certificate, _serving: serving })
    }

    /// What somebody hears who believes these and wants to speak to this name.
    async fn tells(
        &self,
        believed: &[&CertificateDer<'static>],
        name: &'static str,
    ) -> Result<Bytes, FetchError> {
        let mut roots = RootCertStore::empty();
        for certificate in believed {
            roots.add((*certificate).clone()).expect("a certificate");
        }
        let tls = tls_of(roots).expect("the provider knows the protocol");
        let connector = Connector { tls: Arc::new(OnceCell::new_with(Some(tls))) };
        let protocol = Protocol::Encrypted(ServerName::try_from(name).expect("a name"));
        let request = Request::get("/").body(Empty::new()).expect("a request");
        connector.send(&[self.address], &protocol, request).await?.read(LIMIT).await
    }
}

async fn self_signed(folder: &Path) -> anyhow::Result<(CertificateDer<'static>, PrivateKeyDer<'static>)> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
                .split(' '),
        )
        .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .await?;
    anyhow::ensure!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
    Ok((CertificateDer::from_pem_file(certificate)?, PrivateKeyDer::from_pem_file(key)?))
}

#[tokio::test]
async fn a_server_that_proves_its_name_is_believed() -> anyhow::Result<()> {
    let server = TlsServer::start().await?;

    assert_eq!(server.tells(&[&server.certificate], "localhost").await, Ok(Bytes::from_static(b"hello")));
    Ok(())
}

#[tokio::test]
async fn a_server_that_proves_nothing_is_not_asked() -> anyhow::Result<()> {
    let (server, other) = (TlsServer::start().await?, TlsServer::start().await?);
    let table = [
        (&other.certificate, "localhost"),
        (&server.certificate, "example.org"),
        (&server.certificate, "127.0.0.1"),
    ];
    for (believed, name) in table {
        let told = server.tells(&[believed], name).await;
        let Err(FetchError::Unreachable(why)) = told else { panic!("{name}: {told:?}") };
        assert!(why.contains("certificate"), "{name}: {why}");
    }
    Ok(())
}
