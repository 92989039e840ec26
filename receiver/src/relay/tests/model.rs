//! An outbox in memory and a queue that does what it is told. Their clock is tokio's, which tests may pause.

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use bytes::Bytes;
use nsq_client::{PublishError, Topic};
use service_kit::jitter::Jitter;
use tokio::time::Instant;

use crate::relay::{Backlog, Leased, Outbox, Overdue, OverduePage, Queue, Relay};

/// A row of the outbox.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) topic: String,
    pub(super) body: Bytes,
    pub(super) due: Instant,
    pub(super) leased_until: Option<Instant>,
    pub(super) published: bool,
    pub(super) publishes: u32,
}

#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) rows: BTreeMap<u64, Row>,
    /// Images that wait too long, in their order.
    pub(super) overdue: Vec<Overdue>,
    /// Images that were announced again.
    pub(super) again: Vec<u64>,
    /// Where each page of overdue images began.
    pub(super) pages: Vec<usize>,
    /// While set, the next mark of a published message is lost: the process died before it.
    pub(super) dies_before_marking: bool,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ModelOutbox(Arc<Mutex<Tables>>);

impl ModelOutbox {
    pub(super) fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().expect("no test panics with the lock")
    }

    /// Puts a message in that is due now.
    pub(super) fn insert(&self, id: u64, topic: &str, body: &str) {
        let row = Row {
            topic: topic.to_owned(),
            body: Bytes::copy_from_slice(body.as_bytes()),
            due: Instant::now(),
            leased_until: None,
            published: false,
            publishes: 0,
        };
        self.tables().rows.insert(id, row);
    }

    pub(super) fn published(&self) -> Vec<u64> {
        self.tables().rows.iter().filter(|(_, row)| row.published).map(|(id, _)| *id).collect()
    }
}

impl Outbox for ModelOutbox {
    type Error = Infallible;
    type Place = usize;

    async fn lease(&self, most: usize, lease: Duration) -> Result<Vec<Leased>, Infallible> {
        let now = Instant::now();
        let mut tables = self.tables();
        let mut due: Vec<_> = tables
            .rows
            .iter_mut()
            .filter(|(_, row)| {
                !row.published && row.due <= now && row.leased_until.is_none_or(|end| end <= now)
            })
            .collect();
        due.sort_by_key(|(_, row)| row.due);
        due.truncate(most);
        let lease = |(id, row): (&u64, &mut Row)| {
            row.leased_until = Some(now + lease);
            Leased { id: *id, topic: row.topic.clone(), body: row.body.clone(), publishes: row.publishes }
        };
        Ok(due.into_iter().map(lease).collect())
    }

    async fn mark_published(&self, ids: &[u64]) -> Result<(), Infallible> {
        let mut tables = self.tables();
        if std::mem::take(&mut tables.dies_before_marking) {
            return Ok(());
        }
        for id in ids {
            let row = tables.rows.get_mut(id).expect("a row that was leased");
            row.published = true;
            row.publishes += 1;
        }
        Ok(())
    }

    async fn release(&self, ids: &[u64]) -> Result<(), Infallible> {
        for id in ids {
            self.tables().rows.get_mut(id).expect("a row that was leased").leased_until = None;
        }
        Ok(())
    }

    async fn put_aside(&self, id: u64, delay: Duration) -> Result<(), Infallible> {
        let mut tables = self.tables();
        let row = tables.rows.get_mut(&id).expect("a row that was leased");
        (row.leased_until, row.due) = (None, Instant::now() + delay);
        row.publishes += 1;
        Ok(())
    }

    async fn overdue(
        &self,
        after: Option<&usize>,
        _since: Duration,
        most: usize,
    ) -> Result<OverduePage<usize>, Infallible> {
        let mut tables = self.tables();
        let begin = after.copied().unwrap_or(0);
        tables.pages.push(begin);
        let images: Vec<Overdue> = tables.overdue.iter().skip(begin).take(most).cloned().collect();
        let next = (images.len() == most).then_some(begin + most);
        Ok(OverduePage { images, next })
    }

    async fn announce_again(&self, images: &[Overdue]) -> Result<(), Infallible> {
        self.tables().again.extend(images.iter().map(|image| image.image_id));
        Ok(())
    }

    async fn prune(&self, _age: Duration) -> Result<bool, Infallible> {
        Ok(true)
    }

    async fn backlog(&self) -> Result<Backlog, Infallible> {
        Ok(Backlog::default())
    }
}

/// What the queue says to one publish.
type Verdict = Result<(), PublishError>;

#[derive(Debug, Default)]
struct Script {
    /// Each answers one publish; after the last, everything is taken.
    verdicts: VecDeque<Verdict>,
    /// Bodies that are never taken.
    poison: Vec<&'static str>,
    /// What was taken, by topic.
    taken: Vec<(String, Bytes)>,
    publishes: usize,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ScriptedQueue(Arc<Mutex<Script>>);

impl ScriptedQueue {
    pub(super) fn answering(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let verdicts = verdicts.into_iter().collect();
        Self(Arc::new(Mutex::new(Script { verdicts, ..Script::default() })))
    }

    pub(super) fn refusing(poison: &[&'static str]) -> Self {
        Self(Arc::new(Mutex::new(Script { poison: poison.to_vec(), ..Script::default() })))
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().expect("no test panics with the lock")
    }

    pub(super) fn taken(&self) -> Vec<String> {
        let script = self.script();
        script
            .taken
            .iter()
            .map(|(topic, body)| format!("{topic} {}", String::from_utf8_lossy(body)))
            .collect()
    }

    pub(super) fn publishes(&self) -> usize {
        self.script().publishes
    }
}

pub(super) fn rejected() -> Verdict {
    Err(PublishError::Rejected { code: "E_BAD_MESSAGE".to_owned(), description: "poison".to_owned() })
}

impl Queue for ScriptedQueue {
    async fn publish_many(&self, topic: &Topic, bodies: Vec<Bytes>) -> Result<(), PublishError> {
        let mut script = self.script();
        script.publishes += 1;
        script.verdicts.pop_front().unwrap_or(Ok(()))?;
        if bodies.iter().any(|body| script.poison.iter().any(|poison| body == poison)) {
            return rejected();
        }
        script.taken.extend(bodies.into_iter().map(|body| (topic.to_string(), body)));
        Ok(())
    }
}

pub(super) fn relay(outbox: &ModelOutbox, queue: &ScriptedQueue) -> Relay<ModelOutbox, ScriptedQueue> {
    Relay::new(outbox.clone(), queue.clone(), Jitter::of(|| 0.0))
}
