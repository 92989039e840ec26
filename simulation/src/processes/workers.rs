//! The lives of a worker: messages, sweeps, the breaker's pings and the valve, wired as the service wires them.

use std::{sync::Arc, time::Duration};

use image_processor::{
    breaker::BreakerOptions,
    sources::Sources,
    workplace::{Rules, Workplace},
};
use tokio_util::sync::CancellationToken;

use super::Life;
use crate::{
    chance::Chance,
    line::Line,
    model_queue::ModelConsumer,
    model_recogniser::{CALL_TIMEOUT, ModelRecogniser},
    model_store::ModelStore,
    plan::{Actor, PlannedWorker},
    trace::Event,
    world::World,
};

/// By the database's clock, and nsqd's.
pub(crate) const LEASE: Duration = Duration::from_mins(1);

/// Leads one worker's lives until all processes are to stop.
pub async fn work(world: Arc<World>, place: usize, chance: Chance, all_stop: CancellationToken) {
    let planned = world.plan.workers[place].clone();
    for end in planned.ends.iter().copied().map(Some).chain([None]) {
        let life = begin(&world, Line::new(&world, Actor::Worker(place), &chance), &planned, &chance);
        life.lead(&world, end, &all_stop).await;
    }
}

fn begin(world: &Arc<World>, line: Line, planned: &PlannedWorker, chance: &Chance) -> Life {
    world.note(Event::Began(line.actor));
    // What the process measures by itself; the store and the queue have clocks of their own.
    let own_time = |time: Duration| time.mul_f64(planned.second);
    let usual = BreakerOptions::new(CALL_TIMEOUT / 2);
    let breaker = BreakerOptions {
        first_wait: own_time(usual.first_wait),
        longest_wait: own_time(usual.longest_wait),
        slow_call: own_time(usual.slow_call),
        ..usual
    };
    let rules = Rules { lease: own_time(LEASE), concurrency: planned.concurrency, breaker };
    let store = ModelStore::new(line.clone(), LEASE);
    let recogniser = ModelRecogniser::new(line.clone());
    let queue = ModelConsumer::subscribe(line.clone(), LEASE, planned.concurrency);
    let workplace = Workplace::wire(store, Sources::default(), recogniser, rules, chance.jitter());
    let stopping = CancellationToken::new();
    let told = stopping.clone();
    let task = tokio::spawn(async move { workplace.work(queue, &told).await });
    Life { line, stopping, task }
}
