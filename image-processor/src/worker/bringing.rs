//! The picture of a claimed image, and leave to ask about it.

use super::Worker;
use crate::{
    breaker::{Permit, Refused},
    recognizer::{Failure, Recognise},
    sources::{Picture, Sources},
    store::Store,
};

/// Why nobody is asked about an image.
pub(super) enum NotBrought {
    /// There is no picture.
    Failed(Failure),
    /// By the time that it is there, the breaker lets no call through.
    InVain(Refused),
}

impl<S: Store, R: Recognise> Worker<S, R> {
    /// Brings a picture by its source as it is stored. Fetching one may take long: meanwhile the one call of a half-open
    /// breaker is left to others, and a breaker that opens is heard.
    pub(super) async fn bring(&self, stored: &str, permit: Permit) -> Result<(Picture, Permit), NotBrought> {
        if !Sources::is_elsewhere(stored) {
            let picture = self.sources.bring(stored).await.map_err(NotBrought::Failed)?;
            return Ok((picture, permit));
        }
        let breaker = permit.give_back();
        let picture = self.sources.bring(stored).await.map_err(NotBrought::Failed)?;
        let permit = breaker.try_acquire().map_err(NotBrought::InVain)?;
        Ok((picture, permit))
    }
}
