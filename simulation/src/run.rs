//! One simulation, from its beginning until all is quiet, or until something is wrong. To be run where tokio's clock is
//! paused and one thread does everything: then the seed decides all of it.

use std::{fmt, sync::Arc, time::Duration};

use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    chance::Chance,
    flaw::Flaw,
    plan::Plan,
    processes::{Clients, receive, work},
    tables::Time,
    trace::{Event, Trace},
    world::World,
};

/// Between two looks at whether all is quiet.
const LOOK: Duration = Duration::from_secs(5);
/// Everything has its result this long after the last trouble. A picture that fails every time has its last round 31
/// minutes after its first, and a message that was lost is announced again an hour later at the latest.
const PATIENCE: Duration = Duration::from_hours(4);
/// How long nothing happens any more.
const SILENCE: Duration = Duration::from_mins(10);
/// How often something may happen when everything had its result: a post that a receiver still holds begins an image anew,
/// long after its client has asked another one.
const LATE_POSTS: u32 = 5;

/// What a simulation came to.
#[derive(Debug)]
pub struct Run {
    /// That it followed.
    pub plan: Plan,
    /// What happened.
    pub trace: Trace,
    /// What was wrong, if something was.
    pub violation: Option<String>,
    /// When it ended.
    pub ended: Time,
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, trace, violation, .. } = self;
        writeln!(formatter, "{plan:#?}\n\n{trace}")?;
        match violation {
            Some(violation) => writeln!(formatter, "seed {}: {violation}", plan.seed),
            None => writeln!(formatter, "seed {}: all is well", plan.seed),
        }
    }
}

/// Runs one plan, with a flaw that is to be noticed if there is one.
pub async fn run(plan: Plan, flaw: Option<Flaw>) -> Run {
    let chance = Chance::of(!plan.seed);
    let world = World::new(plan, flaw);
    let all_stop = CancellationToken::new();
    let (mut processes, mut others) = (JoinSet::new(), JoinSet::new());
    let clients = Clients::new(world.plan.receivers.len());
    for place in 0..world.plan.receivers.len() {
        let (world, clients, stop) = (Arc::clone(&world), clients.clone(), all_stop.clone());
        processes.spawn(receive(world, place, clients, chance.fork(), stop));
    }
    for place in 0..world.plan.workers.len() {
        processes.spawn(work(Arc::clone(&world), place, chance.fork(), all_stop.clone()));
    }
    for picture in 0..world.plan.pictures.len() {
        others.spawn(clients.clone().post(Arc::clone(&world), picture, chance.fork()));
    }
    others.spawn(wipe(Arc::clone(&world)));
    if wait_for_quiet(&world).await {
        all_stop.cancel();
        while processes.join_next().await.is_some() {}
        let mut state = world.state();
        let state = &mut *state;
        state.checker.check_end(&world.plan, &state.tables);
    }
    let ended = world.now();
    let mut state = world.state();
    Run {
        plan: world.plan.clone(),
        trace: std::mem::take(&mut state.trace),
        violation: state.checker.violation().map(str::to_owned),
        ended,
    }
}

/// Whether all became quiet; if not, something is wrong, or never ends.
async fn wait_for_quiet(world: &Arc<World>) -> bool {
    sleep_until(world.instant(world.plan.calm)).await;
    let (mut silent_since, mut broken) = (None::<(Time, (u64, usize))>, 0);
    loop {
        let now = world.now();
        {
            let mut state = world.state();
            let state = &mut *state;
            if state.checker.violation().is_some() {
                return false;
            }
            let activity = state.checker.activity();
            let settled = state.checker.is_settled(&world.plan, &state.tables)
                && state.broker.is_empty()
                && world.late.is_empty();
            match silent_since {
                Some((_, before)) if before != activity => {
                    (silent_since, broken) = (None, broken + 1);
                    if broken > LATE_POSTS {
                        let violation = "something happens again and again when all has its result";
                        state.checker.accuse(violation.to_owned());
                    }
                }
                Some((since, _)) if now >= since + SILENCE => return true,
                None if settled => silent_since = Some((now, activity)),
                None if now > world.plan.calm + PATIENCE => {
                    let left = state.tables.images().iter().find(|(_, row)| !row.is_final());
                    let violation = match left {
                        Some((id, row)) => format!("image {id} never gets a result\n{row:#?}"),
                        None => "messages never come to an end".to_owned(),
                    };
                    state.checker.accuse(violation);
                }
                Some(_) | None => {}
            }
        }
        sleep(LOOK).await;
    }
}

/// The queue loses everything at its times.
async fn wipe(world: Arc<World>) {
    let mut times = world.plan.wipes.clone();
    times.sort_unstable();
    for time in times {
        sleep_until(world.instant(time)).await;
        world.state().broker.wipe();
        world.note(Event::Wiped);
    }
}
