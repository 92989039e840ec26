//! What posts, the publisher and the relay ask.

use std::time::Duration;

use receiver::{
    posting::Accept,
    relay::{Backlog, Leased, Outbox, Overdue, OverduePage},
    store::{Committed, Post, StoreError},
};

use super::ModelStore;
use crate::{checker::Deed, tables::Place};

impl Accept for ModelStore {
    async fn accept_all(&self, posts: &[Post]) -> Result<Committed, StoreError> {
        let posts = posts.to_vec();
        Ok(self.run(Deed::Post, move |tables, now| tables.accept(&posts, now)).await?)
    }
}

impl Outbox for ModelStore {
    type Error = StoreError;
    type Place = Place;

    async fn lease(&self, most: usize, lease: Duration) -> Result<Vec<Leased>, StoreError> {
        Ok(self.run(Deed::Outbox, move |tables, now| tables.lease_messages(most, lease, now)).await?)
    }

    async fn mark_published(&self, ids: &[u64]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.to_vec();
        Ok(self.run(Deed::MarkPublished, move |tables, now| tables.mark_published(&ids, now)).await?)
    }

    async fn release(&self, ids: &[u64]) -> Result<(), StoreError> {
        let ids = ids.to_vec();
        Ok(self.run(Deed::Outbox, move |tables, _| tables.release_messages(&ids)).await?)
    }

    async fn put_aside(&self, id: u64, delay: Duration) -> Result<(), StoreError> {
        Ok(self.run(Deed::Outbox, move |tables, now| tables.put_aside(id, delay, now)).await?)
    }

    async fn overdue(
        &self,
        after: Option<&Place>,
        since: Duration,
        most: usize,
    ) -> Result<OverduePage<Place>, StoreError> {
        let after = after.copied();
        Ok(self.run(Deed::Read, move |tables, now| tables.overdue(after, since, most, now)).await?)
    }

    async fn announce_again(&self, images: &[Overdue]) -> Result<(), StoreError> {
        let images = images.to_vec();
        Ok(self.run(Deed::Outbox, move |tables, now| tables.announce_again(&images, now)).await?)
    }

    async fn prune(&self, age: Duration) -> Result<bool, StoreError> {
        Ok(self.run(Deed::Outbox, move |tables, now| tables.prune(age, now)).await?)
    }

    async fn backlog(&self) -> Result<Backlog, StoreError> {
        Ok(self.run(Deed::Read, |tables, now| tables.backlog(now)).await?)
    }
}
