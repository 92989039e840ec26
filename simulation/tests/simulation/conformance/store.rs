//! The database: one history of requests, drawn from a seed, is told by the model and by a real MariaDB in the same words,
//! answer by answer and row by row.

mod history;
mod model;
mod real;

use std::{collections::BTreeSet, time::Duration};

use image_processor::store::Store;
use receiver::{posting::Accept, relay::Outbox};
use rollcall_tests::mariadb::ScratchDatabase;

use self::{history::History, model::ModelDatabase, real::RealDatabase};

/// Times of a history are multiples of this, so that the time that a real database takes makes no difference.
const STEP: Duration = Duration::from_mins(20);
/// How long leases last.
const LEASE: Duration = STEP.saturating_mul(2);
const STEPS: usize = 250;

/// A database that a history happens to.
trait Database {
    type Store: Store;
    type Receiver: Accept + Outbox;

    fn store(&self) -> &Self::Store;

    fn receiver(&self) -> &Self::Receiver;

    /// Lets time pass.
    async fn advance(&self, time: Duration) -> anyhow::Result<()>;

    /// All images in the order of their ids: each with its id, and in words.
    async fn images(&self) -> anyhow::Result<Vec<(u64, String)>>;

    /// All messages in the order of their ids: each with its id, and in words.
    async fn messages(&self) -> anyhow::Result<Vec<(u64, String)>>;

    /// All faces in the order of their images, in words.
    async fn faces(&self) -> anyhow::Result<Vec<String>>;
}

/// A time from now on in steps, whichever part of one is over.
fn steps(seconds: i64) -> i64 {
    let step = i64::try_from(STEP.as_secs()).expect("20 minutes are few seconds");
    (seconds + step / 2).div_euclid(step)
}

async fn tell(database: &impl Database, seed: u64) -> anyhow::Result<Vec<String>> {
    let mut history = History::begin(database, seed).await?;
    for _ in 0..STEPS {
        history.go_on().await?;
    }
    Ok(history.told)
}

fn told_by_model(seed: u64) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    runtime.block_on(async { tell(&ModelDatabase::new(), seed).await })
}

/// A history in which nothing happens would prove nothing.
#[test]
fn histories_meet_every_kind_of_answer() -> anyhow::Result<()> {
    let mut told = BTreeSet::new();
    for seed in 0..3 {
        told.extend(told_by_model(seed)?);
    }

    for answer in [
        "claim: yes",
        "claim: not yet",
        "claim: nothing to do",
        "claim due: yes",
        "renew: true",
        "renew: false",
        "record: true",
        "record: false",
        "fail: true",
        "fail: false",
        "release: true",
        "release: false",
        "end leases: Swept { put_back: 1",
        "begin rounds: Swept { put_back: 1",
        "lease messages: 1",
        "overdue: 1",
        "prune",
        "Failed",
        "images.dead",
    ] {
        assert!(told.iter().any(|line| line.contains(answer)), "{answer:?} is not met");
    }
    Ok(())
}

#[tokio::test]
async fn the_model_and_mariadb_tell_the_same_history() -> anyhow::Result<()> {
    for seed in 0..3 {
        let database = RealDatabase::on(ScratchDatabase::start().await?);

        let real = tell(&database, seed).await?;

        let model = std::thread::spawn(move || told_by_model(seed)).join().expect("it does not panic")?;
        for (number, (model, real)) in model.iter().zip(&real).enumerate() {
            assert_eq!(model, real, "seed {seed}, line {number}");
        }
        assert_eq!(model.len(), real.len());
    }
    Ok(())
}
