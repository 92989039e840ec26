//! What the worker and the sweeper ask.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use image_processor::{
    decision::Owner,
    message::ImageId,
    recognizer::Failure,
    retry::{Charge, Fate},
    store::{Claim, Claimed, Finding, Remaining, Store, StoreError, Swept},
};

use super::ModelStore;
use crate::{
    checker::{Deed, call_of},
    tables::Tables,
};

impl Store for ModelStore {
    async fn claim(&self, id: ImageId) -> Result<Claimed, StoreError> {
        let lease = self.lease;
        Ok(self.run(Deed::Claim, move |tables, now| tables.claim(id, lease, now)).await?)
    }

    async fn claim_due(&self, last: ImageId) -> Result<Option<Claim>, StoreError> {
        let lease = self.lease;
        Ok(self.run(Deed::Claim, move |tables, now| tables.claim_due(last, lease, now)).await?)
    }

    async fn renew(&self, claim: &Claim) -> Result<bool, StoreError> {
        let (lease, claim) = (self.lease, claim.clone());
        Ok(self.run(Deed::renew(&claim), move |tables, now| tables.renew(&claim, lease, now)).await?)
    }

    async fn record(&self, claim: &Claim, finding: Finding) -> Result<bool, StoreError> {
        let claim = claim.clone();
        let deed = Deed::record(&claim, &finding);
        Ok(self.run(deed, move |tables, _| tables.record(&claim, &finding)).await?)
    }

    async fn fail(
        &self,
        claim: &Claim,
        failure: &Failure,
        fate: Fate,
        charge: Charge,
    ) -> Result<bool, StoreError> {
        let (claim, failure) = (claim.clone(), failure.clone());
        let given_up = matches!(fate, Fate::GivenUp | Fate::Lost);
        let deed = Deed::Fail { token: claim.token, call: call_of(&failure), charge, given_up };
        Ok(self.run(deed, move |tables, now| tables.fail(&claim, &failure, fate, charge, now)).await?)
    }

    async fn release(
        &self,
        claim: &Claim,
        after: Duration,
        failed: Option<(&Failure, Charge)>,
    ) -> Result<bool, StoreError> {
        let claim = claim.clone();
        let failed = failed.map(|(failure, charge)| (failure.clone(), charge));
        let charged = failed.as_ref().and_then(|(failure, charge)| Some((call_of(failure)?, *charge)));
        let deed = Deed::Release { token: claim.token, failed: charged };
        let release = move |tables: &mut Tables, now| {
            let failed = failed.as_ref().map(|(failure, charge)| (failure, *charge));
            tables.release(&claim, after, failed, now)
        };
        Ok(self.run(deed, release).await?)
    }

    async fn owners(&self, photos: &BTreeSet<&str>) -> Result<HashMap<String, Owner>, StoreError> {
        if photos.is_empty() {
            return Ok(HashMap::new());
        }
        let photos: Vec<String> = photos.iter().map(|photo| (*photo).to_owned()).collect();
        Ok(self.run(Deed::Read, move |tables, _| tables.owners(&photos)).await?)
    }

    async fn add_known_photos(&self, named: &[(&str, String)]) -> Result<(), StoreError> {
        let named: Vec<_> = named.iter().map(|(photo, name)| ((*photo).to_owned(), name.clone())).collect();
        Ok(self.run(Deed::People, move |tables, _| tables.add_known_photos(&named)).await?)
    }

    async fn end_leases(&self) -> Result<Swept, StoreError> {
        Ok(self.run(Deed::EndLeases, Tables::end_leases).await?)
    }

    async fn begin_rounds(&self) -> Result<Swept, StoreError> {
        Ok(self.run(Deed::BeginRounds, Tables::begin_rounds).await?)
    }

    async fn sweepable(&self) -> Result<(u64, u64), StoreError> {
        Ok(self.run(Deed::Read, |tables, now| tables.sweepable(now)).await?)
    }

    async fn last_image(&self) -> Result<ImageId, StoreError> {
        Ok(self.run(Deed::Read, |tables, _| tables.last_image()).await?)
    }

    async fn remaining(&self, last: ImageId) -> Result<Remaining, StoreError> {
        Ok(self.run(Deed::Read, move |tables, now| tables.remaining(last, now)).await?)
    }
}
