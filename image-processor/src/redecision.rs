//! Images are decided again, from what is stored of them and without another look at their pictures: somebody was
//! enrolled, forgotten, merged or corrected. Whoever changes something of that wishes it for the images that it may
//! concern (`redecisions`); a loop in every worker takes those that are due, and several share them.
//!
//! The recognisers are asked about the stored embeddings. While the breaker gives them a rest they are not, and what these
//! calls come to is not told to the breaker: it judges by calls about pictures, which look at pixels and take long, while
//! here numbers are compared. A gallery that cannot be searched for a moment is no reason to stop the pictures, and a
//! search that succeeds is none to send them to an engine that fails.
//!
//! While no recogniser answers, images are decided from what is stored (`deciding`), and again when one does.

mod deciding;
mod matching;

use std::{collections::HashMap, time::Duration};

use service_kit::jitter::Jitter;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use self::{
    deciding::{Matched, decide_again},
    matching::{Unmatched, match_faces},
};
use crate::{
    backoff::backoff,
    breaker::{Breaker, BreakerState},
    recognizer::Recognizer,
    store::{MySqlStore, Redecided, Redecisions, StoreError, StoredImage, Wish},
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
    /// Questions in a row that no recogniser answered.
    failures: u32,
    /// Nobody is asked before: who does not answer now would hold up what a person corrected.
    ask_at: Instant,
}

impl Redecider {
    pub(crate) fn new(store: MySqlStore, recognizer: Recognizer, breaker: Breaker, jitter: Jitter) -> Self {
        Self { store, recognizer, breaker, jitter, failures: 0, ask_at: Instant::now() }
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
            let spoiled = match self.fulfil(&wishes).await {
                Err(error) if error.fault().may_be_of_one_request() && wishes.len() > 1 => error,
                fulfilled => {
                    self.see_to_end(&wishes, fulfilled).await?;
                    continue;
                }
            };
            tracing::debug!(error = %spoiled, "images are decided one by one");
            for wish in &wishes {
                let fulfilled = self.fulfil(std::slice::from_ref(wish)).await;
                self.see_to_end(std::slice::from_ref(wish), fulfilled).await?;
            }
        }
    }

    /// What failed is tried again soon, where the database takes that; else when its lease ends. What fails each time waits
    /// longer and holds up no other.
    async fn see_to_end(&self, wishes: &[Wish], fulfilled: Result<(), StoreError>) -> Result<(), StoreError> {
        let Err(error) = fulfilled else { return Ok(()) };
        let permanent = !error.fault().is_transient();
        self.store.postpone_wishes(wishes, if permanent { LONGEST_WAIT } else { FIRST_WAIT }).await?;
        if !permanent {
            return Err(error);
        }
        tracing::error!(images = wishes.len(), %error, "images cannot be decided again");
        Ok(())
    }

    async fn fulfil(&mut self, wishes: &[Wish]) -> Result<(), StoreError> {
        let ids: Vec<u64> = wishes.iter().map(|wish| wish.image.0).collect();
        let images = self.store.stored_images(&ids).await?;
        let redecisions = match self.ask(&images).await? {
            Some(matched) => Redecisions {
                images: images.iter().map(|image| decide_again(image, &matched)).collect(),
                fulfilled: wishes.to_vec(),
                ..Redecisions::default()
            },
            None => self.decide_meanwhile(&images, wishes),
        };
        let written = self.store.record_again(&redecisions).await?;
        for image in redecisions.images.iter().filter(|image| written.contains(&image.id.0)) {
            measure(image);
        }
        Ok(())
    }

    /// What the recognisers say of the faces; nothing where they cannot be asked.
    async fn ask(&mut self, images: &[StoredImage]) -> Result<Option<HashMap<u64, Matched>>, StoreError> {
        if Instant::now() < self.ask_at {
            return Ok(None);
        }
        if *self.breaker.state().borrow() != BreakerState::Closed {
            self.rest();
            return Ok(None);
        }
        match match_faces(images, &self.recognizer, &self.store).await {
            Ok(matched) => {
                self.failures = 0;
                Ok(Some(matched))
            }
            Err(Unmatched::Recogniser(failure)) => {
                self.rest();
                tracing::warn!(
                    error.code = failure.code,
                    again_in = ?self.ask_at.saturating_duration_since(Instant::now()),
                    "no recogniser says who stored faces are: {}",
                    failure.detail
                );
                Ok(None)
            }
            Err(Unmatched::Store(error)) => Err(error),
        }
    }

    fn rest(&mut self) {
        self.ask_at = Instant::now() + backoff(FIRST_WAIT, LONGEST_WAIT, self.failures, self.jitter.draw());
        self.failures = self.failures.saturating_add(1);
    }

    /// Decides from what is stored. Only what changes is written, and all of it waits for a recogniser.
    fn decide_meanwhile(&self, images: &[StoredImage], wishes: &[Wish]) -> Redecisions {
        let (waiting, fulfilled) =
            wishes.iter().partition(|wish| images.iter().any(|image| image.id == wish.image));
        let redecided = images.iter().map(|image| decide_again(image, &HashMap::new()));
        Redecisions {
            images: redecided.filter(Redecided::is_changed).collect(),
            fulfilled,
            waiting,
            wait: self.ask_at.saturating_duration_since(Instant::now()),
        }
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
