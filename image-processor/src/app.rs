//! Wires the worker together: bind, run, stop in order.

use std::{sync::Arc, time::Duration};

use nsq_client::{Consumer, ConsumerOptions};
use service_kit::{health::Health, listen, telemetry::install_metrics};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ADDR_VARIABLE, Config},
    message::{CHANNEL, TOPIC},
    recognizer::Recognizer,
    store::Store,
    worker::Worker,
};

/// What a lease has beyond the call: time for the database.
const LEASE_RESERVE: Duration = Duration::from_secs(30);
/// How long the queue has to take the last answers.
const QUEUE_CLOSE_BUDGET: Duration = Duration::from_secs(3);

/// A worker whose health port is open and which does not work yet.
pub struct App {
    listener: TcpListener,
    config: Config,
}

impl App {
    /// Opens the port of health and metrics.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let listener =
            listen::bind(config.image_processor_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        Ok(Self { listener, config })
    }

    /// Works until `shutdown` is cancelled, then finishes the images in work and returns.
    pub async fn run(self, shutdown: CancellationToken) -> anyhow::Result<()> {
        let Self { listener, config } = self;
        let pool = config.database.lazy_pool()?;
        let recognizer = Recognizer::new(config.recognition, config.recognition_timeout, config.image_root);
        let health = Health::new(install_metrics(), shutdown.clone())
            .requires("database", {
                let pool = pool.clone();
                move || migrations::schema::readiness(pool.clone())
            })
            .reports("recogniser", {
                let recognizer = recognizer.clone();
                move || {
                    let recognizer = recognizer.clone();
                    async move { recognizer.readiness().await }
                }
            });

        let lease = config.recognition_timeout + LEASE_RESERVE;
        let consumer = Consumer::start(
            TOPIC.parse()?,
            CHANNEL.parse()?,
            ConsumerOptions {
                lookupd_addresses: config.nsqlookupd_addrs,
                nsqd_addresses: config.nsqd_addrs,
                max_in_flight: config.concurrency,
                message_timeout: lease,
                ..ConsumerOptions::default()
            },
        )?;
        let address = listener.local_addr()?;
        tracing::info!(%address, concurrency = config.concurrency, "the worker waits for images");
        let worker = Arc::new(Worker::new(Store::new(pool.clone()), recognizer, lease_owner(), lease));
        let serving =
            axum::serve(listener, health.router()).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        // Both end with `shutdown`; a failure of either ends the process.
        tokio::try_join!(async { Ok(serving.await?) }, work(worker, consumer, &shutdown))?;
        pool.close().await;
        Ok(())
    }
}

/// Handles messages side by side; the consumer hands out as many as may be in work.
async fn work(
    worker: Arc<Worker>,
    mut consumer: Consumer,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    let mut in_work = JoinSet::new();
    loop {
        tokio::select! {
            () = shutdown.cancelled() => break,
            Some(done) = in_work.join_next() => log_panic(done),
            message = consumer.next() => match message {
                Some(message) => { in_work.spawn(Arc::clone(&worker).handle(message)); }
                None => anyhow::bail!("the queue client stopped by itself"),
            },
        }
    }
    while let Some(done) = in_work.join_next().await {
        log_panic(done);
    }
    consumer.close(QUEUE_CLOSE_BUDGET).await;
    Ok(())
}

/// A panic costs one message its answer: it was given back when it was dropped, and the process goes on.
fn log_panic(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "the handling of a message panicked");
    }
}

/// Names this process among the workers: host and process id.
fn lease_owner() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}", host.trim(), std::process::id())
}
