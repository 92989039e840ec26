//! Wires the worker together: bind, run, stop in order.

use std::{future::ready, sync::Arc, time::Duration};

use nsq_client::{Consumer, ConsumerOptions, ConsumerStatus};
use service_kit::{Process, health::Health, listen};
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
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
/// How long images in work may take when the process is told to stop.
const FINISH_BUDGET: Duration = Duration::from_secs(15);

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

    /// Works until the process is told to stop, then finishes the images in work and returns.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let Self { listener, config } = self;
        let stopping = process.stopping.clone();
        let pool = config.database.lazy_pool()?;
        let recognizer = Recognizer::new(config.recognition, config.recognition_timeout, config.image_root);
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
        let health = Health::new(process)
            .requires("database", {
                let pool = pool.clone();
                move || migrations::schema::readiness(pool.clone())
            })
            .reports("queue", {
                let status = consumer.status();
                move || ready(queue_readiness(&status))
            })
            .reports("recogniser", {
                let recognizer = recognizer.clone();
                move || {
                    let recognizer = recognizer.clone();
                    async move { recognizer.readiness().await }
                }
            });

        let address = listener.local_addr()?;
        tracing::info!(%address, concurrency = config.concurrency, "the worker waits for images");
        let worker = Arc::new(Worker::new(Store::new(pool.clone()), recognizer, lease_owner(), lease));
        let serving =
            axum::serve(listener, health.router()).with_graceful_shutdown(stopping.clone().cancelled_owned());
        // Both end when the process is told to stop; a failure of either ends the process.
        tokio::try_join!(async { Ok(serving.await?) }, work(worker, consumer, &stopping))?;
        pool.close().await;
        Ok(())
    }
}

/// Handles messages side by side; the consumer hands out as many as may be in work.
async fn work(
    worker: Arc<Worker>,
    mut consumer: Consumer,
    stopping: &CancellationToken,
) -> anyhow::Result<()> {
    let mut in_work = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            Some(done) = in_work.join_next() => log_panic(done),
            message = consumer.next() => match message {
                Some(message) => { in_work.spawn(Arc::clone(&worker).handle(message)); }
                None => anyhow::bail!("the queue client stopped by itself"),
            },
        }
    }
    // The consumer takes no more messages and waits for the answers of those in work.
    let finish = async { while in_work.join_next().await.map(log_panic).is_some() {} };
    tokio::join!(consumer.close(FINISH_BUDGET), async {
        if timeout(FINISH_BUDGET, finish).await.is_err() {
            tracing::warn!("images in work are left; their leases run out");
        }
    });
    in_work.shutdown().await;
    Ok(())
}

fn queue_readiness(status: &ConsumerStatus) -> Result<(), String> {
    match status.connections() {
        0 => Err("no nsqd is connected; images wait".to_owned()),
        _ => Ok(()),
    }
}

/// A panic costs one image its lease: the message was given back when it was dropped, and comes again until the lease
/// has run out and somebody claims it.
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
