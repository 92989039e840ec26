//! Wires the frontend together: bind, run, stop.

use std::sync::Arc;

use renditions::Settings;
use service_kit::{Process, health::Health, listen};
use tokio::net::TcpListener;

use crate::{
    api::{Api, Limits},
    config::{ADDR_VARIABLE, Config},
    live::{self, Live},
    pixels::Pixels,
    routes,
    services::Services,
    site::Site,
    statistics::Statistics,
    store::Store,
    upload::UploadRoom,
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
        let Self { listener, config } = self;
        let stopping = process.stopping.clone();
        let pool = config.database.lazy_reading_pool()?;
        let health = Health::new(process).requires("database", {
            let pool = pool.clone();
            move || migrations::readiness::to_read(pool.clone())
        });
        let store = Store::new(pool.clone());
        let kept = Settings { folder: config.cache_dir, limit: u64::from(config.cache_mib) << 20 };
        let (live, asking) = Live::new();
        let site = Site {
            api: Api::new(config.api, Limits::USUAL)?,
            upload_room: UploadRoom::new(),
            pixels: Pixels::new(config.image_root, config.known_people, &kept),
            live,
            services: Arc::new(Services::new(config.services)?),
            statistics: Arc::new(Statistics::new(store.clone())),
            store: store.clone(),
        };
        let router = routes::router(site).merge(health.router());
        tracing::info!(address = %listener.local_addr()?, "the frontend listens");
        // Telling open pages ends first: their connections end with it.
        tokio::try_join!(listen::serve(listener, router, stopping.clone()), async {
            live::run(store, asking, stopping).await;
            Ok(())
        },)?;
        pool.close().await;
        Ok(())
    }
}
