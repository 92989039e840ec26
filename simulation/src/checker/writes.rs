//! What an image may become by one write.

use image_processor::retry::{Blame, Charge, MAX_ATTEMPTS, MAX_LOSSES, MAX_ROUNDS};
use migrations::ImageStatus;

use super::{Checker, Deed};
use crate::tables::{ImageRow, Time};

type Verdict = Result<(), String>;

fn must(condition: bool, rule: &str) -> Verdict {
    if condition { Ok(()) } else { Err(rule.to_owned()) }
}

impl Checker {
    pub(super) fn check_image(
        &mut self,
        id: u64,
        before: Option<&ImageRow>,
        after: &ImageRow,
        deed: &Deed,
        now: Time,
    ) -> Verdict {
        let Some(before) = before else {
            must(matches!(deed, Deed::Post), "an image comes from a post")?;
            return must(after.status == ImageStatus::Pending, "a new image is pending");
        };
        must(after.lease_token >= before.lease_token, "the fencing token never goes down")?;
        must(after.attempts <= MAX_ATTEMPTS, "a round has an end")?;
        must(after.losses <= MAX_LOSSES, "losses have an end")?;
        must(after.rounds <= MAX_ROUNDS, "rounds have an end")?;
        must(
            after.lease_until.is_some() == (after.status == ImageStatus::Processing),
            "who processes has a lease",
        )?;
        match deed {
            Deed::Post => self.check_anew(id, before, after)?,
            Deed::Claim => check_claim(before, after, now)?,
            Deed::Renew(token) => {
                check_held(before, *token)?;
                must(unchanged_but_lease(before, after), "a renewal changes the lease alone")?;
            }
            Deed::Record { token, faces } => {
                check_held(before, *token)?;
                let final_states = [ImageStatus::Processed, ImageStatus::Unresolved];
                must(final_states.contains(&after.status), "a result is processed or unresolved")?;
                must(after.attempts == before.attempts, "a result is not charged")?;
                self.faces.insert(id, *faces);
            }
            Deed::Fail { token, call, charge, given_up } => {
                check_held(before, *token)?;
                must(after.status == ImageStatus::Failed, "who fails is failed")?;
                self.check_charge(before, after, *call, *charge)?;
                if *given_up {
                    *self.given_up.entry(id).or_default() += 1;
                }
            }
            Deed::Release { token, failed } => {
                check_held(before, *token)?;
                must(after.status == ImageStatus::Pending, "what is given back is pending")?;
                let (call, charge) =
                    failed.map_or((None, Charge::default()), |(call, charge)| (Some(call), charge));
                self.check_charge(before, after, call, charge)?;
            }
            Deed::EndLeases => self.check_lease_ended(id, before, after, now)?,
            Deed::BeginRounds => {
                must(
                    before.status == ImageStatus::Failed && before.retryable,
                    "a round follows a failed one",
                )?;
                must(before.next_attempt_at.is_some_and(|due| due <= now), "a round has its time")?;
                must(after.status == ImageStatus::Pending && after.attempts == 0, "a round begins anew")?;
                must(after.rounds == before.rounds + 1, "rounds are counted")?;
            }
            Deed::MarkPublished | Deed::Outbox | Deed::People | Deed::Read => {
                return Err("this does not write images".to_owned());
            }
        }
        if after.is_final() {
            let results = self.results.entry(id).or_default();
            *results += 1;
            must(*results == 1, "an image has one final result")?;
        }
        Ok(())
    }

    fn check_anew(&mut self, id: u64, before: &ImageRow, after: &ImageRow) -> Verdict {
        let ended = !matches!(before.status, ImageStatus::Pending | ImageStatus::Processing);
        must(ended, "a post leaves alone what is in work")?;
        must(after.status == ImageStatus::Pending, "what begins anew is pending")?;
        must(after.lease_token > before.lease_token, "what begins anew has another token")?;
        self.results.remove(&id);
        Ok(())
    }

    fn check_lease_ended(&mut self, id: u64, before: &ImageRow, after: &ImageRow, now: Time) -> Verdict {
        must(before.status == ImageStatus::Processing, "only a lease can end")?;
        must(before.lease_until.is_some_and(|end| end <= now), "nobody takes a lease that holds")?;
        must(after.losses == before.losses + 1, "a lease that ran out is a loss")?;
        must(after.attempts == before.attempts, "a lease that ran out is no attempt")?;
        match after.status {
            ImageStatus::Pending => must(after.losses < MAX_LOSSES, "who is lost too often is given up"),
            ImageStatus::Failed => {
                *self.given_up.entry(id).or_default() += 1;
                must(after.losses == MAX_LOSSES && !after.retryable, "only who is lost too often is given up")
            }
            _ => Err("a lease that ran out leaves a pending image, or a failed one".to_owned()),
        }
    }

    /// Nobody is charged in an outage: an attempt counts only when the ping right after the call was healthy.
    fn check_charge(
        &mut self,
        before: &ImageRow,
        after: &ImageRow,
        call: Option<usize>,
        charge: Charge,
    ) -> Verdict {
        must(
            after.attempts == before.attempts + u32::from(charge.attempt),
            "attempts count what is charged",
        )?;
        must(after.losses == before.losses + u32::from(charge.loss), "losses count what was lost")?;
        if !charge.attempt && !charge.loss {
            return Ok(());
        }
        let call =
            call.and_then(|call| self.calls.get_mut(call)).ok_or("no call was made for this charge")?;
        let blame = call.blame.ok_or("an answered call is not charged")?;
        must(!std::mem::replace(&mut call.charged, true), "a call is charged once")?;
        must(!charge.loss || blame == Blame::Loss, "only a lost connection is a loss")?;
        if charge.attempt {
            let well = match blame {
                Blame::Image | Blame::Source { .. } => true,
                Blame::Attempt | Blame::Loss => call.healthy == Some(true),
                Blame::Outage | Blame::Unready | Blame::Busy => false,
            };
            must(well, "an outage is charged to no image")?;
        }
        Ok(())
    }
}

fn check_claim(before: &ImageRow, after: &ImageRow, now: Time) -> Verdict {
    let taken_over = match before.status {
        ImageStatus::Pending => {
            must(before.next_attempt_at.is_some_and(|due| due <= now), "nobody claims before its time")?;
            false
        }
        ImageStatus::Processing => {
            must(
                before.lease_until.is_some_and(|end| end <= now),
                "nobody claims what another one has leased",
            )?;
            true
        }
        _ => return Err("only what waits can be claimed".to_owned()),
    };
    must(after.status == ImageStatus::Processing, "what is claimed is in work")?;
    must(after.lease_token == before.lease_token + 1, "a claim raises the fencing token")?;
    must(after.losses == before.losses + u32::from(taken_over), "a lease that ran out is a loss")?;
    must(after.attempts == before.attempts, "a claim is not charged")
}

/// A worker writes only what it holds: the newest claim, and nobody has ended it.
fn check_held(before: &ImageRow, token: u64) -> Verdict {
    must(before.status == ImageStatus::Processing, "only who holds a claim writes")?;
    must(before.lease_token == token, "only who holds the newest claim writes")
}

fn unchanged_but_lease(before: &ImageRow, after: &ImageRow) -> bool {
    ImageRow { lease_until: before.lease_until, ..after.clone() } == *before
}
