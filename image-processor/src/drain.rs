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
    recognizer::Recognise,
    store::{Remaining, Store, StoreError},
    sweeper,
    worker::{Disposal, Worker},
};

/// Between two looks when nothing is due.
const PAUSE: Duration = Duration::from_millis(500);
/// How long images in work may take when the drain is told to stop.
const FINISH_BUDGET: Duration = Duration::from_secs(10);
/// Of a hand whose image has to wait, at most: by then another one may be worth a try.
const LONGEST_REST: Duration = Duration::from_secs(5);
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

/// Works until nothing is left or it is told to stop. An error is the database's, after [`PATIENCE`]; what is in work
/// then is finished, or given back.
pub(crate) async fn run<S: Store, R: Recognise>(
    store: &S,
    worker: &Arc<Worker<S, R>>,
    breaker: &Breaker,
    concurrency: NonZeroU32,
    stopping: &CancellationToken,
) -> Result<Summary, StoreError> {
    let last = patiently(|| store.last_image()).await?;
    let ending = stopping.child_token();
    let mut hands = JoinSet::new();
    for _ in 0..concurrency.get() {
        let (store, worker) = (store.clone(), Arc::clone(worker));
        let (breaker, ending) = (breaker.clone(), ending.clone());
        hands.spawn(async move { hand(&store, &worker, &breaker, last, &ending).await });
    }
    let worked_on = tokio::select! {
        worked_on = join(hands, &ending) => worked_on?,
        () = interrupt_when_late(worker, &ending) => unreachable!("it has no end"),
    };
    let remaining = patiently(|| store.remaining(last)).await?;
    Ok(Summary { worked_on, remaining })
}

/// Waits for every hand and counts what they worked on. When one fails, the others take nothing more.
async fn join(
    mut hands: JoinSet<Result<u64, StoreError>>,
    ending: &CancellationToken,
) -> Result<u64, StoreError> {
    let mut worked_on = Ok(0);
    while let Some(done) = hands.join_next().await {
        match (&mut worked_on, done.expect("a hand neither panics nor is aborted")) {
            (Ok(sum), Ok(images)) => *sum += images,
            (Ok(_), Err(error)) => {
                ending.cancel();
                worked_on = Err(error);
            }
            (Err(_), Ok(_)) => {}
            (Err(_), Err(error)) => tracing::warn!(%error, "another hand failed too"),
        }
    }
    worked_on
}

/// Has what is still in work given back, [`FINISH_BUDGET`] after the hands were told to end.
async fn interrupt_when_late<S: Store, R: Recognise>(worker: &Worker<S, R>, ending: &CancellationToken) {
    ending.cancelled().await;
    sleep(FINISH_BUDGET).await;
    worker.interrupt();
    pending::<()>().await;
}

/// One image after the other. An image that has to wait stands for the next ones, which would fare alike: the hand rests
/// too, and longer each time.
async fn hand<S: Store, R: Recognise>(
    store: &S,
    worker: &Worker<S, R>,
    breaker: &Breaker,
    last: ImageId,
    ending: &CancellationToken,
) -> Result<u64, StoreError> {
    let (mut worked_on, mut deliveries) = (0, 1_u16);
    while !ending.is_cancelled() {
        let pause = match breaker.try_acquire() {
            Err(refused) => refused.retry_after,
            Ok(permit) => match patiently(|| store.claim_due(last)).await? {
                Some(claim) => {
                    let disposal = worker.work_on(&claim, permit, deliveries, || {}).await;
                    worked_on += 1;
                    match disposal {
                        Disposal::Finish => {
                            deliveries = 1;
                            continue;
                        }
                        Disposal::Requeue(after) => {
                            deliveries = deliveries.saturating_add(1);
                            after.min(LONGEST_REST)
                        }
                    }
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
        ending.run_until_cancelled(sleep(pause)).await;
    }
    Ok(worked_on)
}

/// Asks again while the database is away, up to [`PATIENCE`]. What it would refuse each time is not asked again.
pub(crate) async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(
    mut ask: impl FnMut() -> F,
) -> Result<T, StoreError> {
    let end = Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Err(error) if error.fault().is_transient() && Instant::now() < end => {
                tracing::warn!(%error, "the database does not answer, asking again");
                sleep(PAUSE).await;
            }
            outcome => return outcome,
        }
    }
}

#[cfg(test)]
mod tests;
