//! Work of several steps, each of which others see at once: what was begun is ended although the client that asked for it is
//! gone. Half of it would be a photo that is nobody's, or a file of no image.

use thiserror::Error;
use tokio_util::task::TaskTracker;
use tracing::Instrument as _;

/// What is under way; cheap to clone. To be waited for when the process ends.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnderWay(TaskTracker);

/// A bug; what was begun may be half done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("what was under way panicked")]
pub(crate) struct Panicked;

impl UnderWay {
    /// Does this, also when nobody waits for it any more.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, Panicked> {
        self.0.spawn(work.in_current_span()).await.map_err(|error| {
            tracing::error!(%error, "a change ended badly");
            Panicked
        })
    }

    /// Waits until nothing is under way.
    pub(crate) async fn ended(&self) {
        self.0.close();
        self.0.wait().await;
    }
}
