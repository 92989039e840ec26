//! The task of one nsqd: connects, subscribes, runs a [`Session`] and, when that is lost, begins again
//! after a delay, until the consumer closes or the nsqd is forgotten.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    coordinator::{Event, SubscriptionId},
    session::Session,
};
use crate::{
    Address, Channel, ConnectionOptions, Message, Topic, backoff::Backoff, codec::Command,
    connection::Connection, error::ConnectionError,
};

/// What every subscription of a consumer has in common.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) topic: Topic,
    pub(super) channel: Channel,
    pub(super) message_timeout: Duration,
    pub(super) connection: ConnectionOptions,
    /// Cancelled when a close has reached its deadline.
    pub(super) overdue: CancellationToken,
    /// Holds one token for each connection that stands.
    pub(super) subscribed: TaskTracker,
}

pub(super) struct Subscription {
    pub(super) id: SubscriptionId,
    pub(super) address: Address,
    pub(super) target: Arc<Target>,
    pub(super) deliveries: mpsc::Sender<Message>,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) closing: CancellationToken,
}

impl Subscription {
    pub(super) async fn run(self) {
        let mut backoff = Backoff::new(self.target.connection.max_reconnect_delay);
        while let Some(opened) = self.closing.run_until_cancelled(self.open()).await {
            match opened {
                Ok(connection) => {
                    tracing::info!("subscribed");
                    let since = Instant::now();
                    match self.serve(connection).await {
                        Ok(()) => return,
                        Err(error) => tracing::warn!(%error, "subscription lost"),
                    }
                    backoff.connection_lived(since.elapsed());
                }
                Err(error) => tracing::warn!(%error, "cannot subscribe"),
            }
            if self.closing.run_until_cancelled(sleep(backoff.next_delay())).await.is_none() {
                return;
            }
        }
    }

    async fn open(&self) -> Result<Connection, ConnectionError> {
        let Target { topic, channel, message_timeout, connection: options, .. } = &*self.target;
        let mut connection = Connection::open(&self.address, options, Some(*message_timeout)).await?;
        let subscribe = connection.request(Command::Subscribe(topic.clone(), channel.clone()));
        timeout(options.connect_timeout, subscribe).await.map_err(|_| ConnectionError::Timeout)??;
        Ok(connection)
    }

    async fn serve(&self, connection: Connection) -> Result<(), ConnectionError> {
        let _counted = self.target.subscribed.token();
        // New grants for each connection: what was granted to an earlier one cannot be used by a later.
        let (grants, granted) = watch::channel(0);
        // The coordinator is gone only when the consumer closes, which the session sees for itself.
        let _ = self.events.send(Event::Connected(self.id, grants)).await;
        let session = Session::new(self.id, connection, &self.events, &self.deliveries);
        let served = session.run(granted, &self.closing, &self.target.overdue).await;
        let _ = self.events.send(Event::Disconnected(self.id)).await;
        served
    }
}
