//! A server that speaks just enough of nsqd's protocol and does exactly what a test tells it. It reads
//! commands with its own few lines, so a fault in the client's codec cannot hide in it.

use std::collections::HashMap;

use nsq_client::Address;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufStream},
    net::{TcpListener, TcpStream},
};

use super::within;

pub(crate) const RESPONSE: u32 = 0;
pub(crate) const ERROR: u32 = 1;
pub(crate) const MESSAGE: u32 = 2;

pub(crate) struct Server {
    listener: TcpListener,
    pub(crate) address: Address,
}

/// One client's connection, after IDENTIFY.
pub(crate) struct Peer {
    stream: BufStream<TcpStream>,
    pub(crate) identity: HashMap<String, Value>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string().parse().unwrap();
        Self { listener, address }
    }

    /// Accepts a connection and says nothing.
    pub(crate) async fn accept_silently(&self) -> TcpStream {
        within("a client connects", self.listener.accept()).await.unwrap().0
    }

    /// Plays nsqlookupd once: answers a request over HTTP and returns its first line.
    pub(crate) async fn answer_http(&self, status: &str, body: &str) -> String {
        let mut stream = BufStream::new(self.accept_silently().await);
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(within("a request", stream.read_u8()).await.unwrap());
        }
        let length = body.len();
        let answer =
            format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.flush().await.unwrap();
        String::from_utf8(head).unwrap().lines().next().unwrap().to_owned()
    }

    /// Accepts a client and answers its IDENTIFY with this JSON.
    pub(crate) async fn accept_with(&self, negotiated: &str) -> Peer {
        let mut stream = BufStream::new(self.accept_silently().await);
        let mut greeting = [0; 4];
        within("the greeting", stream.read_exact(&mut greeting)).await.unwrap();
        assert_eq!(&greeting, b"  V2");
        let mut peer = Peer { stream, identity: HashMap::new() };
        let (line, body) = peer.command_with_body().await;
        assert_eq!(line, "IDENTIFY");
        peer.identity = serde_json::from_slice(&body).unwrap();
        peer.send(RESPONSE, negotiated.as_bytes()).await;
        peer
    }

    pub(crate) async fn accept(&self) -> Peer {
        self.accept_with("{}").await
    }

    /// Accepts a consumer up to its SUB.
    pub(crate) async fn accept_subscriber(&self) -> Peer {
        let mut peer = self.accept().await;
        peer.expect("SUB images ch").await;
        peer.send(RESPONSE, b"OK").await;
        peer
    }

    /// Accepts a consumer up to its first RDY.
    pub(crate) async fn accept_ready(&self, ready: u32) -> Peer {
        let mut peer = self.accept_subscriber().await;
        peer.expect(&format!("RDY {ready}")).await;
        peer
    }
}

impl Peer {
    /// The next command's line, without a body; `None` when the client has closed.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let len = within("a command", self.stream.read_line(&mut line)).await.unwrap();
        (len > 0).then(|| line.trim_end_matches('\n').to_owned())
    }

    pub(crate) async fn expect(&mut self, line: &str) {
        assert_eq!(self.line().await.as_deref(), Some(line));
    }

    pub(crate) async fn expect_close(&mut self) {
        assert_eq!(self.line().await, None);
    }

    /// Proves that the client has nothing more to say: a heartbeat's answer is its next word.
    pub(crate) async fn expect_nothing(&mut self) {
        self.send(RESPONSE, b"_heartbeat_").await;
        self.expect("NOP").await;
    }

    pub(crate) async fn command_with_body(&mut self) -> (String, Vec<u8>) {
        let line = self.line().await.expect("a command, not the end");
        let size = within("a body's size", self.stream.read_u32()).await.unwrap();
        let mut body = vec![0; size as usize];
        within("a body", self.stream.read_exact(&mut body)).await.unwrap();
        (line, body)
    }

    pub(crate) async fn expect_publish(&mut self, body: &str) {
        let (line, received) = self.command_with_body().await;
        assert_eq!((line.as_str(), received.as_slice()), ("PUB images", body.as_bytes()));
    }

    pub(crate) async fn send(&mut self, kind: u32, data: &[u8]) {
        self.send_raw(&frame(kind, data)).await;
    }

    pub(crate) async fn send_raw(&mut self, bytes: &[u8]) {
        within("bytes are written", self.stream.write_all(bytes)).await.unwrap();
        within("bytes are sent", self.stream.flush()).await.unwrap();
    }

    /// Sends a frame with a flush, and so a packet, for each byte.
    pub(crate) async fn send_bytewise(&mut self, kind: u32, data: &[u8]) {
        for byte in frame(kind, data) {
            self.stream.write_u8(byte).await.unwrap();
            self.stream.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn send_message(&mut self, id: &str, body: &str) {
        self.send(MESSAGE, &message(id, 1, body)).await;
    }
}

/// A message frame's data; the id is made 16 digits long.
pub(crate) fn message(id: &str, attempts: u16, body: &str) -> Vec<u8> {
    let mut data = 1_700_000_000_000_000_000_u64.to_be_bytes().to_vec();
    data.extend(attempts.to_be_bytes());
    data.extend(long_id(id).bytes());
    data.extend(body.bytes());
    data
}

pub(crate) fn long_id(id: &str) -> String {
    format!("{id:0>16}")
}

pub(crate) fn frame(kind: u32, data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len() + 4).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind.to_be_bytes());
    bytes.extend(data);
    bytes
}
