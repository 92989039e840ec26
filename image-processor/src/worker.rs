//! The way of one message: claim the image, ask, decide, record. The row is the truth; a message that comes twice
//! or late finds that there is nothing to do.

use std::{collections::BTreeSet, path::Path, sync::Arc, time::Duration};

use nsq_client::Message;
use picture_path::PicturePath;
use tokio::time::Instant;

use crate::{
    decision::{ImageDecision, decide_face, decide_image},
    message::ImageId,
    people::People,
    recognizer::{Answer, Failure, Recognition, Recognizer},
    retry::{self, Next},
    store::{Claim, Claimed, DecidedFace, Finding, Store, StoreError},
};

/// When the database does not answer, a message rests this long.
const DATABASE_AWAY: Duration = Duration::from_secs(5);

/// What becomes of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Disposal {
    /// It has done its work.
    Finish,
    /// It comes again after this delay.
    Requeue(Duration),
}

/// What every message is handled with.
pub(crate) struct Worker {
    store: Store,
    recognizer: Recognizer,
    people: People,
    /// Names this process in the leases that it holds.
    owner: String,
    lease: Duration,
}

impl Worker {
    pub(crate) fn new(store: Store, recognizer: Recognizer, owner: String, lease: Duration) -> Self {
        Self { people: People::new(store.clone()), store, recognizer, owner, lease }
    }

    /// Handles one message to its end.
    pub(crate) async fn handle(self: Arc<Self>, message: Message) {
        let disposal = match ImageId::of(message.body()) {
            Some(id) => self.process(id, message.attempts()).await,
            None => {
                tracing::warn!(length = message.body().len(), "a message holds no image id and is dropped");
                Disposal::Finish
            }
        };
        let answered = match disposal {
            Disposal::Finish => message.finish(),
            Disposal::Requeue(after) => message.requeue(after),
        };
        if let Err(error) = answered {
            // nsqd delivers it again; the row says that there is nothing left to do.
            tracing::debug!(%error, "a message was answered too late");
        }
    }

    async fn process(&self, id: ImageId, deliveries: u16) -> Disposal {
        match self.store.claim(id, &self.owner, self.lease).await {
            Ok(Claimed::Yes(claim)) => match self.process_claimed(&claim, deliveries).await {
                Ok(disposal) => disposal,
                Err(error) => {
                    tracing::error!(image.id = %id, %error, "the database failed while an image was in work");
                    self.give_back(&claim).await
                }
            },
            Ok(Claimed::NotYet(after)) => Disposal::Requeue(after),
            Ok(Claimed::NothingToDo) => Disposal::Finish,
            Ok(Claimed::Unknown) => {
                tracing::warn!(image.id = %id, "a message names an image that does not exist and is dropped");
                Disposal::Finish
            }
            Err(error) => {
                tracing::error!(image.id = %id, %error, "an image could not be claimed");
                Disposal::Requeue(DATABASE_AWAY)
            }
        }
    }

    /// Tries to end the lease at once. Where the database does not even do that, the lease ends by itself.
    async fn give_back(&self, claim: &Claim) -> Disposal {
        if let Err(error) = self.store.release(claim, DATABASE_AWAY, false).await {
            tracing::warn!(image.id = %claim.id, %error, "an image stays leased until its lease runs out");
        }
        Disposal::Requeue(DATABASE_AWAY)
    }

    async fn process_claimed(&self, claim: &Claim, deliveries: u16) -> Result<Disposal, StoreError> {
        // What is stored is below the root already, so no root is to be stripped from it.
        let path = match PicturePath::parse(&claim.path, Path::new("/")) {
            Ok(path) => path,
            Err(error) => return self.settle(claim, &Failure::path(error), deliveries).await,
        };
        let asked = Instant::now();
        let answer = self.recognizer.recognize(&path).await;
        metrics::histogram!("rollcall_recognition_seconds").record(asked.elapsed().as_secs_f64());
        match answer {
            Ok(answer) => {
                let finding = self.decide(answer).await?;
                let recorded = self.store.record(claim, &finding).await?;
                let decision = finding.decision;
                let duration_ms = asked.elapsed().as_millis();
                tracing::info!(image.id = %claim.id, ?decision, faces = finding.faces.len(), recorded, duration_ms, "recognised");
                if recorded {
                    metrics::counter!("rollcall_images_total", "result" => decision.name()).increment(1);
                }
                Ok(Disposal::Finish)
            }
            Err(failure) => self.settle(claim, &failure, deliveries).await,
        }
    }

    /// Names the faces of an answer.
    async fn decide(&self, answer: Answer) -> Result<Finding, StoreError> {
        match answer {
            Answer::Faces(recognition) => self.decide_faces(recognition).await,
            Answer::Photo(photo) => {
                let owners = self.people.owners_of(&photo.iter().map(String::as_str).collect()).await?;
                let person = photo.and_then(|photo| owners.get(&photo).copied());
                Ok(Finding::of_older_recogniser(person))
            }
        }
    }

    async fn decide_faces(&self, recognition: Recognition) -> Result<Finding, StoreError> {
        self.people.register_gallery(&recognition.gallery_revision, &self.recognizer).await;
        let photos: BTreeSet<&str> =
            recognition.faces.iter().flat_map(|face| &face.nearest).map(|near| near.photo.as_str()).collect();
        let owners = self.people.owners_of(&photos).await?;
        let Recognition { faces, thresholds, model_id, gallery_revision } = recognition;
        let faces: Vec<DecidedFace> = faces
            .into_iter()
            .map(|face| DecidedFace { decision: decide_face(&face.nearest, &owners, thresholds), face })
            .collect();
        let decision = decide_image(faces.iter().map(|face| (face.area(), &face.decision)));
        Ok(Finding { decision, faces, model_id: Some(model_id), gallery_revision: Some(gallery_revision) })
    }

    async fn settle(
        &self,
        claim: &Claim,
        failure: &Failure,
        deliveries: u16,
    ) -> Result<Disposal, StoreError> {
        let next = retry::after_failure(failure.blame, claim.attempts, deliveries, rand::random());
        tracing::warn!(image.id = %claim.id, attempt = claim.attempts, error.code = failure.code, ?next, "{}", failure.detail);
        metrics::counter!("rollcall_recognition_failures_total", "code" => failure.code.clone()).increment(1);
        match next {
            Next::FailForGood => self.store.fail(claim, failure, false).await?,
            Next::FailRetryable => self.store.fail(claim, failure, true).await?,
            Next::TryAgain { after, charged } => {
                self.store.release(claim, after, charged).await?;
                return Ok(Disposal::Requeue(after));
            }
        }
        Ok(Disposal::Finish)
    }
}

impl ImageDecision {
    fn name(self) -> &'static str {
        match self {
            Self::Processed(_) => "processed",
            Self::Unresolved(reason) => reason.name(),
        }
    }
}

#[cfg(test)]
mod tests;
