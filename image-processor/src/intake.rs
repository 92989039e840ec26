//! Messages are taken from the queue and handled side by side, as many as may be in work, until the process is told to
//! stop.

use std::{num::NonZeroU32, pin::pin, sync::Arc, time::Duration};

use tokio::{
    task::{JoinError, JoinSet},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{queue::Queue, recognizer::Recognise, store::Store, worker::Worker};

/// How long images in work may take when the process is told to stop.
const FINISH_BUDGET: Duration = Duration::from_secs(10);
/// For giving back those that take longer.
const GIVE_BACK_BUDGET: Duration = Duration::from_secs(4);

/// Takes messages until it is told to stop, and then ends those in work or gives them back. An error when the queue ends
/// before that.
pub async fn run<S: Store, R: Recognise>(
    worker: Arc<Worker<S, R>>,
    mut queue: impl Queue,
    concurrency: NonZeroU32,
    stopping: &CancellationToken,
) -> anyhow::Result<()> {
    let mut in_work = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            Some(done) = in_work.join_next() => log_panic(done),
            message = queue.next(), if in_work.len() < concurrency.get() as usize => match message {
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
fn log_panic(done: Result<(), JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "the handling of a message panicked");
    }
}
