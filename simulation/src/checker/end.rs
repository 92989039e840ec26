//! What must be true when all is quiet.

use image_processor::retry::{LOST_TOO_OFTEN, MAX_ATTEMPTS, MAX_ROUNDS};
use migrations::{ImageStatus, UnresolvedReason};

use super::{Checker, dead_letters};
use crate::{
    model_recogniser::person_name,
    plan::{Plan, Shows},
    tables::{ImageRow, Tables},
};

impl Checker {
    /// Whether everything that was promised has its result, and every message is sent.
    #[must_use]
    pub fn is_settled(&self, plan: &Plan, tables: &Tables) -> bool {
        self.answered == plan.posts()
            && tables.images().values().all(ImageRow::is_final)
            && self.unpublished.is_empty()
    }

    /// Looks at everything that is left.
    pub fn check_end(&mut self, plan: &Plan, tables: &Tables) {
        for (id, row) in tables.images() {
            let picture = self.promised.get(id).map(|picture| plan.pictures[*picture].shows);
            let Some(shows) = picture else {
                self.accuse(format!("image {id} was promised to nobody"));
                continue;
            };
            if self.results.get(id) != Some(&1) {
                self.accuse(format!("image {id} has {:?} final results", self.results.get(id)));
            }
            if !is_right(row, shows, tables) {
                self.accuse(format!("image {id}, which is {shows:?}, has a wrong result\n{row:#?}"));
            }
            let (letters, given_up) =
                (dead_letters(tables, *id), self.given_up.get(id).copied().unwrap_or(0));
            if letters != given_up {
                self.accuse(format!(
                    "image {id} was given up {given_up} times and has {letters} dead letters"
                ));
            }
            let (faces, found) = (tables.faces(*id).len(), self.faces.get(id).copied().unwrap_or(0));
            if faces != found {
                self.accuse(format!("image {id} has {faces} faces, its result told {found}"));
            }
        }
    }
}

/// Whether a picture may end like this. Who is given up was charged as often as it takes.
fn is_right(row: &ImageRow, shows: Shows, tables: &Tables) -> bool {
    let given_up = row.status == ImageStatus::Failed
        && !row.retryable
        && (row.error_code.as_deref() == Some(LOST_TOO_OFTEN)
            || row.attempts == MAX_ATTEMPTS && row.rounds == MAX_ROUNDS);
    let right = match shows {
        Shows::Known(person) => {
            let name = row.person.and_then(|person| tables.name_of(person));
            row.status == ImageStatus::Processed && name == Some(person_name(person).as_str())
        }
        Shows::Stranger => is_unresolved(row, UnresolvedReason::UnknownFace),
        Shows::Nobody => is_unresolved(row, UnresolvedReason::NoFace),
        Shows::Nothing => {
            row.status == ImageStatus::Failed && row.error_code.as_deref() == Some("not_an_image")
        }
        Shows::Trap | Shows::Poison => false,
    };
    right || given_up
}

fn is_unresolved(row: &ImageRow, reason: UnresolvedReason) -> bool {
    row.status == ImageStatus::Unresolved && row.reason == Some(reason)
}
