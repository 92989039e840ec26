//! The database in memory: the same rows, and the same conditions before each of them changes. Pure: the time comes with
//! each request, and is what the real database's own clock is. One shared suite holds it against the real one.
//!
//! | file | what |
//! |---|---|
//! | `posting` | pictures are taken in |
//! | `claims` | leases are taken and renewed |
//! | `endings` | results, failures, what is given back |
//! | `sweeps` | leases that ran out, further rounds |
//! | `people` | whose known photo it is |
//! | `outbox` | messages on their way to the queue |

mod claims;
mod endings;
mod outbox;
mod people;
mod posting;
mod sweeps;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bytes::Bytes;
use image_processor::decision::PersonId;
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};

use crate::flaw::Flaw;

pub use outbox::Place;

/// Since the beginning of the simulation, by the database's clock.
pub type Time = Duration;

/// A row of `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRow {
    /// Below the image root.
    pub path: String,
    /// Where it stands.
    pub status: ImageStatus,
    /// The best match.
    pub person: Option<PersonId>,
    /// Why nobody is named.
    pub reason: Option<UnresolvedReason>,
    /// What the last call failed of.
    pub error_code: Option<String>,
    /// The same for people.
    pub error_detail: Option<String>,
    /// Whether a failed image has another round.
    pub retryable: bool,
    /// Charged in this round.
    pub attempts: u32,
    /// Since the last result.
    pub losses: u32,
    /// After the first.
    pub rounds: u32,
    /// The fencing token.
    pub lease_token: u64,
    /// The end of the lease.
    pub lease_until: Option<Time>,
    /// When it is due; a failed image that is not tried again never is.
    pub next_attempt_at: Option<Time>,
    /// Of the request that brought it.
    pub traceparent: Option<String>,
    /// That the result comes from.
    pub model_id: Option<String>,
    /// That the result comes from.
    pub gallery_revision: Option<String>,
}

impl ImageRow {
    /// Whether it has a result that stays unless somebody asks for another look.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self.status {
            ImageStatus::Processed | ImageStatus::Unresolved => true,
            ImageStatus::Failed => !self.retryable,
            ImageStatus::Pending | ImageStatus::Processing => false,
        }
    }

    /// Whether its lease has run out.
    fn is_lost(&self, now: Time) -> bool {
        self.status == ImageStatus::Processing && self.lease_until.is_some_and(|end| end <= now)
    }

    /// Whether its time has come.
    fn is_due(&self, now: Time) -> bool {
        self.next_attempt_at.is_some_and(|due| due <= now)
    }

    fn end_lease(&mut self) {
        self.lease_until = None;
    }
}

/// A row of `outbox`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// That it is about.
    pub image_id: u64,
    /// Where it goes.
    pub topic: String,
    /// What is sent.
    pub body: Bytes,
    /// Not before.
    pub due_at: Time,
    /// The end of a relay's lease.
    pub leased_until: Option<Time>,
    /// When it was sent.
    pub published_at: Option<Time>,
    /// How often it was sent.
    pub publishes: u32,
}

/// A row of `faces`, as far as the decision goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaceRow {
    /// What is said of it.
    pub outcome: FaceOutcome,
    /// The nearest person.
    pub person: Option<PersonId>,
    /// The nearest photo of this person.
    pub matched_photo: Option<String>,
}

/// Everything that is stored.
#[derive(Debug)]
pub struct Tables {
    images: BTreeMap<u64, ImageRow>,
    outbox: BTreeMap<u64, OutboxRow>,
    faces: BTreeMap<u64, Vec<FaceRow>>,
    people: BTreeMap<String, PersonId>,
    photos: BTreeMap<String, PersonId>,
    /// The number of the next message; one that was deleted keeps its own.
    next_message: u64,
    /// What was written since somebody asked.
    touched: Touched,
    flaw: Option<Flaw>,
}

/// Rows that were written.
#[derive(Debug, Default)]
pub struct Touched {
    /// Of `images`.
    pub images: BTreeSet<u64>,
    /// Of `outbox`; one that is no longer there was deleted.
    pub outbox: BTreeSet<u64>,
}

impl Tables {
    /// Empty ones, perhaps with a flaw that whoever watches them should notice.
    #[must_use]
    pub fn with_flaw(flaw: Option<Flaw>) -> Self {
        Self {
            images: BTreeMap::new(),
            outbox: BTreeMap::new(),
            faces: BTreeMap::new(),
            people: BTreeMap::new(),
            photos: BTreeMap::new(),
            next_message: 1,
            touched: Touched::default(),
            flaw,
        }
    }

    /// All images by their ids.
    #[must_use]
    pub fn images(&self) -> &BTreeMap<u64, ImageRow> {
        &self.images
    }

    /// All messages by their ids.
    #[must_use]
    pub fn outbox(&self) -> &BTreeMap<u64, OutboxRow> {
        &self.outbox
    }

    /// The faces of an image.
    #[must_use]
    pub fn faces(&self, image: u64) -> &[FaceRow] {
        self.faces.get(&image).map_or(&[], Vec::as_slice)
    }

    /// The names of the people by their ids.
    #[must_use]
    pub fn name_of(&self, person: PersonId) -> Option<&str> {
        self.people.iter().find(|(_, id)| **id == person).map(|(name, _)| name.as_str())
    }

    /// What was written since this was last asked.
    pub fn take_touched(&mut self) -> Touched {
        std::mem::take(&mut self.touched)
    }

    fn image_mut(&mut self, id: u64) -> Option<&mut ImageRow> {
        let row = self.images.get_mut(&id)?;
        self.touched.images.insert(id);
        Some(row)
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaw == Some(flaw)
    }
}
