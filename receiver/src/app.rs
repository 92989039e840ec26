//! Wires the receiver together: bind, run, stop in order.

use std::{path::PathBuf, sync::Arc};

use nsq_client::{Producer, ProducerOptions};
use service_kit::{health::Health, listen, telemetry::install_metrics};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ADDR_VARIABLE, Config},
    publisher::{self, Publisher},
    routes,
    store::Store,
};

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

    /// Answers until `shutdown` is cancelled, then finishes the open requests, publishes what they left and returns.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let pool = self.config.database.lazy_pool()?;
        let store = Store::new(pool.clone());
        let producer = Arc::new(Producer::new(self.config.nsqd_addr, ProducerOptions::default()));
        let (publisher, publishing) = publisher::start(store.clone(), Arc::clone(&producer));
        let health = Health::new(install_metrics(), shutdown.clone())
            .requires("database", {
                let pool = pool.clone();
                move || migrations::schema::readiness(pool.clone())
            })
            .reports("queue", {
                let publisher = publisher.clone();
                move || std::future::ready(publisher.health())
            });

        let state = AppState { store, publisher, image_root: Arc::new(self.config.image_root) };
        let router = routes::router(state).merge(health.router());
        tracing::info!(address = %self.listener.local_addr()?, "the receiver listens");
        axum::serve(self.listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await?;

        // The router and with it every sender is gone: the publisher ends when it has sent what is left.
        publishing.await?;
        producer.close().await;
        pool.close().await;
        Ok(())
    }
}
