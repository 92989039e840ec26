//! Claims that were perhaps committed, and of which nobody heard: the connection broke, or it took too long. Whoever asked
//! for them works on nothing, so they are given back. Otherwise their leases would run out, and images would pay with
//! losses for a database that was away.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use migrations::ImageStatus;
use service_kit::statements::push_list;
use sqlx::{MySqlPool, QueryBuilder};

use crate::store::StoreError;

/// Groups that are remembered. Of more, the leases of the oldest run out.
const MOST: usize = 64;

/// What is to be given back; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Unheard {
    groups: Arc<Mutex<Vec<Group>>>,
}

/// Images that one transaction leased.
#[derive(Clone)]
struct Group {
    /// In `images.lease_owner`, and in no other group's.
    owner: String,
    ids: Vec<u64>,
}

/// A commit under way. Dropped, nobody heard of it.
pub(super) struct Committing<'a> {
    unheard: &'a Unheard,
    group: Option<Group>,
}

impl Unheard {
    /// To be called right before the commit of leases under this name, which no other transaction uses.
    pub(super) fn committing(&self, owner: String, ids: Vec<u64>) -> Committing<'_> {
        Committing { unheard: self, group: Some(Group { owner, ids }).filter(|group| !group.ids.is_empty()) }
    }

    /// Makes the images pending again that were leased all the same, and charges them nothing. A commit that is still under
    /// way has the rows locked, and is waited for.
    pub(super) async fn give_back(&self, pool: &MySqlPool) -> Result<(), StoreError> {
        while let Some(group) = self.oldest() {
            group.give_back(pool).await?;
            self.groups().retain(|other| other.owner != group.owner);
        }
        Ok(())
    }

    fn oldest(&self) -> Option<Group> {
        self.groups().first().cloned()
    }

    /// No holder of the lock leaves half a change behind.
    fn groups(&self) -> MutexGuard<'_, Vec<Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Group {
    async fn give_back(&self, pool: &MySqlPool) -> Result<(), StoreError> {
        let mut update = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
        update.push_bind(ImageStatus::Pending);
        update.push(", lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6) WHERE id IN ");
        push_list(&mut update, &self.ids);
        update.push(" AND status = ").push_bind(ImageStatus::Processing);
        update.push(" AND lease_owner = ").push_bind(&self.owner);
        let given_back = update.build().execute(pool).await?.rows_affected();
        if given_back > 0 {
            tracing::info!(images = given_back, "leases of which nobody heard were given back");
        }
        Ok(())
    }
}

impl Committing<'_> {
    /// The database said that it is done.
    pub(super) fn heard(mut self) {
        self.group = None;
    }
}

impl Drop for Committing<'_> {
    fn drop(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut groups = self.unheard.groups();
        if groups.len() == MOST {
            groups.remove(0);
        }
        groups.push(group);
    }
}
