//! Binding a port and answering there. Port 0 lets the system choose; the address that it became can be written to a
//! file, which is how a starter of many services learns it without guessing a free port first.

use std::{fs, io, net::SocketAddr, path::Path, time::Duration};

use anyhow::Context;
use axum::Router;
use tokio::{net::TcpListener, time::sleep};
use tokio_util::sync::CancellationToken;

/// How long open requests may take when the service is to stop: longer than any service gives a request.
const GRACE: Duration = Duration::from_secs(13);

/// Listens on `address`, which the environment variable `variable` sets, and writes the real address to `address_file`.
/// The error is a sentence that says what to do.
pub async fn bind(
    address: SocketAddr,
    variable: &str,
    address_file: Option<&Path>,
) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use: stop the program that listens there, or set {variable} to another address"
        ),
        _ => anyhow::anyhow!("cannot listen on {address} (set by {variable}): {error}"),
    })?;
    if let Some(path) = address_file {
        write_address(&listener, path)
            .with_context(|| format!("cannot write the address to {}", path.display()))?;
    }
    Ok(listener)
}

/// Answers until `stopping`, then lets the open requests end. A connection that is open for no request, because its
/// client sends half of one or does not read the answer, is not waited for beyond [`GRACE`].
pub async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken) -> io::Result<()> {
    let served = axum::serve(listener, router).with_graceful_shutdown(stopping.clone().cancelled_owned());
    let late = async {
        stopping.cancelled().await;
        sleep(GRACE).await;
    };
    tokio::select! {
        served = served => served,
        () = late => {
            tracing::warn!("connections that did not end are given up");
            Ok(())
        }
    }
}

/// Writes beside the file and renames: whoever sees the file sees a whole address.
fn write_address(listener: &TcpListener, path: &Path) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, listener.local_addr()?.to_string())?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        time::timeout,
    };

    use super::*;

    const ANY_PORT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    #[tokio::test]
    async fn a_busy_port_says_which_variable_moves_it() {
        let taken = bind(ANY_PORT, "X_ADDR", None).await.expect("a free port");
        let address = taken.local_addr().expect("a bound listener has an address");

        let refused = bind(address, "RECEIVER_ADDR", None).await;

        let message = refused.expect_err("the port is taken").to_string();
        assert!(message.contains("in use") && message.contains("RECEIVER_ADDR"), "{message}");
    }

    #[tokio::test]
    async fn the_address_file_holds_the_port_that_the_system_chose() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("receiver.addr");

        let listener = bind(ANY_PORT, "RECEIVER_ADDR", Some(&path)).await.expect("a free port");

        let written = fs::read_to_string(&path).expect("the address file");
        assert_eq!(written, listener.local_addr().expect("an address").to_string());
    }

    #[tokio::test]
    async fn half_a_request_does_not_keep_a_service_from_stopping() {
        let listener = bind(ANY_PORT, "X_ADDR", None).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopping = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, Router::new(), stopping.clone()));
        let mut client = TcpStream::connect(address).await.expect("the service listens");
        client.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.expect("half a request");
        // Proves that the half is there: the whole of another connection's is answered after it.
        let mut whole = TcpStream::connect(address).await.expect("the service listens");
        whole.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.expect("a request");
        let mut answer = String::new();
        whole.read_to_string(&mut answer).await.expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");

        tokio::time::pause();
        stopping.cancel();

        let stopped = timeout(GRACE * 2, serving).await.expect("it stops");
        stopped.expect("no panic").expect("no error");
    }
}
