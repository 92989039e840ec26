//! The model, told in words.

use std::{sync::Arc, time::Duration};

use image_processor::message::DeadLetter;
use simulation::{
    chance::Chance,
    line::Line,
    model_store::ModelStore,
    plan::{Actor, Plan},
    tables::{OutboxRow, Time},
    world::World,
};
use tokio::time::advance;

use super::{Database, LEASE, steps};

pub(super) struct ModelDatabase {
    world: Arc<World>,
    store: ModelStore,
}

impl ModelDatabase {
    pub(super) fn new() -> Self {
        let world = World::new(Plan::nothing(), None);
        let line = Line::new(&world, Actor::Worker(0), &Chance::of(0));
        Self { store: ModelStore::new(line, LEASE), world }
    }

    fn steps_to(&self, time: Option<Time>) -> Option<i64> {
        let seconds = |time: Time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 2);
        time.map(|time| steps(seconds(time) - seconds(self.world.now())))
    }

    fn words(&self, row: &OutboxRow) -> String {
        format!(
            "message {} due {:?} leased {:?} published {:?} {}",
            row.topic,
            self.steps_to(Some(row.due_at)),
            self.steps_to(row.leased_until),
            self.steps_to(row.published_at),
            row.publishes
        )
    }
}

impl Database for ModelDatabase {
    type Store = ModelStore;
    type Receiver = ModelStore;

    fn store(&self) -> &ModelStore {
        &self.store
    }

    fn receiver(&self) -> &ModelStore {
        &self.store
    }

    async fn advance(&self, time: Duration) -> anyhow::Result<()> {
        advance(time).await;
        Ok(())
    }

    async fn images(&self) -> anyhow::Result<Vec<(u64, String)>> {
        // Two requests never come at the very same time.
        advance(Duration::from_millis(1)).await;
        let state = self.world.state();
        let images = state.tables.images().iter().map(|(id, row)| {
            let person = row.person.and_then(|person| state.tables.name_of(person));
            let words = format!(
                "{} {:?} {person:?} {:?} {:?} {} {} {} {} {} leased {:?} next {:?} {:?} {:?}",
                row.path,
                row.status,
                row.reason,
                row.error_code,
                row.retryable,
                row.attempts,
                row.losses,
                row.rounds,
                row.lease_token,
                self.steps_to(row.lease_until),
                self.steps_to(row.next_attempt_at),
                row.model_id,
                row.gallery_revision
            );
            (*id, words)
        });
        Ok(images.collect())
    }

    async fn messages(&self) -> anyhow::Result<Vec<(u64, String)>> {
        let state = self.world.state();
        let mut messages = Vec::new();
        for (id, row) in state.tables.outbox() {
            if row.topic == DeadLetter::TOPIC {
                let letter: serde_json::Value = serde_json::from_slice(&row.body)?;
                messages.push((*id, format!("{} of {}", self.words(row), letter["path"])));
            } else {
                let image = u64::from_le_bytes(row.body[..8].try_into()?);
                messages
                    .push((*id, format!("{} of {:?}", self.words(row), state.tables.images()[&image].path)));
            }
        }
        Ok(messages)
    }

    async fn faces(&self) -> anyhow::Result<Vec<String>> {
        let state = self.world.state();
        let mut faces = Vec::new();
        for (id, row) in state.tables.images() {
            for face in state.tables.faces(*id) {
                let person = face.person.and_then(|person| state.tables.name_of(person));
                faces.push(format!("{} {:?} {person:?} {:?}", row.path, face.outcome, face.matched_photo));
            }
        }
        Ok(faces)
    }
}
