//! Binding a port. Port 0 lets the system choose; the address that it became can be written to a file, which is how
//! a starter of many services learns it without guessing a free port first.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use thiserror::Error;
use tokio::net::TcpListener;

/// Why a service does not listen.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Somebody else has the port.
    #[error("{address} is in use: stop the program that listens there, or set {variable} to another address")]
    InUse {
        /// What was asked for.
        address: SocketAddr,
        /// The environment variable that changes it.
        variable: &'static str,
    },
    /// The system refuses the address.
    #[error("cannot listen on {address} (set by {variable}): {source}")]
    Refused {
        /// What was asked for.
        address: SocketAddr,
        /// The environment variable that changes it.
        variable: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The address could not be written down.
    #[error("cannot write the address to {}: {source}", path.display())]
    AddressFile {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Listens on `address`, which the environment variable `variable` sets, and writes the real address to `address_file`.
pub async fn bind(
    address: SocketAddr,
    variable: &'static str,
    address_file: Option<&Path>,
) -> Result<TcpListener, ListenError> {
    let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse { address, variable },
        _ => ListenError::Refused { address, variable, source },
    })?;
    if let Some(path) = address_file {
        write_address(&listener, path)
            .map_err(|source| ListenError::AddressFile { path: path.to_owned(), source })?;
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
