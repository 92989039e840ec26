//! Wires the frontend together: bind, run, stop.

use service_kit::{health::Health, listen, telemetry::install_metrics};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ADDR_VARIABLE, Config},
    routes,
    store::Store,
};

/// A frontend that listens and does not answer yet.
pub struct App {
    listener: TcpListener,
    config: Config,
}

impl App {
    /// Opens the port.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let listener = listen::bind(config.frontend_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        Ok(Self { listener, config })
    }

    /// Serves pages until `shutdown` is cancelled and the open requests are answered.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let pool = self.config.database.lazy_pool()?;
        let health = Health::new(install_metrics(), shutdown.clone()).requires("database", {
            let pool = pool.clone();
            move || migrations::schema::readiness(pool.clone())
        });
        let router = routes::router(Store::new(pool.clone())).merge(health.router());
        tracing::info!(address = %self.listener.local_addr()?, "the frontend listens");
        axum::serve(self.listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await?;
        pool.close().await;
        Ok(())
    }
}
