//! One connection to one nsqd, from the greeting to the shutdown, for producer and consumer alike:
//! IDENTIFY, reading under a heartbeat deadline, writing many commands with one flush.

mod options;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_util::codec::Framed;

pub use self::options::ConnectionOptions;
use crate::{
    Address,
    codec::{Codec, Command, Frame},
    error::ConnectionError,
};

const GREETING: &[u8] = b"  V2";
/// What nsqd allows when its IDENTIFY answer does not say.
const DEFAULT_MAX_READY: u32 = 2_500;
/// How long nsqd may take to close its side after ours.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The part of nsqd's IDENTIFY answer that matters here.
#[derive(Debug, Deserialize)]
struct Negotiated {
    max_rdy_count: Option<u32>,
}

#[derive(Debug)]
pub(crate) struct Connection {
    framed: Framed<TcpStream, Codec>,
    /// Twice the heartbeat interval: the longest silence of a healthy nsqd, and the longest write.
    patience: Duration,
    read_deadline: Instant,
    max_ready: u32,
}

impl Connection {
    /// Resolves the address, connects and identifies. `message_timeout` is for consumers only.
    pub(crate) async fn open(
        address: &Address,
        options: &ConnectionOptions,
        message_timeout: Option<Duration>,
    ) -> Result<Self, ConnectionError> {
        let open = async {
            let mut stream = TcpStream::connect((address.host(), address.port())).await?;
            stream.set_nodelay(true)?;
            stream.write_all(GREETING).await?;
            let patience = options.heartbeat_interval.saturating_mul(2);
            let mut connection = Self {
                framed: Framed::new(stream, Codec),
                patience,
                read_deadline: Instant::now() + patience,
                max_ready: DEFAULT_MAX_READY,
            };
            let answer = connection.request(Command::Identify(options.identity(message_timeout))).await?;
            let negotiated: Negotiated = serde_json::from_slice(&answer)
                .map_err(|_| ConnectionError::Unexpected("an IDENTIFY answer that is not its JSON"))?;
            connection.max_ready = negotiated.max_rdy_count.unwrap_or(DEFAULT_MAX_READY);
            Ok(connection)
        };
        timeout(options.connect_timeout, open).await.map_err(|_| ConnectionError::Timeout)?
    }

    /// The highest RDY that this nsqd accepts.
    pub(crate) fn max_ready(&self) -> u32 {
        self.max_ready
    }

    /// Sends one command and waits for its response, while no other command or message is under way.
    pub(crate) async fn request(&mut self, command: Command) -> Result<Bytes, ConnectionError> {
        self.send([command]).await?;
        loop {
            match self.next_frame().await? {
                Frame::Response(response) => return Ok(response),
                Frame::Heartbeat => self.send([Command::Nop]).await?,
                Frame::Error { code, description } => {
                    return Err(ConnectionError::Refused { code, description });
                }
                Frame::Message(_) => return Err(ConnectionError::Unexpected("a message before RDY")),
            }
        }
    }

    /// The next frame. Cancel-safe: dropping the future loses neither bytes nor the read deadline.
    pub(crate) async fn next_frame(&mut self) -> Result<Frame, ConnectionError> {
        let frame = timeout_at(self.read_deadline, self.framed.next())
            .await
            .map_err(|_| ConnectionError::Timeout)?
            .ok_or(ConnectionError::Closed)??;
        self.read_deadline = Instant::now() + self.patience;
        Ok(frame)
    }

    /// Writes all commands, then flushes once. To be awaited to its end.
    pub(crate) async fn send(
        &mut self,
        commands: impl IntoIterator<Item = Command>,
    ) -> Result<(), ConnectionError> {
        let write = async {
            for command in commands {
                self.framed.feed(command).await?;
            }
            self.framed.flush().await
        };
        timeout(self.patience, write).await.map_err(|_| ConnectionError::Timeout)?
    }

    /// Ends our side and reads until nsqd ends its own. Closing with unread bytes would reset the
    /// connection, and nsqd could lose the commands that it has not read yet.
    pub(crate) async fn close(mut self) -> Result<(), ConnectionError> {
        let close = async {
            self.framed.close().await?;
            while self.framed.next().await.transpose()?.is_some() {}
            Ok(())
        };
        timeout(CLOSE_TIMEOUT, close).await.map_err(|_| ConnectionError::Timeout)?
    }
}
