//! The background tasks of one producer or consumer and the two steps in which they stop: first a
//! request to finish what is begun, then, at the deadline, cancellation at the next await.

use std::{future::Future, time::Duration};

use tokio::time::timeout;
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

/// Handles to a group of tasks; clones are the same group.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tasks {
    tracker: TaskTracker,
    closing: CancellationToken,
    aborted: CancellationToken,
}

impl Tasks {
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let aborted = self.aborted.clone();
        self.tracker.spawn(async move { aborted.run_until_cancelled(task).await });
    }

    /// Cancelled when the tasks should finish what is begun.
    pub(crate) fn closing(&self) -> &CancellationToken {
        &self.closing
    }

    /// Ends the tasks without waiting for them when the owner is dropped instead of closed.
    pub(crate) fn abort_on_drop(&self) -> DropGuard {
        self.aborted.clone().drop_guard()
    }

    /// Asks the tasks to finish and waits for them; says whether they have by the deadline.
    pub(crate) async fn finish(&self, deadline: Duration) -> bool {
        self.closing.cancel();
        self.tracker.close();
        timeout(deadline, self.tracker.wait()).await.is_ok()
    }

    /// Asks the tasks to finish, cancels those that have not by the deadline, and joins them all.
    pub(crate) async fn close(&self, deadline: Duration) {
        if !self.finish(deadline).await {
            tracing::warn!(unfinished = self.tracker.len(), "closing reached its deadline");
            self.aborted.cancel();
            self.tracker.wait().await;
        }
    }
}
