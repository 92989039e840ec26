//! The way of one message: ask the breaker, claim the image, bring its picture, ask the recogniser, decide, record. The row
//! is the truth; a message that comes twice or late finds that there is nothing to do.

mod bringing;

mod lease;

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use service_kit::jitter::Jitter;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use self::bringing::NotBrought;
use crate::{
    breaker::{Breaker, CallOutcome, Permit, Refused},
    decision::{ImageDecision, stored_reason},
    flow::Flow,
    message::ImageId,
    people::People,
    queue::Message,
    recognizer::{Answer, Failure, Recognise, Recognizer},
    retry::{self, Blame, Next},
    sources::{Picture, Sources},
    store::{Claim, Claimed, Store, StoreError},
};

/// When the database does not answer, an image rests this long.
const DATABASE_AWAY: Duration = Duration::from_secs(5);

/// What becomes of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposal {
    /// It has done its work.
    Finish,
    /// It comes again after this delay.
    Requeue(Duration),
}

/// What every image is handled with.
pub struct Worker<S, R = Recognizer> {
    store: S,
    recognizer: R,
    people: People<S>,
    breaker: Breaker,
    flow: Flow,
    sources: Sources,
    lease: Duration,
    jitter: Jitter,
    interrupted: CancellationToken,
}

impl<S: Store, R: Recognise> Worker<S, R> {
    /// `lease` is how long the store's leases last, `full` how many images may be in work, `jitter` is for delays.
    pub fn new(
        store: S,
        recognizer: R,
        breaker: Breaker,
        lease: Duration,
        full: NonZeroU32,
        jitter: Jitter,
    ) -> Self {
        let (people, flow) = (People::new(store.clone()), Flow::new(full));
        let interrupted = CancellationToken::new();
        let sources = Sources::default();
        Self { store, recognizer, people, breaker, flow, sources, lease, jitter, interrupted }
    }

    /// The same with pictures from elsewhere.
    #[must_use]
    pub fn fetching(self, sources: Sources) -> Self {
        Self { sources, ..self }
    }

    /// How much the recogniser can take.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// Has every image in work given back, whatever its call is at.
    pub fn interrupt(&self) {
        self.interrupted.cancel();
    }

    /// Handles one message to its end.
    pub async fn handle(self: Arc<Self>, message: impl Message) {
        let disposal = match ImageId::of(message.body()) {
            Some(id) => {
                // A touch that comes too late changes nothing: the lease is what counts.
                let touch = || _ = message.touch();
                self.process(id, message.deliveries(), touch).await
            }
            None => {
                let length = message.body().len();
                tracing::warn!(length, "a message holds no image id and is dropped");
                Disposal::Finish
            }
        };
        let answered = match disposal {
            Disposal::Finish => message.finish(),
            Disposal::Requeue(after) => message.requeue(after),
        };
        if let Err(error) = answered {
            tracing::debug!(%error, "a message was answered too late");
        }
    }

    async fn process(&self, id: ImageId, deliveries: u16, touch: impl Fn() + Send + Sync) -> Disposal {
        let permit = match self.breaker.try_acquire() {
            Ok(permit) => permit,
            Err(Refused { retry_after }) => return Disposal::Requeue(self.apart(retry_after)),
        };
        match self.store.claim(id).await {
            Ok(Claimed::Yes(claim)) => self.work_on(&claim, permit, deliveries, touch).await,
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

    /// Works on an image that was claimed. `deliveries` says how often its message came, `touch` keeps the message ours
    /// as long as that takes.
    pub async fn work_on(
        &self,
        claim: &Claim,
        permit: Permit,
        deliveries: u16,
        touch: impl Fn() + Send + Sync,
    ) -> Disposal {
        tokio::select! {
            biased;
            disposal = async {
                match self.try_work_on(claim, permit, deliveries).await {
                    Ok(disposal) => disposal,
                    Err(error) => {
                        tracing::error!(image.id = %claim.id, %error, "the database failed while an image was in work");
                        self.give_back_patiently(claim, DATABASE_AWAY).await
                    }
                }
            } => disposal,
            // A result that is just being recorded stays, or this does: the fence lets one of them write.
            () = self.interrupted.cancelled() => self.give_back(claim, Duration::ZERO).await,
            () = self.keep(claim, touch) => unreachable!("a lease is kept until the work ends"),
        }
    }

    async fn try_work_on(
        &self,
        claim: &Claim,
        permit: Permit,
        deliveries: u16,
    ) -> Result<Disposal, StoreError> {
        let (picture, permit) = match self.bring(&claim.path, permit).await {
            Ok(brought) => brought,
            Err(NotBrought::Failed(failure)) => return self.settle(claim, &failure, deliveries).await,
            Err(NotBrought::InVain(Refused { retry_after })) => {
                let after = self.apart(retry_after);
                self.store.release(claim, after, None).await?;
                return Ok(Disposal::Requeue(after));
            }
        };
        let asked = Instant::now();
        let answer = self.ask(&picture, permit).await;
        let duration_ms = asked.elapsed().as_millis();
        match answer {
            Ok(answer) => {
                let finding = self.people.name(answer, &self.recognizer).await?;
                let (decision, faces) = (finding.decision, finding.faces.len());
                let recorded = match self.store.record(claim, finding).await {
                    Err(error) if !error.fault().is_transient() => {
                        // The recogniser has just answered: it is well.
                        return self
                            .conclude(claim, &Failure::result_refused(&error), true, deliveries)
                            .await;
                    }
                    recorded => recorded?,
                };
                tracing::info!(image.id = %claim.id, ?decision, faces, recorded, duration_ms, "recognised");
                if recorded {
                    metrics::counter!("rollcall_images_total", "result" => name(decision)).increment(1);
                } else {
                    late(claim);
                }
                self.sources.keep_thumbnail(picture).await;
                Ok(Disposal::Finish)
            }
            Err(failure) => self.settle(claim, &failure, deliveries).await,
        }
    }

    /// Asks who is in the picture, and tells the breaker and the flow how that ended.
    async fn ask(&self, picture: &Picture, permit: Permit) -> Result<Answer, Failure> {
        let began = Instant::now();
        let call = permit.begin();
        let answer = self.recognizer.recognize(picture).await;
        metrics::histogram!("rollcall_recognition_seconds").record(began.elapsed().as_secs_f64());
        let blame = answer.as_ref().err().map(|failure| failure.blame);
        call.end(match blame {
            Some(Blame::Attempt | Blame::Loss | Blame::Outage) => CallOutcome::Failed,
            Some(Blame::Image | Blame::Source { .. } | Blame::Unready | Blame::Busy) | None => {
                CallOutcome::Answered
            }
        });
        match blame {
            Some(Blame::Busy) => self.flow.busy(),
            Some(Blame::Image) | None => self.flow.answered(),
            Some(_) => {}
        }
        answer
    }

    /// Between the delay and half as much again: what was sent away together does not return together.
    fn apart(&self, delay: Duration) -> Duration {
        delay.mul_f64(1.0 + 0.5 * self.jitter.draw())
    }

    /// Ends a claim whose call failed.
    async fn settle(
        &self,
        claim: &Claim,
        failure: &Failure,
        deliveries: u16,
    ) -> Result<Disposal, StoreError> {
        let healthy = match failure.blame {
            Blame::Attempt | Blame::Loss => self.recognizer.is_healthy_after(failure).await,
            Blame::Image | Blame::Source { .. } | Blame::Outage | Blame::Unready | Blame::Busy => false,
        };
        self.conclude(claim, failure, healthy, deliveries).await
    }

    /// The same; `healthy` is how the recogniser was right after the call.
    async fn conclude(
        &self,
        claim: &Claim,
        failure: &Failure,
        healthy: bool,
        deliveries: u16,
    ) -> Result<Disposal, StoreError> {
        let (next, charge) =
            retry::after_failure(failure.blame, claim.history, healthy, deliveries, self.jitter.draw());
        tracing::warn!(
            image.id = %claim.id,
            attempt = claim.history.attempts,
            recogniser = failure.recogniser.as_ref().map(tracing::field::display),
            error.code = failure.code,
            ?next,
            ?charge,
            "{}",
            failure.detail
        );
        metrics::counter!("rollcall_recognition_failures_total", "code" => failure.code.clone()).increment(1);
        let (written, disposal) = match next {
            Next::Fail(fate) => (self.store.fail(claim, failure, fate, charge).await?, Disposal::Finish),
            Next::TryAgain(after) => {
                let released = self.store.release(claim, after, Some((failure, charge))).await?;
                (released, Disposal::Requeue(after))
            }
        };
        if written {
            return Ok(disposal);
        }
        late(claim);
        Ok(Disposal::Finish)
    }
}

/// The lease was lost, and whoever has the image now sees to it.
fn late(claim: &Claim) {
    tracing::warn!(image.id = %claim.id, "an answer came after its lease was lost and is not recorded");
    metrics::counter!("rollcall_late_answers_total").increment(1);
}

fn name(decision: ImageDecision) -> &'static str {
    match decision {
        ImageDecision::Identified(_) => "processed",
        ImageDecision::Unresolved(reason) => stored_reason(reason).name(),
    }
}

#[cfg(test)]
mod tests;
