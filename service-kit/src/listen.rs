//! Binding a port. Port 0 lets the system choose; the address that it became can be written to a file, which is how
//! a starter of many services learns it without guessing a free port first.

use std::{fs, io, net::SocketAddr, path::Path};

use anyhow::Context;
use tokio::net::TcpListener;

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

/// Writes beside the file and renames: whoever sees the file sees a whole address.
fn write_address(listener: &TcpListener, path: &Path) -> io::Result<()> {
    let unfinished = path.with_extension("unfinished");
    fs::write(&unfinished, listener.local_addr()?.to_string())?;
    fs::rename(unfinished, path)
}

#[cfg(test)]
mod tests {
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
}
