//! The producer's task for one nsqd: keeps a connection, writes publishes as they come and matches nsqd's
//! answers to them by order, which is all that the protocol offers.
//!
//! Dropping a request tells its caller everything: `Unknown` if it was claimed, else to look elsewhere.

use std::{collections::VecDeque, sync::atomic::Ordering};

use tokio::{
    select,
    sync::{mpsc, oneshot},
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use super::{
    Request,
    standing::{Place, Standing},
};
use crate::{
    Address, ConnectionOptions, PublishError,
    backoff::Backoff,
    codec::{Command, Frame},
    connection::Connection,
    error::ConnectionError,
};

/// Publishes sent and not yet answered. Few enough that nsqd's answers always fit into the socket's
/// buffer while we write, so neither side waits for the other.
const MAX_PENDING: usize = 1_000;

/// Publishes sent and not yet answered, in the order of their sending.
type Pending = VecDeque<oneshot::Sender<Result<(), PublishError>>>;

pub(super) struct Pipeline {
    /// First, so that callers whose requests end with the pipeline find it away already.
    pub(super) place: Place,
    pub(super) address: Address,
    pub(super) options: ConnectionOptions,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) closing: CancellationToken,
}

impl Pipeline {
    /// Runs until the producer closes.
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::new(self.options.max_reconnect_delay);
        loop {
            let open = Connection::open(&self.address, &self.options, None);
            let Some(opened) = unconnected(&mut self.requests, &self.closing, open).await else { return };
            let was_connected = opened.is_ok();
            match opened {
                Ok(connection) => {
                    tracing::info!(nsqd = %self.address, "connected for publishing");
                    let opened = Instant::now();
                    match self.serve(connection).await {
                        Ok(()) => return,
                        Err(error) => {
                            tracing::warn!(nsqd = %self.address, %error, "publishing connection lost");
                        }
                    }
                    backoff.connection_lived(opened.elapsed());
                }
                Err(error) => tracing::warn!(nsqd = %self.address, %error, "cannot connect for publishing"),
            }
            let delay = backoff.next_delay();
            let at_once = was_connected && delay.is_zero();
            self.place.set(if at_once { Standing::Connecting } else { Standing::Away });
            if unconnected(&mut self.requests, &self.closing, sleep(delay)).await.is_none() {
                return;
            }
        }
    }

    /// Publishes over one connection until it is lost, or until the producer closes and all is answered.
    async fn serve(&mut self, mut connection: Connection) -> Result<(), ConnectionError> {
        self.place.set(Standing::Connected);
        let mut pending = Pending::new();
        let mut open = true;
        while open || !pending.is_empty() {
            select! {
                frame = connection.next_frame() => match frame? {
                    Frame::Heartbeat => connection.send([Command::Nop]).await?,
                    frame => settle(&mut pending, frame)?,
                },
                request = self.requests.recv(), if open && pending.len() < MAX_PENDING => match request {
                    Some(request) => self.send_batch(&mut connection, &mut pending, request).await?,
                    None => open = false,
                },
                () = self.closing.cancelled(), if !self.requests.is_closed() => {
                    self.place.set(Standing::Away);
                    // The queue hands out what it still holds, then ends.
                    self.requests.close();
                }
            }
        }
        connection.close().await
    }

    /// Sends this request and those that wait behind it, with one flush.
    async fn send_batch(
        &mut self,
        connection: &mut Connection,
        pending: &mut Pending,
        first: Request,
    ) -> Result<(), ConnectionError> {
        let mut commands = Vec::new();
        let mut next = Some(first);
        while let Some(request) = next {
            // A caller that gave up has claimed its request, one that went away has closed its outcome.
            if !request.outcome.is_closed() && !request.claimed.swap(true, Ordering::AcqRel) {
                commands.push(request.command);
                pending.push_back(request.outcome);
            }
            next = if pending.len() < MAX_PENDING { self.requests.try_recv().ok() } else { None };
        }
        match connection.send(commands).await {
            // nsqd closes in mid-write when it refuses a body by its size; its reason is still to be read.
            Err(ConnectionError::Io(_)) => loop {
                match connection.next_frame().await? {
                    Frame::Heartbeat => {}
                    frame => settle(pending, frame)?,
                }
            },
            sent => sent,
        }
    }
}

/// Awaits something while there is no connection and meanwhile drops requests, so that their callers look
/// elsewhere at once. `None` when the producer closes.
async fn unconnected<T>(
    requests: &mut mpsc::Receiver<Request>,
    closing: &CancellationToken,
    work: impl Future<Output = T>,
) -> Option<T> {
    let refuse = async { while requests.recv().await.is_some() {} };
    select! {
        done = work => Some(done),
        () = closing.cancelled() => None,
        () = refuse => None,
    }
}

/// What nsqd says when it could not store messages that there is nothing wrong with: its disk is full, or it is
/// exiting. Of a batch it may have stored some.
const FAULTS_OF_NSQD: [&str; 2] = ["E_PUB_FAILED", "E_MPUB_FAILED"];

/// Gives nsqd's answer to the oldest publish. An error is the last frame of a connection.
fn settle(pending: &mut Pending, frame: Frame) -> Result<(), ConnectionError> {
    match frame {
        Frame::Response(response) if response == "OK" => {
            let outcome = pending.pop_front().ok_or(ConnectionError::Unexpected("OK without a publish"))?;
            // A caller past its deadline no longer listens.
            let _ = outcome.send(Ok(()));
            Ok(())
        }
        Frame::Error { code, description } => {
            if let Some(outcome) = pending.pop_front() {
                let error = if FAULTS_OF_NSQD.contains(&code.as_str()) {
                    PublishError::Unknown
                } else {
                    PublishError::Rejected { code: code.clone(), description: description.clone() }
                };
                let _ = outcome.send(Err(error));
            }
            Err(ConnectionError::Refused { code, description })
        }
        _ => Err(ConnectionError::Unexpected("neither OK nor an error while publishing")),
    }
}
