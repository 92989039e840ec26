//! A web server that does what a test wrote down, down to what no server should do: bodies without an end, lengths that are
//! not true, answers byte by byte.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinSet,
    time::sleep,
};
use tokio_util::task::AbortOnDropHandle;

/// Between two bytes of a slow answer.
const DRIP: Duration = Duration::from_millis(50);
/// A longer request is none of ours.
const LONGEST_REQUEST: usize = 64 << 10;
/// Of an endless body at once.
const PIECE: [u8; 16 << 10] = [b'x'; 16 << 10];

/// What a path answers.
#[derive(Debug, Clone)]
pub enum Page {
    /// Status line, headers and body, with the true length.
    Answer {
        /// Of the answer.
        status: u16,
        /// Beside the length.
        headers: Vec<(&'static str, String)>,
        /// Complete.
        body: Vec<u8>,
    },
    /// As it is written down, and then the end of the connection.
    Raw(Vec<u8>),
    /// A head without a length, and a body that never ends.
    Endless,
    /// A head, and then a byte now and then, for ever.
    Drips,
    /// Nothing until somebody is told to go on, then as it is written down.
    Held(Arc<Notify>, Vec<u8>),
}

impl Page {
    /// A picture, or whatever the bytes are, of this type.
    #[must_use]
    pub fn file(kind: &str, body: &[u8]) -> Self {
        Self::Answer { status: 200, headers: vec![("Content-Type", kind.to_owned())], body: body.to_owned() }
    }

    /// A status without a body.
    #[must_use]
    pub fn status(status: u16) -> Self {
        Self::Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Another place to look.
    #[must_use]
    pub fn redirect(to: &str) -> Self {
        Self::Answer { status: 302, headers: vec![("Location", to.to_owned())], body: Vec::new() }
    }
}

/// A server on a loopback port; it ends when it is dropped.
#[derive(Debug)]
pub struct ScriptedWebServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    pages: Mutex<HashMap<String, Vec<Page>>>,
    asked: Mutex<Vec<String>>,
}

impl ScriptedWebServer {
    /// Starts a server that knows no path yet.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let (address, shared) = (listener.local_addr()?, Arc::<Shared>::default());
        let serving = AbortOnDropHandle::new(tokio::spawn(serve(listener, Arc::clone(&shared))));
        Ok(Self { address, shared, _serving: serving })
    }

    /// What a path answers from now on: one page after the other, the last one again and again.
    pub fn put(&self, path: &str, pages: impl IntoIterator<Item = Page>) {
        let mut pages: Vec<_> = pages.into_iter().collect();
        pages.reverse();
        lock(&self.shared.pages).insert(path.to_owned(), pages);
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The paths that were asked for, in their order.
    #[must_use]
    pub fn asked(&self) -> Vec<String> {
        lock(&self.shared.asked).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            // Who is asked may be left at any time, which is part of many tests.
            drop(answer(stream, &shared).await);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(mut stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && request.len() < LONGEST_REQUEST {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request);
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    lock(&shared.asked).push(path.clone());
    let page = lock(&shared.pages).get_mut(&path).and_then(|pages| match pages.as_slice() {
        [_, _, ..] => pages.pop(),
        last => last.first().cloned(),
    });
    match page.unwrap_or_else(|| Page::status(404)) {
        Page::Answer { status, headers, body } => {
            let headers =
                headers.iter().flat_map(|(name, value)| [name, ": ", value, "\r\n"]).collect::<String>();
            let head = format!("HTTP/1.1 {status} Told\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await?;
        }
        Page::Raw(bytes) => stream.write_all(&bytes).await?,
        Page::Held(go_on, bytes) => {
            go_on.notified().await;
            stream.write_all(&bytes).await?;
        }
        Page::Endless => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(&PIECE).await?;
            }
        }
        Page::Drips => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            loop {
                stream.write_all(b"x").await?;
                sleep(DRIP).await;
            }
        }
    }
    stream.shutdown().await
}
