//! Images are decided again, from what is stored of them and without another look at their pictures: somebody was
//! enrolled, forgotten, merged or corrected. Whoever changes something of that wishes it for the images that it may
//! concern (`redecisions`); a loop in every worker takes those that are due, and several share them.
//!
//! The recognisers are asked about the stored embeddings. While the breaker gives them a rest they are not, and what these
//! calls come to is not told to the breaker: it judges by calls about pictures, which look at pixels and take long, while
//! here numbers are compared. A gallery that cannot be searched for a moment is no reason to stop the pictures, and a
//! search that succeeds is none to send them to an engine that fails.
//!
//! While no recogniser answers, images are decided from what is stored (`deciding`), and again when one does. Recognisers of
//! different models do so each for itself: one model that is away holds up no face of another.
//!
//! Nobody becomes a person here: a photo that is nobody's is that of somebody who was deleted, or of somebody new, whom the
//! watch over the galleries brings.

mod deciding;
mod matching;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use service_kit::jitter::Jitter;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::{
    deciding::{Matched, decide_again},
    matching::{Near, by_model, can_be_asked, match_faces, photos},
};
use crate::{
    backoff::backoff,
    breaker::{Breaker, BreakerState},
    decision::Owner,
    recognizer::Recognizer,
    store::{MySqlStore, Redecided, Redecisions, Store, StoreError, StoredFace, StoredImage, Wish},
};

/// Between two looks when nothing is due.
const PERIOD: Duration = Duration::from_millis(500);
/// Images of one round: a transaction stays short.
const AT_ONCE: u32 = 64;
/// A round takes less, unless its worker died.
const LEASE: Duration = Duration::from_mins(1);
/// How long images wait for a recogniser that does not answer; each failure in a row doubles it.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// Decides images again.
pub(crate) struct Redecider {
    store: MySqlStore,
    recognizer: Recognizer,
    breaker: Breaker,
    jitter: Jitter,
    /// Of the models whose recognisers did not answer.
    rests: BTreeMap<String, Rest>,
}

struct Rest {
    /// Questions in a row that no recogniser answered.
    failures: u32,
    /// Nobody is asked before: who does not answer now would hold up what a person corrected.
    ask_at: Instant,
}

/// What the recognisers say of some images.
struct Answers<'a> {
    matched: HashMap<u64, Matched>,
    owners: HashMap<String, Owner>,
    /// The models whose recognisers do not answer, or are not asked now.
    unanswered: BTreeSet<&'a str>,
}

impl Redecider {
    pub(crate) fn new(store: MySqlStore, recognizer: Recognizer, breaker: Breaker, jitter: Jitter) -> Self {
        Self { store, recognizer, breaker, jitter, rests: BTreeMap::new() }
    }

    /// Decides what is due, again and again, until told to stop.
    pub(crate) async fn run(mut self, stopping: &CancellationToken) {
        while stopping.run_until_cancelled(sleep(PERIOD)).await.is_some() {
            // What was not committed when it is dropped is due again when its lease ends.
            if let Some(Err(error)) = stopping.run_until_cancelled(Box::pin(self.decide_due())).await {
                tracing::warn!(%error, "images could not be decided again yet");
            }
        }
    }

    /// Decides until nothing is due.
    async fn decide_due(&mut self) -> Result<(), StoreError> {
        loop {
            let wishes = self.store.take_wishes(AT_ONCE, LEASE).await?;
            if wishes.is_empty() {
                return Ok(());
            }
            match self.fulfil(&wishes).await {
                Err(error) if error.fault().may_be_of_one_request() => {
                    tracing::debug!(%error, "images are decided one by one");
                    for wish in &wishes {
                        let wish = std::slice::from_ref(wish);
                        let fulfilled = self.fulfil(wish).await;
                        self.see_to_end(wish, fulfilled).await?;
                    }
                }
                fulfilled => self.see_to_end(&wishes, fulfilled).await?,
            }
        }
    }

    /// What failed is tried again soon, where the database takes that; else when its lease ends. What fails each time waits
    /// longer. Neither it nor what met somebody else's lock holds up another.
    async fn see_to_end(&self, wishes: &[Wish], fulfilled: Result<(), StoreError>) -> Result<(), StoreError> {
        let Err(error) = fulfilled else { return Ok(()) };
        let fault = error.fault();
        let wait = if fault.is_transient() { FIRST_WAIT } else { LONGEST_WAIT };
        self.store.postpone_wishes(wishes, wait).await?;
        if !fault.may_be_of_one_request() {
            return Err(error);
        }
        if fault.is_transient() {
            tracing::debug!(images = wishes.len(), %error, "images are decided again a little later");
        } else {
            tracing::error!(images = wishes.len(), %error, "images cannot be decided again");
        }
        Ok(())
    }

    async fn fulfil(&mut self, wishes: &[Wish]) -> Result<(), StoreError> {
        let ids: Vec<u64> = wishes.iter().map(|wish| wish.image.0).collect();
        let images = self.store.stored_images(&ids).await?;
        let Answers { matched, owners, unanswered } = self.ask(&images).await?;
        let is_unanswered = |face: &StoredFace| can_be_asked(face) && unanswered.contains(&*face.model_id);
        let waits: BTreeSet<u64> = images
            .iter()
            .filter(|image| image.faces.iter().any(is_unanswered))
            .map(|image| image.id.0)
            .collect();
        let (waiting, fulfilled) = wishes.iter().partition(|wish| waits.contains(&wish.image.0));
        let redecisions = Redecisions {
            // Of what waits for a recogniser only that is written which changes.
            images: images
                .iter()
                .map(|image| decide_again(image, &matched))
                .filter(|image| !waits.contains(&image.id.0) || image.is_changed())
                .collect(),
            fulfilled,
            waiting,
            wait: self.wait_for(&unanswered),
            owners,
        };
        let written = self.store.record_again(&redecisions).await?;
        for image in redecisions.images.iter().filter(|image| written.contains(&image.id.0)) {
            measure(image);
        }
        Ok(())
    }

    /// What the recognisers say of the faces, as far as they can be asked.
    async fn ask<'a>(&mut self, images: &'a [StoredImage]) -> Result<Answers<'a>, StoreError> {
        let (mut near, mut unanswered) = (Vec::new(), BTreeSet::new());
        for (model_id, faces) in by_model(images) {
            match self.ask_about(model_id, &faces).await {
                Some(answer) => near.extend(answer),
                None => _ = unanswered.insert(model_id),
            }
        }
        let owners = self.store.owners(&photos(&near)).await?;
        let matched = near.iter().map(|near| near.matched(&owners)).collect();
        Ok(Answers { matched, owners, unanswered })
    }

    /// The same of the faces of one model; nothing where nobody can be asked, or nobody answers.
    async fn ask_about<'a>(&mut self, model_id: &str, faces: &[&'a StoredFace]) -> Option<Vec<Near<'a>>> {
        if self.rests.get(model_id).is_some_and(|rest| Instant::now() < rest.ask_at) {
            return None;
        }
        if *self.breaker.state().borrow() != BreakerState::Closed {
            self.rest(model_id);
            return None;
        }
        match match_faces(model_id, faces, &self.recognizer).await {
            Ok(near) => {
                self.rests.remove(model_id);
                Some(near)
            }
            Err(failure) => {
                let again_in = self.rest(model_id);
                tracing::warn!(
                    error.code = failure.code,
                    model_id,
                    ?again_in,
                    "no recogniser says who stored faces are: {}",
                    failure.detail
                );
                None
            }
        }
    }

    fn rest(&mut self, model_id: &str) -> Duration {
        let failures = self.rests.get(model_id).map_or(0, |rest| rest.failures);
        let wait = backoff(FIRST_WAIT, LONGEST_WAIT, failures, self.jitter.draw());
        let rest = Rest { failures: failures.saturating_add(1), ask_at: Instant::now() + wait };
        self.rests.insert(model_id.to_owned(), rest);
        wait
    }

    /// Until all of these models can be asked about. Never no time: what waits is not taken again in the same round.
    fn wait_for(&self, models: &BTreeSet<&str>) -> Duration {
        let ask_at = models.iter().filter_map(|model_id| self.rests.get(*model_id)).map(|rest| rest.ask_at);
        ask_at.max().map_or(PERIOD, |ask_at| ask_at.saturating_duration_since(Instant::now()).max(PERIOD))
    }
}

fn measure(image: &Redecided) {
    let result = if image.is_changed() { "changed" } else { "unchanged" };
    metrics::counter!("rollcall_redecisions_total", "result" => result).increment(1);
    let told = image.faces.iter().filter(|face| face.is_told()).count();
    metrics::counter!("rollcall_faces_redecided_total").increment(told as u64);
    if told > 0 {
        tracing::info!(image.id = %image.id, faces = told, "faces are somebody else now, or nobody");
    }
}

#[cfg(test)]
mod tests;
