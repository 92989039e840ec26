//! Results: the image and its faces, as a whole or not at all, for the claims of a group in one transaction.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use group_commit::Commit;
use identification::Thresholds;
use migrations::{ImageStatus, UnresolvedReason};
use service_kit::{
    database::DatabaseFault,
    statements::{BEGIN_READ_COMMITTED, push_list},
};
use sqlx::{MySql, MySqlPool, QueryBuilder, Transaction};

use super::{
    faces,
    overtaken::{self, Named},
    succession::{self, Succession},
    within,
};
use crate::{
    decision::{Candidate, ImageDecision, PersonId, stored_decision},
    recognizer::Size,
    store::{Claim, Finding, StoreError},
};

/// Records the results that workers bring.
pub(super) struct Recording {
    pub(super) pool: MySqlPool,
}

/// What a row of `images` becomes. Many images of a group become the same: the pictures of a stream have few sizes.
#[derive(PartialEq, Eq, Hash)]
struct Row<'a> {
    status: ImageStatus,
    person: Option<u64>,
    reason: Option<UnresolvedReason>,
    model_id: Option<&'a str>,
    gallery_revision: Option<&'a str>,
    size: Option<Size>,
    /// The bits of [`Thresholds`]: numbers of this kind have no order of their own.
    thresholds: Option<[u32; 3]>,
}

impl<'a> Row<'a> {
    fn of(finding: &'a Finding, decision: ImageDecision) -> Self {
        let (status, person, reason) = stored_decision(decision);
        let person = person.map(|person| person.0);
        let (model_id, gallery_revision) = (finding.model_id.as_deref(), finding.gallery_revision.as_deref());
        let bits = |Thresholds { accept, unknown, margin }| [accept, unknown, margin].map(f32::to_bits);
        let (size, thresholds) = (finding.size, finding.thresholds.map(bits));
        Self { status, person, reason, model_id, gallery_revision, size, thresholds }
    }
}

impl Recording {
    /// Says for each claim whether it was still held and its result is written.
    async fn record_all(&self, group: &[(Claim, Finding)]) -> Result<Vec<bool>, StoreError> {
        let mut transaction = self.pool.begin_with(BEGIN_READ_COMMITTED).await?;
        let tokens = lock_held(&mut transaction, group).await?;
        let is_held = |claim: &Claim| tokens.get(&claim.id.0) == Some(&claim.token);
        let held: Vec<&(Claim, Finding)> = group.iter().filter(|(claim, _)| is_held(claim)).collect();
        if held.is_empty() {
            return Ok(vec![false; group.len()]);
        }
        let images: Vec<u64> = held.iter().map(|(claim, _)| claim.id.0).collect();
        let people: BTreeSet<PersonId> = held.iter().flat_map(|(_, finding)| finding.people()).collect();
        let gone = overtaken::gone(&mut transaction, people).await?;
        let findings: Vec<(u64, Cow<Finding>)> = held
            .into_iter()
            .map(|(claim, finding)| {
                let stays = gone.is_empty() || gone.is_disjoint(&finding.people());
                let finding = if stays { Cow::Borrowed(finding) } else { Cow::Owned(finding.without(&gone)) };
                (claim.id.0, finding)
            })
            .collect();
        let mut earlier = succession::earlier_faces(&mut transaction, &images).await?;
        let successions: Vec<(u64, &Finding, Succession)> = findings
            .iter()
            .map(|(image, finding)| {
                let earlier = earlier.remove(image).unwrap_or_default();
                (*image, &**finding, Succession::new(finding, earlier))
            })
            .collect();
        let mut results: HashMap<Row, Vec<u64>> = HashMap::new();
        for (image, finding, succession) in &successions {
            results.entry(Row::of(finding, succession.decision)).or_default().push(*image);
        }
        for (result, ids) in &results {
            result.write(&mut transaction, ids).await?;
        }
        faces::write(&mut transaction, &successions).await?;
        let named: Vec<Named> =
            successions.iter().flat_map(|(image, _, succession)| named(*image, succession)).collect();
        overtaken::wish_again(&mut transaction, &named).await?;
        transaction.commit().await?;
        Ok(group.iter().map(|(claim, _)| is_held(claim)).collect())
    }
}

/// Whom the rows of an image name. Whom a person named is left out: whoever merges them sees that word.
fn named<'a>(image: u64, succession: &'a Succession<'_>) -> impl Iterator<Item = Named<'a>> {
    let decisions =
        succession.found_again.iter().map(|(_, face)| face).chain(&succession.new).map(|face| &face.decision);
    let of_faces = decisions
        .flat_map(|decision| decision.best.iter().chain(&decision.runner_up))
        .map(|Candidate { person, photo, .. }| (*person, Some((photo.as_str(), *person))));
    // A recogniser that tells nothing of faces names the image alone.
    let of_image = match succession.decision {
        ImageDecision::Identified(person) => Some((person, None)),
        ImageDecision::Unresolved(_) => None,
    };
    of_faces.chain(of_image).map(move |(person, photo)| Named { image, person, photo })
}

/// The fencing tokens of those images of the group that are leased, by id. The rows stay locked until the transaction
/// ends: whoever is not among them lost its lease, and whoever is cannot lose it meanwhile.
async fn lock_held(
    transaction: &mut Transaction<'_, MySql>,
    group: &[(Claim, Finding)],
) -> Result<HashMap<u64, u64>, StoreError> {
    let ids: Vec<u64> = group.iter().map(|(claim, _)| claim.id.0).collect();
    let mut select =
        QueryBuilder::new("SELECT id, lease_token FROM images FORCE INDEX (PRIMARY) WHERE id IN ");
    push_list(&mut select, &ids);
    select.push(" AND status = ").push_bind(ImageStatus::Processing).push(" FOR UPDATE");
    let rows: Vec<(u64, u64)> = select.build_query_as().fetch_all(&mut **transaction).await?;
    Ok(rows.into_iter().collect())
}

impl Row<'_> {
    async fn write(&self, transaction: &mut Transaction<'_, MySql>, ids: &[u64]) -> Result<(), StoreError> {
        let mut update = QueryBuilder::new("UPDATE images FORCE INDEX (PRIMARY) SET status = ");
        update.push_bind(self.status);
        update.push(", person = ").push_bind(self.person);
        update.push(", reason = ").push_bind(self.reason);
        update.push(", model_id = ").push_bind(self.model_id);
        update.push(", gallery_revision = ").push_bind(self.gallery_revision);
        update.push(", width = ").push_bind(self.size.map(|size| size.width));
        update.push(", height = ").push_bind(self.size.map(|size| size.height));
        for (column, place) in [(", accept_below = ", 0), (", unknown_from = ", 1), (", margin = ", 2)] {
            update.push(column).push_bind(self.thresholds.map(|bits| f32::from_bits(bits[place])));
        }
        update.push(
            ", error_code = NULL, error_detail = NULL, retryable = FALSE, losses = 0,
               lease_owner = NULL, lease_until = NULL, updated_at = UTC_TIMESTAMP(6)
             WHERE id IN ",
        );
        push_list(&mut update, ids);
        update.push(" AND status = ").push_bind(ImageStatus::Processing);
        update.build().execute(&mut **transaction).await?;
        Ok(())
    }
}

impl Commit for Recording {
    type Request = (Claim, Finding);
    type Outcome = bool;
    type Error = StoreError;

    async fn commit(&self, group: &[(Claim, Finding)]) -> Result<Vec<bool>, StoreError> {
        match within(self.record_all(group)).await {
            // Somebody may have been deleted between the look at the people and the writing: the next look sees that.
            Err(error) if group.len() == 1 && error.fault() == DatabaseFault::Permanent => {
                within(self.record_all(group)).await
            }
            recorded => recorded,
        }
    }

    fn spoiled_by_one(error: &StoreError) -> bool {
        error.fault().may_be_of_one_request()
    }
}
