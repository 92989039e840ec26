//! So many at once, and no more: who comes beyond waits a moment for a turn, and is sent away then.

use std::{sync::Arc, time::Duration};

use thiserror::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long somebody waits. Less than clients do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// One of them, until it is dropped.
pub(crate) type Turn = OwnedSemaphorePermit;

/// Gives turns; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Turns {
    free: Arc<Semaphore>,
    patience: Duration,
}

/// All turns stayed taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the receiver has as many pictures in hand as it takes at once: send the request again in a while")]
pub(crate) struct AllTaken;

impl Turns {
    /// So many at once.
    pub(crate) fn new(at_once: usize, patience: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// The next one that is free.
    pub(crate) async fn next(&self) -> Result<Turn, AllTaken> {
        match timeout(self.patience, Arc::clone(&self.free).acquire_owned()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(AllTaken),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn who_comes_beyond_gets_the_turn_of_whoever_ends_first_or_none() {
        let turns = Turns::new(2, PATIENCE);
        let (first, _second) = (turns.next().await.expect("it is free"), turns.next().await);

        let sent_away = turns.next().await.map(drop);
        let waits = tokio::spawn({
            let turns = turns.clone();
            async move { turns.next().await.map(drop) }
        });
        tokio::task::yield_now().await;
        drop(first);

        assert_eq!(sent_away, Err(AllTaken));
        assert_eq!(waits.await.expect("it ends"), Ok(()));
    }
}
