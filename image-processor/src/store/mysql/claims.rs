//! Taking leases and keeping them.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    time::Duration,
};

use group_commit::Commit;
use migrations::ImageStatus;
use service_kit::statements::{BEGIN_READ_COMMITTED, push_list};
use sqlx::{FromRow, MySqlPool, QueryBuilder};

use super::{microseconds, unheard::Unheard, within};
use crate::{
    message::ImageId,
    retry::{History, MAX_LOSSES},
    store::{Claim, Claimed, StoreError},
};

/// Nobody looks at an image again sooner: no message may go in circles.
const SHORTEST_WAIT: Duration = Duration::from_millis(100);

/// Claims the images that workers ask for.
pub(super) struct Claiming {
    pool: MySqlPool,
    owner: String,
    lease: Duration,
    unheard: Unheard,
}

/// What decides about a claim, as it is after the UPDATE.
#[derive(FromRow)]
struct Row {
    id: u64,
    path: String,
    status: ImageStatus,
    attempts: u32,
    losses: u32,
    rounds: u32,
    lease_token: u64,
    ours: bool,
    /// In microseconds, until the lease or the waiting ends.
    wait: Option<i64>,
}

/// Tells the leases of one transaction from earlier ones of the same process.
pub(super) fn name_of_claim(owner: &str) -> String {
    let nonce = rand::random::<u32>();
    format!("{owner}:{nonce:08x}")
}

impl Claiming {
    pub(super) fn new(pool: MySqlPool, owner: String, lease: Duration, unheard: Unheard) -> Self {
        Self { pool, owner, lease, unheard }
    }

    /// In one transaction: whoever does not hear that an image is leased to it has no lease either.
    async fn claim_all(&self, ids: &BTreeSet<u64>) -> Result<HashMap<u64, Row>, StoreError> {
        let ids: Vec<u64> = ids.iter().copied().collect();
        let owner = name_of_claim(&self.owner);
        let mut update = QueryBuilder::new(
            "UPDATE images FORCE INDEX (PRIMARY)
             SET lease_token = lease_token + 1, lease_until = UTC_TIMESTAMP(6) + INTERVAL ",
        );
        update.push_bind(microseconds(self.lease)).push(" MICROSECOND, lease_owner = ").push_bind(&owner);
        // Assignments are done from left to right: the loss is counted from the status before the claim.
        update.push(", losses = losses + (status = ").push_bind(ImageStatus::Processing);
        update.push("), status = ").push_bind(ImageStatus::Processing);
        update.push(", updated_at = UTC_TIMESTAMP(6) WHERE id IN ");
        push_list(&mut update, &ids);
        update.push(" AND (status = ").push_bind(ImageStatus::Pending);
        update
            .push(" AND next_attempt_at <= UTC_TIMESTAMP(6) OR status = ")
            .push_bind(ImageStatus::Processing);
        // One more loss would be the last: that is for the sweeper.
        update.push(" AND lease_until <= UTC_TIMESTAMP(6) AND losses < ").push_bind(MAX_LOSSES - 1).push(")");
        // The images of the group that cannot be claimed are not locked, and no gaps beside ids that do not exist.
        let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
        update.build().execute(&mut *transaction).await?;

        let mut select = QueryBuilder::new(
            "SELECT id, path, status, attempts, losses, rounds, lease_token, lease_owner <=> ",
        );
        select.push_bind(&owner).push(" AS ours, TIMESTAMPDIFF(MICROSECOND, UTC_TIMESTAMP(6), IF(status = ");
        select.push_bind(ImageStatus::Processing);
        select.push(", lease_until, next_attempt_at)) AS wait FROM images WHERE id IN ");
        push_list(&mut select, &ids);
        let rows: Vec<Row> = select.build_query_as().fetch_all(&mut *transaction).await?;
        let leased = rows.iter().filter(|row| row.ours).map(|row| row.id).collect();
        let committing = self.unheard.committing(owner, leased);
        transaction.commit().await?;
        committing.heard();
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }
}

impl Commit for Claiming {
    type Request = ImageId;
    type Outcome = Claimed;
    type Error = StoreError;

    async fn commit(&self, group: &[ImageId]) -> Result<Vec<Claimed>, StoreError> {
        if let Err(error) = within(self.unheard.give_back(&self.pool)).await {
            tracing::debug!(%error, "leases of which nobody heard are not given back yet");
        }
        let rows = within(self.claim_all(&group.iter().map(|id| id.0).collect())).await?;
        // Copies of one message may be in one group: the first has the lease.
        let mut claimed = HashSet::new();
        Ok(group
            .iter()
            .map(|id| rows.get(&id.0).map_or(Claimed::Unknown, |row| row.claimed(claimed.insert(id.0))))
            .collect())
    }

    fn spoiled_by_one(error: &StoreError) -> bool {
        error.fault().may_be_of_one_request()
    }
}

impl Row {
    fn claimed(&self, first: bool) -> Claimed {
        match self.status {
            ImageStatus::Processing if self.ours && first => Claimed::Yes(Claim {
                id: ImageId(self.id),
                path: self.path.clone(),
                history: History { attempts: self.attempts, losses: self.losses, rounds: self.rounds },
                token: self.lease_token,
            }),
            ImageStatus::Pending | ImageStatus::Processing => {
                let wait =
                    Duration::from_micros(self.wait.and_then(|wait| wait.try_into().ok()).unwrap_or(0));
                Claimed::NotYet(wait.max(SHORTEST_WAIT))
            }
            ImageStatus::Processed | ImageStatus::Failed | ImageStatus::Unresolved => Claimed::NothingToDo,
        }
    }
}

pub(super) async fn renew(pool: &MySqlPool, claim: &Claim, lease: Duration) -> Result<bool, StoreError> {
    let renewed = sqlx::query(
        "UPDATE images FORCE INDEX (PRIMARY) SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND
         WHERE id = ? AND status = ? AND lease_token = ?",
    )
    .bind(microseconds(lease))
    .bind(claim.id.0)
    .bind(ImageStatus::Processing)
    .bind(claim.token)
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() == 1)
}
