//! Leases that ran out are ended, rounds of failed images begin.

use image_processor::{
    message::{ImageId, TOPIC, announcement},
    retry::{LOST_TOO_OFTEN, MAX_LOSSES},
    store::Swept,
};
use migrations::ImageStatus;

use super::{ImageRow, Tables, Time};
use crate::flaw::Flaw;

/// Images of one sweep.
const BATCH: usize = 256;

impl Tables {
    /// Takes the leases that ran out from some images.
    pub fn end_leases(&mut self, now: Time) -> Swept {
        let counted = !self.has(Flaw::LossesUncounted);
        let mut swept = Swept::default();
        for id in self.first(|row| row.is_lost(now), |row| row.lease_until) {
            let Some(row) = self.image_mut(id) else { continue };
            row.losses += u32::from(counted);
            row.end_lease();
            if row.losses < MAX_LOSSES {
                self.put_back(id, now);
                swept.put_back += 1;
            } else {
                row.status = ImageStatus::Failed;
                (row.person, row.reason, row.retryable) = (None, None, false);
                row.error_code = Some(LOST_TOO_OFTEN.to_owned());
                row.error_detail = Some("lost time and again".to_owned());
                row.next_attempt_at = None;
                self.bury(id, now);
                swept.given_up += 1;
            }
        }
        swept
    }

    /// Begins the next round of some failed images whose time has come.
    pub fn begin_rounds(&mut self, now: Time) -> Swept {
        let counted = !self.has(Flaw::RoundsUncounted);
        let mut swept = Swept::default();
        for id in self.first(|row| may_begin(row, now), |row| row.next_attempt_at) {
            let Some(row) = self.image_mut(id) else { continue };
            row.attempts = 0;
            row.rounds += u32::from(counted);
            row.retryable = false;
            self.put_back(id, now);
            swept.put_back += 1;
        }
        swept
    }

    /// How many leases ran out, and how many rounds may begin.
    #[must_use]
    pub fn sweepable(&self, now: Time) -> (u64, u64) {
        let count = |wanted: &dyn Fn(&ImageRow) -> bool| {
            self.images.values().filter(|row| wanted(row)).count() as u64
        };
        (count(&|row| row.is_lost(now)), count(&|row| may_begin(row, now)))
    }

    /// Some of the images that are wanted, in this order.
    fn first(
        &self,
        wanted: impl Fn(&ImageRow) -> bool,
        order: impl Fn(&ImageRow) -> Option<Time>,
    ) -> Vec<u64> {
        let mut ids: Vec<u64> =
            self.images.iter().filter(|(_, row)| wanted(row)).map(|(id, _)| *id).collect();
        ids.sort_by_key(|id| order(&self.images[id]));
        ids.truncate(BATCH);
        ids
    }

    /// Makes an image pending and announces it.
    fn put_back(&mut self, id: u64, now: Time) {
        let Some(row) = self.image_mut(id) else { return };
        row.status = ImageStatus::Pending;
        row.next_attempt_at = Some(now);
        row.end_lease();
        let body = announcement(ImageId(id), row.traceparent.clone().as_deref());
        self.put_out_now(ImageId(id), TOPIC, body, now);
    }
}

fn may_begin(row: &ImageRow, now: Time) -> bool {
    row.status == ImageStatus::Failed && row.retryable && row.is_due(now)
}
