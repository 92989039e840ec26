//! Wires the receiver together: bind, run, stop in order.

use std::{future::ready, path::PathBuf, sync::Arc, time::Duration};

use nsq_client::{Producer, ProducerOptions};
use service_kit::{Process, health::Health, listen};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    config::{ADDR_VARIABLE, Config},
    publisher::{self, Publisher},
    routes,
    store::Store,
};

/// How long the last messages may take when the process is told to stop.
const PUBLISH_BUDGET: Duration = Duration::from_secs(3);

/// A receiver that listens and does not answer yet.
pub struct App {
    listener: TcpListener,
    config: Config,
}

/// What the handlers work with.
#[derive(Clone)]
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) publisher: Publisher,
    pub(crate) image_root: Arc<PathBuf>,
}

impl App {
    /// Opens the port.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let listener = listen::bind(config.receiver_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        Ok(Self { listener, config })
    }

    /// Answers until the process is told to stop, then finishes the open requests, publishes what they left and
    /// returns.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let stopping = process.stopping.clone();
        let pool = self.config.database.lazy_pool()?;
        let store = Store::new(pool.clone());
        let producer = Arc::new(Producer::new(vec![self.config.nsqd_addr], ProducerOptions::default())?);
        let (publisher, mut publishing) = publisher::start(store.clone(), Arc::clone(&producer));
        let health = Health::new(process)
            .requires("database", {
                let pool = pool.clone();
                move || migrations::schema::readiness(pool.clone())
            })
            .reports("queue", {
                let producer = Arc::clone(&producer);
                move || ready(queue_readiness(&producer))
            });

        let state = AppState { store, publisher, image_root: Arc::new(self.config.image_root) };
        let router = routes::router(state).merge(health.router());
        tracing::info!(address = %self.listener.local_addr()?, "the receiver listens");
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(stopping.cancelled_owned());
        tokio::select! {
            served = serving => served?,
            ended = &mut publishing => anyhow::bail!("the publisher ended before the receiver: {ended:?}"),
        }

        // The router and with it every sender is gone: the publisher ends when it has sent what is left.
        if timeout(PUBLISH_BUDGET, &mut publishing).await.is_err() {
            tracing::warn!("nsqd does not take the last messages, they stay in the outbox");
            publishing.abort();
        }
        producer.close().await;
        pool.close().await;
        Ok(())
    }
}

fn queue_readiness(producer: &Producer) -> Result<(), String> {
    if producer.is_connected() {
        Ok(())
    } else {
        Err("nsqd is not connected; messages are kept in the outbox".to_owned())
    }
}
