//! A keep-alive connection that speaks as much HTTP/1.1 as measuring needs: a request in one write, an answer with a
//! Content-Length. It shares the processor with what it measures, so it does no more than that.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// An open connection to one of our services.
pub(super) struct Connection {
    stream: TcpStream,
    /// What was read and not looked at.
    read: Vec<u8>,
}

/// What the service said.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    /// The body as JSON, if the status is the expected one.
    pub(super) fn expect(self, status: u16) -> anyhow::Result<serde_json::Value> {
        self.ensure(status)?;
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// An error with the body, unless the status is the expected one.
    pub(super) fn ensure(&self, status: u16) -> anyhow::Result<()> {
        let (seen, body) = (self.status, String::from_utf8_lossy(&self.body));
        anyhow::ensure!(seen == status, "expected status {status}, got {seen}: {body:.300}");
        Ok(())
    }
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, read: Vec::new() })
    }

    pub(super) async fn get(&mut self, route: &str) -> anyhow::Result<Answer> {
        self.ask(format!("GET {route} HTTP/1.1\r\nhost: bench\r\n\r\n")).await
    }

    pub(super) async fn post(&mut self, route: &str, body: &str) -> anyhow::Result<Answer> {
        let length = body.len();
        self.ask(format!("POST {route} HTTP/1.1\r\nhost: bench\r\ncontent-length: {length}\r\n\r\n{body}"))
            .await
    }

    async fn ask(&mut self, request: String) -> anyhow::Result<Answer> {
        self.stream.write_all(request.as_bytes()).await?;
        loop {
            if let Some((answer, length)) = parse(&self.read)? {
                self.read.drain(..length);
                return Ok(answer);
            }
            let read = self.stream.read_buf(&mut self.read).await?;
            anyhow::ensure!(read > 0, "the service closed the connection");
        }
    }
}

/// The answer at the front and how long it is with its head, once all of it is there.
fn parse(read: &[u8]) -> anyhow::Result<Option<(Answer, usize)>> {
    const END_OF_HEAD: &[u8] = b"\r\n\r\n";
    let Some(end) = read.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else {
        return Ok(None);
    };
    let head = str::from_utf8(&read[..end])?;
    let status = head.split(' ').nth(1).context("an answer has a status")?.parse()?;
    let length: usize = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .with_context(|| format!("an answer without Content-Length: {head}"))?
        .1
        .parse()?;
    let begin = end + END_OF_HEAD.len();
    Ok(read.get(begin..begin + length).map(|body| (Answer { status, body: body.to_vec() }, begin + length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &[u8] = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\ndate: now\r\n\r\n{}";

    #[test]
    fn an_answer_is_read_once_it_is_whole() {
        for length in 0..WHOLE.len() {
            assert!(parse(&WHOLE[..length]).unwrap().is_none(), "{length}");
        }

        let (answer, length) = parse(&[WHOLE, b"HTTP/1.1"].concat()).unwrap().unwrap();

        assert_eq!((answer.status, answer.body.as_slice(), length), (202, b"{}".as_slice(), WHOLE.len()));
    }

    #[test]
    fn an_answer_of_unknown_length_is_an_error() {
        let error = parse(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap_err();

        assert!(error.to_string().contains("without Content-Length"), "{error}");
    }
}
