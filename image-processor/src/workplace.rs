//! What the service and the drain both work with: the store, the recogniser behind its breaker, and the worker.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use service_kit::jitter::Jitter;
use sqlx::MySqlPool;
use tokio::{task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::{
    breaker::{Breaker, BreakerOptions},
    config::Config,
    gallery_watch::GalleryWatch,
    groups::Grouping,
    intake,
    queue::Queue,
    recognizer::{Recognise, Recognizer},
    redecision::Redecider,
    sources::Sources,
    store::{MySqlStore, Store},
    sweeper,
    worker::Worker,
};

/// For the last statements when everything else has ended.
const CLOSE_BUDGET: Duration = Duration::from_secs(3);
/// Of the host's name in `images.lease_owner`.
const HOST_CHARACTERS: usize = 64;

/// How a workplace is run.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How long the store's leases last.
    pub lease: Duration,
    /// Images in work at once.
    pub concurrency: NonZeroU32,
    /// When the recogniser gets a rest.
    pub breaker: BreakerOptions,
}

/// The parts, wired.
pub struct Workplace<S = MySqlStore, R = Recognizer> {
    pub(crate) store: S,
    pub(crate) recognizer: R,
    pub(crate) breaker: Breaker,
    pub(crate) worker: Arc<Worker<S, R>>,
    concurrency: NonZeroU32,
    jitter: Jitter,
}

/// What is left of a workplace to be closed.
pub(crate) struct Committing {
    pool: MySqlPool,
    tasks: JoinSet<()>,
}

impl<S: Store, R: Recognise + Clone> Workplace<S, R> {
    /// Over this store, these sources and this recogniser, with this chance for waits.
    pub fn wire(store: S, sources: Sources, recognizer: R, rules: Rules, jitter: Jitter) -> Self {
        let Rules { lease, concurrency, breaker } = rules;
        let breaker = Breaker::new(breaker, jitter.clone());
        let worker = Worker::new(
            store.clone(),
            recognizer.clone(),
            breaker.clone(),
            lease,
            concurrency,
            jitter.clone(),
        )
        .fetching(sources);
        Self { store, recognizer, breaker, worker: Arc::new(worker), concurrency, jitter }
    }

    /// Handles what the queue brings, as much of it as the recogniser can take, and sweeps, until told to stop. An error
    /// when the queue ends before that.
    pub async fn work(&self, queue: impl Queue, stopping: &CancellationToken) -> anyhow::Result<()> {
        let (valve, state) = (queue.valve(), self.breaker.state());
        let working = async {
            tokio::try_join!(
                intake::run(Arc::clone(&self.worker), queue, self.concurrency, stopping),
                async {
                    sweeper::run(&self.store, &self.jitter, stopping).await;
                    Ok(())
                },
            )
        };
        tokio::select! {
            biased;
            ended = working => ended.map(|((), ())| ()),
            () = self.attend() => unreachable!("attending has no end"),
            () = self.worker.flow().drive(state, valve) => unreachable!("driving has no end"),
        }
    }

    /// Leads the breaker out of open, ping by ping. Has no end.
    pub async fn attend(&self) {
        self.breaker.run(|| async { self.recognizer.health().await.is_ok() }).await;
    }
}

impl Workplace {
    pub(crate) fn new(config: &Config) -> anyhow::Result<(Self, Committing)> {
        let pool = config.database.lazy_pool()?;
        let (store, tasks) = MySqlStore::start(pool.clone(), lease_owner(), config.lease);
        let recognizer = Recognizer::new(
            config.recognition.clone(),
            config.recognition_timeout,
            config.image_root.clone(),
        );
        let rules = Rules {
            lease: config.lease,
            concurrency: config.concurrency,
            breaker: BreakerOptions::new(config.slow_call()),
        };
        let sources = Sources::new(&config.fetching, &config.image_root)?;
        let workplace = Self::wire(store, sources, recognizer, rules, Jitter::random());
        Ok((workplace, Committing { pool, tasks }))
    }
}

impl Workplace {
    /// Keeps what was decided true, and unknown faces grouped, until told to stop.
    pub(crate) async fn look_after(&self, stopping: &CancellationToken) {
        let Self { store, recognizer, breaker, jitter, .. } = self;
        let redecider = Redecider::new(store.clone(), recognizer.clone(), breaker.clone(), jitter.clone());
        let gallery_watch = GalleryWatch::new(store.clone(), recognizer.clone());
        let grouping = Grouping::new(store.clone());
        tokio::join!(
            Box::pin(redecider.run(stopping)),
            Box::pin(gallery_watch.run(stopping)),
            Box::pin(grouping.run(stopping)),
        );
    }
}

impl Committing {
    pub(crate) fn pool(&self) -> &MySqlPool {
        &self.pool
    }

    /// Waits until one of the tasks ends, which none should while the workplace is in use.
    pub(crate) async fn unexpected_end(&mut self) -> anyhow::Error {
        let ended = self.tasks.join_next().await;
        anyhow::anyhow!("a task of the store ended before the worker: {ended:?}")
    }

    /// Joins the tasks, which end when the workplace is gone, and closes the connections.
    pub(crate) async fn close(mut self) {
        let joined = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(CLOSE_BUDGET, joined).await.is_err() {
            tracing::warn!("the database does not end its last statements");
        }
        self.pool.close().await;
    }
}

/// Names this process among the workers: host and process id.
fn lease_owner() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host: String = host.trim().chars().take(HOST_CHARACTERS).collect();
    format!("{host}:{}", std::process::id())
}
