//! A claim ends: with a result, with a failure, or given back.

use std::time::Duration;

use image_processor::{
    decision::{ImageDecision, stored_outcome, stored_reason},
    message::{DeadLetter, ImageId},
    recognizer::Failure,
    retry::{Charge, Fate, LOST_TOO_OFTEN},
    store::{Claim, DecidedFace, Finding},
};
use migrations::ImageStatus;

use super::{FaceRow, OutboxRow, Tables, Time};
use crate::flaw::Flaw;

/// Width of `images.error_code`.
const ERROR_CODE_CHARACTERS: usize = 64;
/// Width of `images.error_detail`.
const ERROR_DETAIL_CHARACTERS: usize = 1024;

impl Tables {
    /// Writes the result of a claim with all of its faces, in place of those of an earlier look.
    pub fn record(&mut self, claim: &Claim, finding: &Finding) -> bool {
        let Some(row) = self.held(claim) else { return false };
        (row.status, row.person, row.reason) = match finding.decision {
            ImageDecision::Identified(person) => (ImageStatus::Processed, Some(person), None),
            ImageDecision::Unresolved(reason) => (ImageStatus::Unresolved, None, Some(stored_reason(reason))),
        };
        (row.model_id, row.gallery_revision) = (finding.model_id.clone(), finding.gallery_revision.clone());
        (row.error_code, row.error_detail, row.retryable, row.losses) = (None, None, false, 0);
        row.end_lease();
        let piled = self.has(Flaw::FacesPile);
        let faces = self.faces.entry(claim.id.0).or_default();
        if !piled {
            faces.clear();
        }
        faces.extend(finding.faces.iter().map(face_row));
        true
    }

    /// Ends a claim with an error.
    pub fn fail(&mut self, claim: &Claim, failure: &Failure, fate: Fate, charge: Charge, now: Time) -> bool {
        let (error_code, next) = match fate {
            Fate::Retryable(after) => (failure.code.as_str(), Some(now + after)),
            Fate::Lost => (LOST_TOO_OFTEN, None),
            Fate::Final | Fate::GivenUp => (failure.code.as_str(), None),
        };
        let Some(row) = self.held(claim) else { return false };
        row.status = ImageStatus::Failed;
        (row.person, row.reason) = (None, None);
        row.error_code = Some(short(error_code, ERROR_CODE_CHARACTERS));
        row.error_detail = Some(short(&failure.detail, ERROR_DETAIL_CHARACTERS));
        row.retryable = next.is_some();
        row.attempts += u32::from(charge.attempt);
        row.losses += u32::from(charge.loss);
        row.next_attempt_at = next;
        row.end_lease();
        if matches!(fate, Fate::GivenUp | Fate::Lost) {
            self.bury(claim.id.0, now);
        }
        true
    }

    /// Gives a claim back.
    pub fn release(
        &mut self,
        claim: &Claim,
        after: Duration,
        failed: Option<(&Failure, Charge)>,
        now: Time,
    ) -> bool {
        let Some(row) = self.held(claim) else { return false };
        row.status = ImageStatus::Pending;
        if let Some((failure, charge)) = failed {
            row.attempts += u32::from(charge.attempt);
            row.losses += u32::from(charge.loss);
            row.error_code = Some(short(&failure.code, ERROR_CODE_CHARACTERS));
            row.error_detail = Some(short(&failure.detail, ERROR_DETAIL_CHARACTERS));
        }
        row.next_attempt_at = Some(now + after);
        row.end_lease();
        true
    }

    /// Tells the dead letter of an image that was just given up.
    pub(super) fn bury(&mut self, id: u64, now: Time) {
        if self.has(Flaw::NoDeadLetter) {
            return;
        }
        let row = &self.images[&id];
        let letter = DeadLetter {
            id,
            path: row.path.clone(),
            error_code: row.error_code.clone(),
            error_detail: row.error_detail.clone(),
            attempts: row.attempts,
            losses: row.losses,
            rounds: row.rounds,
        };
        let body = serde_json::to_vec(&letter).expect("numbers and texts are JSON");
        self.put_out_now(ImageId(id), DeadLetter::TOPIC, body, now);
    }

    /// Puts a message into the outbox that is due at once.
    pub(super) fn put_out_now(&mut self, image: ImageId, topic: &str, body: Vec<u8>, now: Time) {
        self.put_out(OutboxRow {
            image_id: image.0,
            topic: topic.to_owned(),
            body: body.into(),
            due_at: now,
            leased_until: None,
            published_at: None,
            publishes: 0,
        });
    }
}

fn face_row(face: &DecidedFace) -> FaceRow {
    let best = face.decision.best.as_ref();
    FaceRow {
        outcome: stored_outcome(face.decision.outcome),
        person: best.map(|best| best.person),
        matched_photo: best.map(|best| best.photo.clone()),
    }
}

fn short(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}
