//! Keeping a port while nobody listens on it.

use std::{io, net::SocketAddr};

use tokio::net::TcpSocket;

/// Binds an address without listening: connections are refused, and the system gives the port to nobody who asks for
/// any. A server that names the port can listen there all the same, as long as it sets `SO_REUSEADDR`, which all of
/// ours and nsqd do.
pub(crate) fn hold(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}
