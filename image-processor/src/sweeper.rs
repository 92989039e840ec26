//! The sweeper: what workers left lying is taken up again. Leases that ran out are ended, and failed images that may be
//! tried again get their next round when its time has come.
//!
//! A loop in every worker, and the same once as a command (`image-processor redeem`) for a platform's timer. Several
//! at the same time share the work.

use std::time::Duration;

use service_kit::jitter::Jitter;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError, Swept};

/// Between two sweeps.
const PERIOD: Duration = Duration::from_secs(10);

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Leases that ran out.
    pub leases: Swept,
    /// Failed images that began another round.
    pub rounds: Swept,
}

/// Sweeps again and again until told to stop.
pub async fn run(store: &impl Store, jitter: &Jitter, stopping: &CancellationToken) {
    run_every(PERIOD, store, jitter, stopping).await;
}

/// The same with another time between two sweeps.
pub async fn run_every(period: Duration, store: &impl Store, jitter: &Jitter, stopping: &CancellationToken) {
    // Workers that start together do not sweep together.
    let mut pause = period.mul_f64(jitter.draw());
    while stopping.run_until_cancelled(sleep(pause)).await.is_some() {
        // What was not committed when it is dropped is left for another sweep.
        if let Some(Err(error)) = stopping.run_until_cancelled(Box::pin(sweep(store))).await {
            tracing::warn!(%error, "a sweep did not come to its end, the next one goes on");
        }
        pause = period;
    }
}

/// Sweeps once, until nothing is left to do. Rounds are begun also where leases could not be ended.
pub async fn sweep(store: &impl Store) -> Result<Summary, StoreError> {
    let leases = end_leases(store).await;
    let rounds = begin_rounds(store).await;
    Ok(Summary { leases: leases?, rounds: rounds? })
}

async fn end_leases(store: &impl Store) -> Result<Swept, StoreError> {
    let mut all = Swept::default();
    loop {
        let Swept { put_back, given_up } = store.end_leases().await?;
        metrics::counter!("rollcall_leases_ended_total").increment(put_back + given_up);
        metrics::counter!("rollcall_images_lost_too_often_total").increment(given_up);
        if put_back + given_up == 0 {
            return Ok(all);
        }
        tracing::info!(leases_ended = put_back, given_up, "swept");
        all.add(Swept { put_back, given_up });
    }
}

async fn begin_rounds(store: &impl Store) -> Result<Swept, StoreError> {
    let mut all = Swept::default();
    loop {
        let swept = store.begin_rounds().await?;
        metrics::counter!("rollcall_rounds_begun_total").increment(swept.put_back);
        if swept == Swept::default() {
            return Ok(all);
        }
        tracing::info!(rounds_begun = swept.put_back, "swept");
        all.add(swept);
    }
}
