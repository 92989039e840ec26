//! Wires the worker together: bind, run, stop in order.

use std::{future::ready, pin::pin, sync::Arc, time::Duration};

use axum::{Json, Router, routing::get};
use nsq_client::{Consumer, ConsumerOptions, ConsumerStatus};
use service_kit::{Process, health::Health, listen};
use sqlx::MySqlPool;
use tokio::{net::TcpListener, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{ADDR_VARIABLE, Config},
    message::{CHANNEL, TOPIC},
    queue::Queue,
    store::Store,
    sweeper,
    worker::Worker,
    workplace::{Committing, Workplace},
};

/// How long images in work may take when the process is told to stop.
const FINISH_BUDGET: Duration = Duration::from_secs(10);
/// How long readiness waits for a recogniser: less than a check may take, so that it is named.
const RECOGNISER_PATIENCE: Duration = Duration::from_millis(1_500);
/// For giving back those that take longer.
const GIVE_BACK_BUDGET: Duration = Duration::from_secs(4);

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
        let (valve, state) = (Queue::valve(&consumer), workplace.breaker.state());
        let worker = Arc::clone(&workplace.worker);
        tokio::select! {
            // All three end when the process is told to stop; a failure of any ends the process.
            ended = async { tokio::try_join!(
                async { anyhow::Ok(serving.await?) },
                work(Arc::clone(&worker), consumer, concurrency.get() as usize, &stopping),
                async { sweeper::run(&workplace.store, &stopping).await; Ok(()) },
            ) } => { ended?; }
            error = workplace.attend() => return Err(error),
            () = worker.flow().drive(state, valve) => unreachable!("driving has no end"),
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

/// Handles messages side by side, as many as may be in work.
async fn work<S: Store>(
    worker: Arc<Worker<S>>,
    mut queue: impl Queue,
    concurrency: usize,
    stopping: &CancellationToken,
) -> anyhow::Result<()> {
    let mut in_work = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.cancelled() => break,
            Some(done) = in_work.join_next() => log_panic(done),
            message = queue.next(), if in_work.len() < concurrency => match message {
                Some(message) => { in_work.spawn(Arc::clone(&worker).handle(message)); }
                None => anyhow::bail!("the queue client stopped by itself"),
            },
        }
    }
    // The queue takes no more messages and waits for the answers of those in work.
    let finish = async {
        let mut finished = pin!(async { while in_work.join_next().await.map(log_panic).is_some() {} });
        if timeout(FINISH_BUDGET, &mut finished).await.is_err() {
            tracing::warn!("images in work take too long, they are given back");
            worker.interrupt();
            finished.await;
        }
    };
    tokio::join!(queue.close(FINISH_BUDGET + GIVE_BACK_BUDGET), async {
        if timeout(FINISH_BUDGET + GIVE_BACK_BUDGET, finish).await.is_err() {
            tracing::warn!("images are left as they are; their leases run out");
        }
    });
    Ok(())
}

/// A panic costs one image its lease: the message was given back when it was dropped, and comes again until the lease
/// has run out and somebody claims it.
fn log_panic(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "the handling of a message panicked");
    }
}
