//! Wires the frontend together: bind, run, stop.

use service_kit::{Process, health::Health, listen};
use tokio::net::TcpListener;

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

    /// Serves pages until the process is told to stop and the open requests are answered.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let stopping = process.stopping.clone();
        let pool = self.config.database.lazy_reading_pool()?;
        let health = Health::new(process).requires("database", {
            let pool = pool.clone();
            move || migrations::readiness::to_read(pool.clone())
        });
        let router = routes::router(Store::new(pool.clone())).merge(health.router());
        tracing::info!(address = %self.listener.local_addr()?, "the frontend listens");
        listen::serve(self.listener, router, stopping).await?;
        pool.close().await;
        Ok(())
    }
}
