//! The drain (`image-processor drain`): works through everything that waits, straight from the database, and ends. For a
//! platform's work-queue job: several drains share the work, and each ends when none is left, the queue away or not.
//!
//! What is left is an image up to the highest id at the start that is pending, also one that is delayed, or
//! processing, at whomever's hands.

use std::{future::pending, num::NonZeroU32, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};
use tokio_util::sync::CancellationToken;

use crate::{
    breaker::Breaker,
    message::ImageId,
    store::{Remaining, Store, StoreError},
    sweeper,
    worker::Worker,
};

/// Between two looks when nothing is due.
const PAUSE: Duration = Duration::from_millis(500);
/// How long images in work may take when the drain is told to stop.
const FINISH_BUDGET: Duration = Duration::from_secs(10);
/// The database may be away for this long before a drain gives up.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one drain did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Claims that it worked on; an image that was tried again counts each time.
    pub(crate) worked_on: u64,
    /// Zero of everything, unless the drain was told to stop.
    pub(crate) remaining: Remaining,
}

/// Works until nothing is left or it is told to stop. An error is the database's, after [`PATIENCE`].
pub(crate) async fn run<S: Store>(
    store: &S,
    worker: &Arc<Worker<S>>,
    breaker: &Breaker,
    concurrency: NonZeroU32,
    stopping: &CancellationToken,
) -> Result<Summary, StoreError> {
    let last = patiently(|| store.last_image()).await?;
    let mut hands = JoinSet::new();
    for _ in 0..concurrency.get() {
        let (store, worker) = (store.clone(), Arc::clone(worker));
        let (breaker, stopping) = (breaker.clone(), stopping.clone());
        hands.spawn(async move { hand(&store, &worker, &breaker, last, &stopping).await });
    }
    let finish = async {
        let mut worked_on = 0;
        while let Some(done) = hands.join_next().await {
            worked_on += done.expect("a hand neither panics nor is aborted")?;
        }
        Ok::<u64, StoreError>(worked_on)
    };
    let worked_on = tokio::select! {
        worked_on = finish => worked_on?,
        () = interrupt_when_late(worker, stopping) => unreachable!("it has no end"),
    };
    let remaining = patiently(|| store.remaining(last)).await?;
    Ok(Summary { worked_on, remaining })
}

/// Has what is still in work given back, [`FINISH_BUDGET`] after the drain was told to stop.
async fn interrupt_when_late<S: Store>(worker: &Worker<S>, stopping: &CancellationToken) {
    stopping.cancelled().await;
    sleep(FINISH_BUDGET).await;
    worker.interrupt();
    pending::<()>().await;
}

/// One image after the other.
async fn hand<S: Store>(
    store: &S,
    worker: &Worker<S>,
    breaker: &Breaker,
    last: ImageId,
    stopping: &CancellationToken,
) -> Result<u64, StoreError> {
    let mut worked_on = 0;
    while !stopping.is_cancelled() {
        let pause = match breaker.try_acquire() {
            Err(refused) => refused.retry_after,
            Ok(permit) => match patiently(|| store.claim_due(last)).await? {
                Some(claim) => {
                    worker.work_on(&claim, permit, 1, || {}).await;
                    worked_on += 1;
                    continue;
                }
                None => {
                    drop(permit);
                    patiently(|| sweeper::sweep(store)).await?;
                    if patiently(|| store.remaining(last)).await?.is_empty() {
                        break;
                    }
                    PAUSE
                }
            },
        };
        stopping.run_until_cancelled(sleep(pause)).await;
    }
    Ok(worked_on)
}

/// Asks again while the database is away, up to [`PATIENCE`].
async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(
    mut ask: impl FnMut() -> F,
) -> Result<T, StoreError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Err(error) if Instant::now() < end => {
                tracing::warn!(%error, "the database does not answer, asking again");
                sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}
