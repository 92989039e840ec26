//! Wires the worker together: bind, run, stop in order.

use std::{future::ready, time::Duration};

use axum::{Json, Router, routing::get};
use nsq_client::{Consumer, ConsumerOptions, ConsumerStatus};
use service_kit::{Process, health::Health, listen};
use sqlx::MySqlPool;
use tokio::{net::TcpListener, time::timeout};

use crate::{
    config::{ADDR_VARIABLE, Config},
    message::{CHANNEL, TOPIC},
    workplace::{Committing, Workplace},
};

/// How long readiness waits for a recogniser: less than a check may take, so that it is named.
const RECOGNISER_PATIENCE: Duration = Duration::from_millis(1_500);

/// A worker whose admin port is open and which does not work yet.
pub struct App {
    listener: TcpListener,
    config: Config,
}

impl App {
    /// Opens the admin port.
    pub async fn bind(config: Config) -> anyhow::Result<Self> {
        let listener =
            listen::bind(config.image_processor_addr, ADDR_VARIABLE, config.addr_file.as_deref()).await?;
        Ok(Self { listener, config })
    }

    /// Works until the process is told to stop, then finishes the images in work and returns.
    pub async fn run(self, process: Process) -> anyhow::Result<()> {
        let (workplace, mut committing) = Workplace::new(&self.config)?;
        let ended = Box::pin(self.run_with(workplace, &mut committing, process)).await;
        committing.close().await;
        ended
    }

    async fn run_with(
        self,
        workplace: Workplace,
        committing: &mut Committing,
        process: Process,
    ) -> anyhow::Result<()> {
        let Self { listener, config } = self;
        let stopping = process.stopping.clone();
        let consumer = consumer(&config)?;
        let router = admin_routes(process, committing.pool(), &consumer.status(), &workplace);

        let (address, concurrency) = (listener.local_addr()?, config.concurrency);
        tracing::info!(%address, concurrency, "the worker waits for images");
        let serving = listen::serve(listener, router, stopping.clone());
        tokio::select! {
            // All end when the process is told to stop; a failure of any ends the process.
            ended = async { tokio::try_join!(
                async { anyhow::Ok(serving.await?) },
                workplace.work(consumer, &stopping),
                async {
                    workplace.look_after(&stopping).await;
                    Ok(())
                },
            ) } => { ended?; }
            error = workplace.recognizer.attend() => return Err(error),
            error = committing.unexpected_end() => return Err(error),
        }
        Ok(())
    }
}

fn consumer(config: &Config) -> anyhow::Result<Consumer> {
    let options = ConsumerOptions {
        lookupd_addresses: config.nsqlookupd_addrs.clone(),
        nsqd_addresses: config.nsqd_addrs.clone(),
        max_in_flight: config.concurrency,
        message_timeout: config.lease,
        ..ConsumerOptions::default()
    };
    Ok(Consumer::start(TOPIC.parse()?, CHANNEL.parse()?, options)?)
}

/// Health, metrics, the state of the breaker and of each recogniser.
fn admin_routes(
    process: Process,
    pool: &MySqlPool,
    status: &ConsumerStatus,
    workplace: &Workplace,
) -> Router {
    let health = Health::new(process)
        .requires("database", {
            let pool = pool.clone();
            move || migrations::readiness::to_write(pool.clone())
        })
        .reports("queue", {
            let status = status.clone();
            move || ready(queue_readiness(&status))
        })
        .reports("recogniser", {
            let recognizer = workplace.recognizer.clone();
            move || {
                let recognizer = recognizer.clone();
                async move {
                    timeout(RECOGNISER_PATIENCE, recognizer.health())
                        .await
                        .unwrap_or_else(|_| Err(recognizer.is_silent()))
                }
            }
        });
    let (breaker, recognizer) = (workplace.breaker.clone(), workplace.recognizer.clone());
    health
        .router()
        .route("/breaker", get(async move || Json(breaker.snapshot())))
        .route("/recognisers", get(async move || Json(recognizer.endpoints())))
}

fn queue_readiness(status: &ConsumerStatus) -> Result<(), String> {
    match status.connections() {
        0 => Err("no nsqd is connected, images wait: see that nsqd and nsqlookupd run, and that NSQLOOKUPD_ADDRS or NSQD_ADDRS lead to them".to_owned()),
        _ => Ok(()),
    }
}
