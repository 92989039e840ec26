//! Leases are taken and renewed.

use std::time::Duration;

use image_processor::{
    message::ImageId,
    retry::{History, MAX_LOSSES},
    store::{Claim, Claimed, Remaining},
};
use migrations::ImageStatus;

use super::{ImageRow, Tables, Time};
use crate::flaw::Flaw;

/// Nobody looks at an image again sooner.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

impl Tables {
    /// Takes a lease on an image that is pending and due, or whose lease ran out.
    pub fn claim(&mut self, id: ImageId, lease: Duration, now: Time) -> Claimed {
        let Some(row) = self.images.get(&id.0) else { return Claimed::Unknown };
        let waits = row.status == ImageStatus::Pending && row.is_due(now);
        let lost = row.is_lost(now) && row.losses < MAX_LOSSES - 1;
        if waits || lost {
            return Claimed::Yes(self.take(id, lease, now));
        }
        let until = match row.status {
            ImageStatus::Pending => row.next_attempt_at,
            ImageStatus::Processing => row.lease_until,
            ImageStatus::Processed | ImageStatus::Failed | ImageStatus::Unresolved => {
                return Claimed::NothingToDo;
            }
        };
        Claimed::NotYet(until.unwrap_or(now).saturating_sub(now).max(SHORTEST_WAIT))
    }

    /// Takes a lease on the image with an id up to `last` that is due longest.
    pub fn claim_due(&mut self, last: ImageId, lease: Duration, now: Time) -> Option<Claim> {
        let due = |row: &ImageRow| row.status == ImageStatus::Pending && row.is_due(now);
        let waiting = self.images.range(..=last.0).filter(|(_, row)| due(row));
        let id = waiting.min_by_key(|(_, row)| row.next_attempt_at).map(|(id, _)| *id)?;
        Some(self.take(ImageId(id), lease, now))
    }

    fn take(&mut self, id: ImageId, lease: Duration, now: Time) -> Claim {
        let (raised, counted) = (!self.has(Flaw::TokenStays), !self.has(Flaw::LossesUncounted));
        let row = self.image_mut(id.0).expect("whoever takes it has seen it");
        row.losses += u32::from(row.status == ImageStatus::Processing && counted);
        row.lease_token += u64::from(raised);
        row.status = ImageStatus::Processing;
        row.lease_until = Some(now + lease);
        Claim {
            id,
            path: row.path.clone(),
            history: History { attempts: row.attempts, losses: row.losses, rounds: row.rounds },
            token: row.lease_token,
        }
    }

    /// The row of a claim, if the claim is still held.
    pub(super) fn held(&mut self, claim: &Claim) -> Option<&mut ImageRow> {
        let fenced = !self.has(Flaw::NoFence);
        let row = self.images.get(&claim.id.0)?;
        let held = row.status == ImageStatus::Processing && row.lease_token == claim.token;
        if held || !fenced { self.image_mut(claim.id.0) } else { None }
    }

    /// Begins the time of a lease anew.
    pub fn renew(&mut self, claim: &Claim, lease: Duration, now: Time) -> bool {
        let Some(row) = self.held(claim) else { return false };
        row.lease_until = Some(now + lease);
        true
    }

    /// What is left to do up to this id.
    #[must_use]
    pub fn remaining(&self, last: ImageId, now: Time) -> Remaining {
        let mut remaining = Remaining::default();
        for row in self.images.range(..=last.0).map(|(_, row)| row) {
            match row.status {
                ImageStatus::Pending if row.is_due(now) => remaining.due += 1,
                ImageStatus::Pending => remaining.delayed += 1,
                ImageStatus::Processing => remaining.processing += 1,
                ImageStatus::Processed | ImageStatus::Failed | ImageStatus::Unresolved => {}
            }
        }
        remaining
    }
}
