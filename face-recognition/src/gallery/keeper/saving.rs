//! When what was found is saved, and how: what other recognisers found meanwhile is taken over first. Where two save at the
//! same moment the last one wins. What only the other had found is looked at once more; a name that the other was told to
//! forget is gone with the next save, when the change of the folder is noticed.

use std::{future::pending, io, time::Duration};

use tokio::{
    task::spawn_blocking,
    time::{Instant, sleep_until},
};

use super::Keeper;
use crate::gallery::ledger::Scan;

/// What is found is lost in a crash for no longer than this.
const SAVE_WITHIN: Duration = Duration::from_secs(5);
/// After it could not be saved.
const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// The time at which something is to be saved.
#[derive(Debug, Default)]
pub(super) struct Saving {
    at: Option<Instant>,
}

impl Saving {
    /// Hears whether there is something to be saved.
    pub(super) fn note(&mut self, is_unsaved: bool) {
        if is_unsaved {
            self.at.get_or_insert_with(|| Instant::now() + SAVE_WITHIN);
        }
    }

    /// Waits until something is to be saved, for ever if there is nothing.
    pub(super) async fn due(&self) {
        match self.at {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    }
}

impl Keeper {
    /// Takes over what was found before, here or elsewhere, for files that are still to be looked at.
    pub(super) async fn take_over(&mut self) {
        if !self.ledger.has_work() {
            return;
        }
        let state = self.source.state.clone();
        match spawn_blocking(move || state.read()).await {
            Ok(photos) => self.ledger.take(photos),
            Err(panicked) => tracing::error!(%panicked, "the snapshot of known photos could not be read"),
        }
    }

    /// Saves what was found. What cannot be saved is found again after the next start.
    pub(super) async fn save(&mut self) {
        if let Err(error) = self.try_to_save(None).await {
            tracing::warn!(%error, "what was found in known photos cannot be saved");
        }
    }

    /// Saves what was found, and takes a name that was forgotten out of what other models found.
    pub(super) async fn save_without(&mut self, name: &str) -> io::Result<()> {
        self.try_to_save(Some(name.to_owned())).await
    }

    async fn try_to_save(&mut self, forgotten: Option<String>) -> io::Result<()> {
        // What another recogniser was told to forget is gone from the folder: it is not to be saved here once more.
        let _told = self.scan(Scan::Quick).await;
        self.take_over().await;
        self.ledger.gallery();
        let photos = self.ledger.save();
        let state = self.source.state.clone();
        let saved = spawn_blocking(move || {
            state.write(photos)?;
            forgotten.map_or(Ok(()), |name| state.forget_elsewhere(&name))
        });
        let saved = saved.await.map_err(io::Error::from).flatten();
        self.saving.at = None;
        if saved.is_err() {
            self.ledger.was_not_saved();
            self.saving.at = Some(Instant::now() + AGAIN_AFTER);
        }
        saved
    }
}
