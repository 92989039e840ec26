//! What the service and the drain both work with: the store, the recogniser behind its breaker, and the worker.

use std::{sync::Arc, time::Duration};

use sqlx::MySqlPool;
use tokio::{task::JoinSet, time::timeout};

use crate::{
    breaker::{Breaker, BreakerOptions},
    config::Config,
    recognizer::Recognizer,
    sources::Sources,
    store::MySqlStore,
    worker::Worker,
};

/// For the last statements when everything else has ended.
const CLOSE_BUDGET: Duration = Duration::from_secs(3);
/// Of the host's name in `images.lease_owner`.
const HOST_CHARACTERS: usize = 64;

/// The parts, wired.
pub(crate) struct Workplace {
    pub(crate) store: MySqlStore,
    pub(crate) recognizer: Recognizer,
    pub(crate) breaker: Breaker,
    pub(crate) worker: Arc<Worker<MySqlStore>>,
}

/// What is left of a workplace to be closed.
pub(crate) struct Committing {
    pool: MySqlPool,
    tasks: JoinSet<()>,
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
        let breaker = Breaker::new(BreakerOptions::new(config.slow_call()));
        let worker =
            Worker::new(store.clone(), recognizer.clone(), breaker.clone(), config.lease, config.concurrency)
                .fetching(Sources::new(&config.fetching, &config.image_root)?);
        let workplace = Self { store, recognizer, breaker, worker: Arc::new(worker) };
        Ok((workplace, Committing { pool, tasks }))
    }

    /// Finds the recognisers, and leads the breaker out of open, ping by ping. Ends only with an error.
    pub(crate) async fn attend(&self) -> anyhow::Error {
        let ping = || async { self.recognizer.health().await.is_ok() };
        tokio::select! {
            error = self.recognizer.attend() => error,
            () = self.breaker.run(ping) => unreachable!("pinging has no end"),
        }
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
