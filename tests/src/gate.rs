//! A gate in a TCP connection: what goes through it can be cut half-way or stand still, while both ends live on.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    sync::watch,
    task::{JoinHandle, JoinSet},
};

const BUFFER_BYTES: usize = 16 * 1024;

/// What becomes of the bytes that come to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passage {
    /// They pass.
    Open,
    /// Each connection, also one that is there already, carries this many more bytes at most, then it is closed on both
    /// sides: every other one in order, the rest by a reset towards the client.
    Cut {
        /// Counted in both directions together; each connection gets a number of its own, from 1 on.
        within: u64,
    },
    /// They stay where they are. Connections are accepted and kept.
    Still,
}

/// Where a gate leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A server's TCP address.
    Address(SocketAddr),
    /// A server's Unix socket.
    Socket(PathBuf),
}

/// A listening gate; it ends, with its connections, when it is dropped.
#[derive(Debug)]
pub struct Gate {
    address: SocketAddr,
    target: watch::Sender<Option<Target>>,
    passage: watch::Sender<Passage>,
    cut: Arc<Mutex<u64>>,
    serving: JoinHandle<()>,
}

impl Gate {
    /// Opens a gate on a loopback port. Its connections wait until it is told where it leads to.
    pub async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (target, passage) = (watch::Sender::new(None), watch::Sender::new(Passage::Open));
        let cut = Arc::default();
        let way = Way { target: target.subscribe(), passage: passage.subscribe(), cut: Arc::clone(&cut) };
        let serving = tokio::spawn(serve(listener, way));
        Ok(Self { address, target, passage, cut, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads there from now on; connections that are there stay as they are.
    pub fn lead_to(&self, target: Target) {
        self.target.send_replace(Some(target));
    }

    /// Changes what becomes of the bytes of all connections.
    pub fn set(&self, passage: Passage) {
        self.passage.send_replace(passage);
    }

    /// How many connections were cut since it was opened.
    #[must_use]
    pub fn cut(&self) -> u64 {
        *self.cut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

#[derive(Clone)]
struct Way {
    target: watch::Receiver<Option<Target>>,
    passage: watch::Receiver<Passage>,
    cut: Arc<Mutex<u64>>,
}

impl Way {
    /// Counts a connection that is cut; every other one of them is reset.
    fn count_cut(&self) -> u64 {
        let mut cut = self.cut.lock().unwrap_or_else(PoisonError::into_inner);
        *cut += 1;
        *cut
    }
}

async fn serve(listener: TcpListener, way: Way) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // One that is gone before it was accepted is its client's matter.
                let Ok((client, _)) = accepted else { continue };
                connections.spawn(pass(client, way.clone()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

/// Both directions of a connection.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn connect(target: Target) -> io::Result<Box<dyn Stream>> {
    Ok(match target {
        Target::Address(address) => {
            let server = TcpStream::connect(address).await?;
            server.set_nodelay(true)?;
            Box::new(server)
        }
        Target::Socket(path) => Box::new(UnixStream::connect(path).await?),
    })
}

/// Carries one connection to its end. What went wrong, both sides see.
async fn pass(mut client: TcpStream, mut way: Way) {
    let target = match way.target.wait_for(Option::is_some).await {
        Ok(target) => target.clone(),
        Err(_) => None,
    };
    let Some(target) = target else { return };
    let reset = match connect(target).await {
        Ok(mut server) => {
            let _without_delay = client.set_nodelay(true);
            let ended = carry(&mut client, &mut *server, &way).await;
            ended == Err(Ended::Cut) && way.count_cut().is_multiple_of(2)
        }
        // As near to a refused connection as one comes who has accepted it.
        Err(_) => true,
    };
    if reset {
        let _reset_when_dropped = client.set_zero_linger();
    }
}

/// Why a connection does not go on.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    Cut,
    Broken,
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Broken
    }
}

/// Both directions, until both have ended well or one of them badly.
async fn carry(client: &mut TcpStream, server: &mut dyn Stream, way: &Way) -> Result<(), Ended> {
    let allowance = Mutex::new(None);
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = tokio::io::split(server);
    tokio::try_join!(
        one_way(from_client, to_server, way.passage.clone(), &allowance),
        one_way(from_server, to_client, way.passage.clone(), &allowance),
    )?;
    Ok(())
}

async fn one_way(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut passage: watch::Receiver<Passage>,
    allowance: &Mutex<Option<u64>>,
) -> Result<(), Ended> {
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        let now = *passage.wait_for(|passage| *passage != Passage::Still).await.map_err(|_| Ended::Broken)?;
        let allowed = allow(now, read, &mut allowance.lock().unwrap_or_else(PoisonError::into_inner));
        to.write_all(&buffer[..allowed]).await?;
        if allowed < read {
            return Err(Ended::Cut);
        }
        if read == 0 {
            return Ok(to.shutdown().await?);
        }
    }
}

/// How many of so many bytes may pass. `allowance` is what is left of a connection that is to be cut.
fn allow(passage: Passage, bytes: usize, allowance: &mut Option<u64>) -> usize {
    let Passage::Cut { within } = passage else {
        *allowance = None;
        return bytes;
    };
    let left = allowance.get_or_insert_with(|| rand::random_range(1..=within.max(1)));
    let allowed = bytes.min(usize::try_from(*left).unwrap_or(usize::MAX));
    *left -= allowed as u64;
    allowed
}

#[cfg(test)]
mod tests;
