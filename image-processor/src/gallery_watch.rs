//! Watches the galleries of the recognisers, so that pictures of before resolve when somebody is enrolled or forgotten:
//! images that another gallery may say something else of are wished to be decided again.
//!
//! One process at a time does it for all (`duties`). It asks every recogniser every two seconds which revision it searches,
//! which costs a call without an embedding; what follows from another revision is done when one is seen, and again when
//! all recognisers have it, because until then they answer by different ones.

mod standing;
mod sweep;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::standing::{Look, Seen, Standing};
use crate::{
    recognizer::{Address, Failure, Gallery, Recognizer},
    retry::Blame,
    store::{MySqlStore, StoreError},
};

/// Between two looks.
const PERIOD: Duration = Duration::from_secs(2);
/// Between two tries to take the duty from somebody else.
const BETWEEN_TRIES: Duration = Duration::from_secs(5);
/// Of the duty; renewed with each look, and with each page of a sweep.
const LEASE: Duration = Duration::from_secs(30);
const DUTY: &str = "gallery_watch";
/// Between two searches for answers that came late.
const LATE_PERIOD: Duration = Duration::from_secs(20);
/// How far these go back: a few of them see each answer, whenever its transaction began.
const LATE_WINDOW: Duration = Duration::from_mins(2);

/// Keeps decisions in step with the galleries.
pub(crate) struct GalleryWatch {
    store: MySqlStore,
    recognizer: Recognizer,
    standing: Standing,
    /// The model of each recogniser: with it, asking for the revision alone is a short question.
    models: BTreeMap<Address, String>,
    /// By model: the photos that all of its recognisers had when they last agreed, with the hashes of their content.
    photos: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    late_search_at: Instant,
}

impl GalleryWatch {
    pub(crate) fn new(store: MySqlStore, recognizer: Recognizer) -> Self {
        Self {
            store,
            recognizer,
            standing: Standing::default(),
            models: BTreeMap::new(),
            photos: BTreeMap::new(),
            late_search_at: Instant::now(),
        }
    }

    /// Watches, as long as the duty can be had, until told to stop.
    pub(crate) async fn run(mut self, stopping: &CancellationToken) {
        let mut pause = PERIOD;
        while stopping.run_until_cancelled(sleep(pause)).await.is_some() {
            // What a sweep has not come to when it is dropped is for the next one, whoever does it.
            match stopping.run_until_cancelled(Box::pin(self.look())).await {
                Some(Ok(ours)) => pause = if ours { PERIOD } else { BETWEEN_TRIES },
                Some(Err(error)) => {
                    tracing::warn!(%error, "the change of a gallery is not followed yet");
                    pause = PERIOD;
                }
                None => {}
            }
        }
        if let Err(error) = self.store.leave_duty(DUTY).await {
            tracing::debug!(%error, "the watch over the galleries rests until its lease ends");
        }
    }

    /// Looks once, and says whether the duty is ours.
    async fn look(&mut self) -> Result<bool, StoreError> {
        if !self.holds().await? {
            // Whoever has it sweeps; what is known here is old when it comes back.
            (self.standing, self.photos) = (Standing::default(), BTreeMap::new());
            return Ok(false);
        }
        let seen = self.ask_all().await;
        for look in self.standing.due(&seen.iter().map(|(_, seen)| seen.clone()).collect()) {
            let Some((address, _)) = seen.iter().find(|(_, seen)| *seen == look.seen) else { continue };
            if let Some(gallery) = self.gallery_for(&look, address).await
                && self.sweep(&look, &gallery).await?
            {
                tracing::info!(
                    gallery.revision = look.seen.revision,
                    agreed = look.agreed,
                    "a gallery was swept for"
                );
                if look.agreed {
                    self.photos.insert(look.seen.model_id.clone(), gallery.photos);
                }
                self.standing.swept(look);
            }
        }
        if Instant::now() >= self.late_search_at {
            self.search_late_answers().await?;
            self.late_search_at = Instant::now() + LATE_PERIOD;
        }
        Ok(true)
    }

    async fn holds(&self) -> Result<bool, StoreError> {
        self.store.hold_duty(DUTY, LEASE).await
    }

    /// What each recogniser that answers searches now.
    async fn ask_all(&mut self) -> Vec<(Address, Seen)> {
        let addresses: BTreeSet<Address> = self.recognizer.addresses().into_iter().collect();
        self.models.retain(|address, _| addresses.contains(address));
        let answers = join_all(addresses.into_iter().map(|address| async {
            let seen = self.ask(&address).await;
            (address, seen)
        }))
        .await;
        let mut all = Vec::new();
        for (address, seen) in answers {
            match seen {
                Ok(seen) => {
                    self.models.insert(address.clone(), seen.model_id.clone());
                    all.push((address, seen));
                }
                Err(failure) => tracing::debug!(%address, %failure, "a recogniser does not tell its gallery"),
            }
        }
        all
    }

    async fn ask(&self, address: &Address) -> Result<Seen, Failure> {
        if let Some(model_id) = self.models.get(address) {
            match self.recognizer.revision_at(address, model_id).await {
                Ok(revision) => return Ok(Seen { model_id: model_id.clone(), revision }),
                // It has another model now.
                Err(failure) if failure.blame == Blame::Unready => {}
                Err(failure) => return Err(failure),
            }
        }
        let Gallery { model_id, revision, .. } = self.recognizer.gallery_at(address).await?;
        Ok(Seen { model_id, revision })
    }

    /// The gallery that is to be swept for, unless it is another one by now; the next look sees that.
    async fn gallery_for(&self, look: &Look, address: &Address) -> Option<Gallery> {
        match self.recognizer.gallery_at(address).await {
            Ok(gallery) => Some(gallery).filter(|gallery| {
                gallery.revision == look.seen.revision && gallery.model_id == look.seen.model_id
            }),
            Err(failure) => {
                tracing::warn!(%address, %failure, "a recogniser does not list its gallery");
                None
            }
        }
    }

    /// A call that began before a gallery changed may be answered after the sweep for it. What that sweep would have found is
    /// found here: faces that nobody was named in, and those whose nearest photo is gone.
    async fn search_late_answers(&self) -> Result<(), StoreError> {
        for Seen { model_id, revision } in self.standing.settled() {
            let Some(known) = self.photos.get(&model_id) else { continue };
            let unnamed = self.store.answered_late(&model_id, &revision, LATE_WINDOW).await?;
            let named = self.store.named_late(&model_id, &revision, LATE_WINDOW).await?;
            let by_lost_photos =
                named.into_iter().filter(|(_, photo)| !known.contains_key(photo)).map(|(image, _)| image);
            let late: BTreeSet<u64> = unnamed.into_iter().chain(by_lost_photos).collect();
            self.wish(&late.into_iter().collect::<Vec<_>>()).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
