//! [`MySqlStore`]: the store in MySQL or MariaDB. Claims, results and questions for owners of many tasks go to the
//! database in groups.
//!
//! An image is found by its id alone (`FORCE INDEX (PRIMARY)`): an index on the status, which MariaDB prefers while few
//! images have that status, would lock the images of other workers too, up to a deadlock.

mod claims;
mod drain;
mod duties;
mod endings;
mod faces;
mod galleries;
mod groups;
mod outbox;
mod overtaken;
mod owners;
mod redeciding;
mod redecisions;
mod redrive;
mod results;
mod stored;
mod succession;
mod sweeps;
mod unheard;

use std::{
    collections::{BTreeSet, HashMap},
    num::NonZeroUsize,
    time::Duration,
};

use group_commit::{Commit, Ended, Group};
use sqlx::MySqlPool;
use tokio::{task::JoinSet, time::timeout};

use self::{claims::Claiming, owners::Asking, results::Recording, unheard::Unheard};
pub(crate) use self::{
    groups::{Embedding, Likeness, Ungrouped},
    redeciding::Redecisions,
    redrive::{AT_ONCE as REDRIVEN_AT_ONCE, DeadPage, PutBack},
};
use super::{Claim, Claimed, Finding, Remaining, STATEMENT_TIMEOUT, Store, StoreError, Swept};
use crate::{
    decision::Owner,
    message::ImageId,
    recognizer::Failure,
    retry::{Charge, Fate},
};

/// Requests of one group at most: a transaction stays short.
const GROUP: NonZeroUsize = NonZeroUsize::new(64).expect("64 is not 0");

/// The store in MySQL or MariaDB.
#[derive(Clone)]
pub struct MySqlStore {
    pool: MySqlPool,
    owner: String,
    lease: Duration,
    claims: Group<Claiming>,
    results: Group<Recording>,
    owners: Group<Asking>,
    unheard: Unheard,
}

impl MySqlStore {
    /// `owner` names this process in the leases that it takes; each lasts for `lease`. The tasks that commit run until
    /// every clone of the store is gone; they are then to be joined.
    #[must_use]
    pub fn start(pool: MySqlPool, owner: String, lease: Duration) -> (Self, JoinSet<()>) {
        let (mut tasks, unheard) = (JoinSet::new(), Unheard::default());
        let claims = start(&mut tasks, Claiming::new(pool.clone(), owner.clone(), lease, unheard.clone()));
        let results = start(&mut tasks, Recording { pool: pool.clone() });
        let owners = start(&mut tasks, Asking { pool: pool.clone() });
        (Self { pool, owner, lease, claims, results, owners, unheard }, tasks)
    }
}

fn start<C: Commit>(tasks: &mut JoinSet<()>, commit: C) -> Group<C> {
    let (group, committing) = Group::new(commit, GROUP);
    tasks.spawn(committing);
    group
}

impl Store for MySqlStore {
    async fn claim(&self, id: ImageId) -> Result<Claimed, StoreError> {
        submit(&self.claims, id).await
    }

    async fn claim_due(&self, last: ImageId) -> Result<Option<Claim>, StoreError> {
        within(drain::claim_due(&self.pool, last, &self.owner, self.lease, &self.unheard)).await
    }

    async fn renew(&self, claim: &Claim) -> Result<bool, StoreError> {
        within(claims::renew(&self.pool, claim, self.lease)).await
    }

    async fn record(&self, claim: &Claim, finding: Finding) -> Result<bool, StoreError> {
        submit(&self.results, (claim.clone(), finding)).await
    }

    async fn fail(
        &self,
        claim: &Claim,
        failure: &Failure,
        fate: Fate,
        charge: Charge,
    ) -> Result<bool, StoreError> {
        within(endings::fail(&self.pool, claim, failure, fate, charge)).await
    }

    async fn release(
        &self,
        claim: &Claim,
        after: Duration,
        failed: Option<(&Failure, Charge)>,
    ) -> Result<bool, StoreError> {
        within(endings::release(&self.pool, claim, after, failed)).await
    }

    async fn owners(&self, photos: &BTreeSet<&str>) -> Result<HashMap<String, Owner>, StoreError> {
        if photos.is_empty() {
            return Ok(HashMap::new());
        }
        submit(&self.owners, photos.iter().map(|photo| (*photo).to_owned()).collect()).await
    }

    async fn add_known_photos(&self, named: &[(&str, String)]) -> Result<(), StoreError> {
        for (photo, name) in named {
            within(owners::add_known_photo(&self.pool, photo, name)).await?;
        }
        Ok(())
    }

    async fn end_leases(&self) -> Result<Swept, StoreError> {
        within(async {
            // Before their leases run out, which would be losses.
            self.unheard.give_back(&self.pool).await?;
            sweeps::end_leases(&self.pool).await
        })
        .await
    }

    async fn begin_rounds(&self) -> Result<Swept, StoreError> {
        within(sweeps::begin_rounds(&self.pool)).await
    }

    async fn sweepable(&self) -> Result<(u64, u64), StoreError> {
        within(sweeps::count(&self.pool)).await
    }

    async fn last_image(&self) -> Result<ImageId, StoreError> {
        within(drain::last_image(&self.pool)).await
    }

    async fn remaining(&self, last: ImageId) -> Result<Remaining, StoreError> {
        within(drain::remaining(&self.pool, last)).await
    }
}

async fn submit<C: Commit<Error = StoreError>>(
    group: &Group<C>,
    request: C::Request,
) -> Result<C::Outcome, StoreError> {
    group.submit(request).await.unwrap_or_else(|Ended| Err(StoreError::Closed))
}

async fn within<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(STATEMENT_TIMEOUT, work).await.unwrap_or(Err(StoreError::TimedOut))
}

/// What MySQL's `INTERVAL ? MICROSECOND` takes.
fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
