//! What the worker, the sweeper and the drain ask of the database, whichever one keeps it. Every write to an image that
//! was claimed says which claim it belongs to: a worker that lost its lease writes nothing.
//!
//! [`MySqlStore`] holds all SQL; a simulation may put a model in its place.

mod finding;
mod mysql;
mod stored;

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    sync::Arc,
    time::Duration,
};

use service_kit::database::DatabaseFault;
use thiserror::Error;

pub use finding::{DecidedFace, Finding, decision_of};
pub use mysql::MySqlStore;
pub(crate) use mysql::{DeadPage, Embedding, Likeness, PutBack, REDRIVEN_AT_ONCE, Redecisions, Ungrouped};
pub(crate) use stored::{
    BY_PERSON, FaceColumns, ImageColumns, Redecided, RedecidedFace, StoredFace, StoredImage, Wish,
};

use crate::{
    decision::Owner,
    message::ImageId,
    recognizer::Failure,
    retry::{Charge, Fate, History},
};

/// No statement may take longer: a database that hangs must not hold a worker for ever.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(10);

/// Why the database did not do what it was asked. A group of requests shares one error, hence the clones.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// It is away or refuses.
    #[error(transparent)]
    Database(#[from] Arc<sqlx::Error>),
    /// It does not answer.
    #[error("the database did not answer within {} s", STATEMENT_TIMEOUT.as_secs())]
    TimedOut,
    /// The process is about to end.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    /// What it means for whoever asked.
    pub(crate) fn fault(&self) -> DatabaseFault {
        match self {
            Self::Database(error) => DatabaseFault::of(error),
            Self::TimedOut | Self::Closed => DatabaseFault::Away,
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}

/// A lease on an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Of the image.
    pub id: ImageId,
    /// As it is stored.
    pub path: String,
    /// Before this claim.
    pub history: History,
    /// The fencing token of this lease.
    pub token: u64,
}

/// What became of the wish to work on an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// It is ours until the lease ends.
    Yes(Claim),
    /// It waits, or somebody is at it: worth another look after this time.
    NotYet(Duration),
    /// It has its result.
    NothingToDo,
    /// There is no such image.
    Unknown,
}

/// Images that changed state because of a sweep.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Pending again.
    pub put_back: u64,
    /// Failed for good: lost too often.
    pub given_up: u64,
}

impl Swept {
    /// Counts another sweep to this one.
    pub fn add(&mut self, other: Self) {
        self.put_back += other.put_back;
        self.given_up += other.given_up;
    }
}

/// Images by what is left to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Remaining {
    /// May be claimed now.
    pub due: u64,
    /// Pending until a later time.
    pub delayed: u64,
    /// Leased, or were and nobody has ended the lease yet.
    pub processing: u64,
}

impl Remaining {
    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }
}

/// Access to the images, their outbox and the people.
pub trait Store: Clone + Send + Sync + 'static {
    /// Takes a lease on an image that is pending and due, or whose lease ran out: its worker is gone, which is a loss.
    fn claim(&self, id: ImageId) -> impl Future<Output = Result<Claimed, StoreError>> + Send;

    /// Takes a lease on the image with an id up to `last` that is due longest, if one is. Several may ask at once.
    fn claim_due(&self, last: ImageId) -> impl Future<Output = Result<Option<Claim>, StoreError>> + Send;

    /// Begins the time of a lease anew; `false` when the lease was lost.
    fn renew(&self, claim: &Claim) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Writes the result of a claim with all of its faces; `false` when the lease was lost and nothing was written.
    fn record(
        &self,
        claim: &Claim,
        finding: Finding,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Ends a claim with an error; `false` when the lease was lost and nothing was written. An image that is given up
    /// becomes a dead letter too.
    fn fail(
        &self,
        claim: &Claim,
        failure: &Failure,
        fate: Fate,
        charge: Charge,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Gives a claim back: pending again, due after a while; `false` when the lease was lost and nothing was written.
    /// What it `failed` of, and what that costs, is kept with the image until it has a result.
    fn release(
        &self,
        claim: &Claim,
        after: Duration,
        failed: Option<(&Failure, Charge)>,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Whose these known photos are, and how many each of these people has; a photo without a row is not in the answer.
    fn owners(
        &self,
        photos: &BTreeSet<&str>,
    ) -> impl Future<Output = Result<HashMap<String, Owner>, StoreError>> + Send;

    /// Gives photos that have none a row, and their people one where the name is new. Harmless when many do it at once.
    fn add_known_photos(
        &self,
        named: &[(&str, String)],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Takes the leases that ran out from some images: pending again and announced, or given up when they were lost too
    /// often. Nothing changed means that there are no more.
    fn end_leases(&self) -> impl Future<Output = Result<Swept, StoreError>> + Send;

    /// Begins the next round of some failed images whose time has come: pending again and announced. Nothing changed
    /// means that there are no more.
    fn begin_rounds(&self) -> impl Future<Output = Result<Swept, StoreError>> + Send;

    /// How many images a sweep would take the leases from, and for how many it would begin a round.
    fn sweepable(&self) -> impl Future<Output = Result<(u64, u64), StoreError>> + Send;

    /// The highest id there is.
    fn last_image(&self) -> impl Future<Output = Result<ImageId, StoreError>> + Send;

    /// What is left to do up to this id.
    fn remaining(&self, last: ImageId) -> impl Future<Output = Result<Remaining, StoreError>> + Send;
}
