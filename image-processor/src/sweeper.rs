//! The sweeper: what workers left lying is taken up again. Leases that ran out are ended, and failed images that may be
//! tried again get their next round when its time has come.
//!
//! A loop in every worker, and the same once as a command (`image-processor redeem`) for a platform's timer. Several
//! at the same time share the work.

use std::time::Duration;

use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::store::{Store, StoreError, Swept};

/// Between two sweeps.
const PERIOD: Duration = Duration::from_secs(10);

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Leases that ran out.
    pub(crate) leases: Swept,
    /// Failed images that began another round.
    pub(crate) rounds: Swept,
}

/// Sweeps again and again until told to stop.
pub(crate) async fn run(store: &impl Store, stopping: &CancellationToken) {
    // Workers that start together do not sweep together.
    let mut pause = PERIOD.mul_f64(rand::random());
    while stopping.run_until_cancelled(sleep(pause)).await.is_some() {
        if let Err(error) = sweep(store).await {
            tracing::warn!(%error, "a sweep did not come to its end, the next one goes on");
        }
        pause = PERIOD;
    }
}

/// Sweeps once, until nothing is left to do.
pub(crate) async fn sweep(store: &impl Store) -> Result<Summary, StoreError> {
    let mut summary = Summary::default();
    loop {
        let swept = store.end_leases().await?;
        summary.leases.add(swept);
        if swept == Swept::default() {
            break;
        }
    }
    loop {
        let swept = store.begin_rounds().await?;
        summary.rounds.add(swept);
        if swept == Swept::default() {
            break;
        }
    }
    let Summary { leases, rounds } = summary;
    if summary != Summary::default() {
        tracing::info!(
            leases_ended = leases.put_back,
            given_up = leases.given_up,
            rounds_begun = rounds.put_back,
            "swept"
        );
    }
    metrics::counter!("rollcall_leases_ended_total").increment(leases.put_back + leases.given_up);
    metrics::counter!("rollcall_rounds_begun_total").increment(rounds.put_back);
    metrics::counter!("rollcall_images_lost_too_often_total").increment(leases.given_up);
    Ok(summary)
}
