//! What holds in whatever order calls and pings begin, end and are lost.

use proptest::{prelude::*, sample::Index};

use super::*;

/// One step of a random history. Permits and pings end in any later period.
#[derive(Debug, Clone)]
enum Step {
    Acquire,
    GiveBack(Index),
    End(Index, CallOutcome),
    BeginPing,
    EndPing(Index, bool),
    TimePasses(Duration),
}

fn step() -> impl Strategy<Value = Step> {
    let outcome = prop_oneof![1 => Just(CallOutcome::Answered), 3 => Just(CallOutcome::Failed)];
    prop_oneof![
        6 => Just(Step::Acquire),
        1 => any::<Index>().prop_map(Step::GiveBack),
        6 => (any::<Index>(), outcome).prop_map(|(index, outcome)| Step::End(index, outcome)),
        2 => Just(Step::BeginPing),
        2 => (any::<Index>(), any::<bool>()).prop_map(|(index, healthy)| Step::EndPing(index, healthy)),
        2 => (0_u64..15_000).prop_map(|millis| Step::TimePasses(Duration::from_millis(millis))),
    ]
}

/// A machine and everything that is under way.
struct World {
    machine: Machine,
    now: Instant,
    calls: Vec<(Generation, Instant)>,
    pings: Vec<Generation>,
}

impl World {
    fn new(jitter: fn() -> f64) -> Self {
        let machine = Machine::new(BreakerOptions::new(SLOW_CALL), Jitter::of(jitter));
        Self { machine, now: Instant::now(), calls: Vec::new(), pings: Vec::new() }
    }

    fn take(&mut self, step: &Step) {
        match step {
            Step::Acquire => {
                self.calls.extend(self.machine.acquire(self.now).ok().map(|period| (period, self.now)));
            }
            Step::GiveBack(index) => {
                if let Some((period, _)) = remove(&mut self.calls, *index) {
                    self.machine.give_back(period);
                }
            }
            Step::End(index, outcome) => {
                if let Some((period, began)) = remove(&mut self.calls, *index) {
                    self.machine.ended(period, *outcome, began, self.now);
                }
            }
            Step::BeginPing => self.pings.extend(self.machine.ping_due().map(|(_, period)| period)),
            Step::EndPing(index, healthy) => {
                if let Some(period) = remove(&mut self.pings, *index) {
                    self.machine.pinged(period, *healthy, self.now);
                }
            }
            Step::TimePasses(time) => self.now += *time,
        }
    }

    /// The period of what the step would end.
    fn period_of(&self, step: &Step) -> Option<Generation> {
        let of_call = |index: &Index| (!self.calls.is_empty()).then(|| index.get(&self.calls).0);
        match step {
            Step::GiveBack(index) | Step::End(index, _) => of_call(index),
            Step::EndPing(index, _) => (!self.pings.is_empty()).then(|| *index.get(&self.pings)),
            Step::Acquire | Step::BeginPing | Step::TimePasses(_) => None,
        }
    }

    fn calls_of_this_period(&self) -> usize {
        self.calls.iter().filter(|(period, _)| *period == self.machine.generation).count()
    }
}

fn remove<T>(under_way: &mut Vec<T>, index: Index) -> Option<T> {
    (!under_way.is_empty()).then(|| under_way.swap_remove(index.index(under_way.len())))
}

fn worlds() -> impl Strategy<Value = fn() -> f64> {
    prop_oneof![Just((|| 0.0) as fn() -> f64), Just((|| 0.5) as fn() -> f64), Just((|| 1.0) as fn() -> f64)]
}

proptest! {
    #[test]
    fn half_open_has_one_call_at_most_and_open_ends_within_a_minute(
        jitter in worlds(),
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let mut world = World::new(jitter);
        for step in &steps {
            world.take(step);

            let calls = world.calls_of_this_period();
            match world.machine.state {
                State::Closed { failures } => prop_assert!(failures < 5, "{failures} after {step:?}"),
                State::HalfOpen { slot: Slot::Free, .. } => prop_assert_eq!(calls, 0),
                State::HalfOpen { slot: Slot::Taken, .. } => prop_assert_eq!(calls, 1),
                State::Open { until, .. } => {
                    prop_assert_eq!(calls, 0);
                    prop_assert!(until <= world.now + Duration::from_mins(1), "{:?}", until - world.now);
                    let told = world.machine.acquire(world.now).expect_err("an open breaker refuses");
                    prop_assert!(!told.is_zero() && told <= Duration::from_mins(1), "{told:?}");
                }
            }
        }
    }

    #[test]
    fn what_belongs_to_an_earlier_period_changes_nothing(steps in prop::collection::vec(step(), 0..200)) {
        let mut world = World::new(|| 1.0);
        for step in &steps {
            let (state, present) = (world.machine.state, world.machine.generation);
            let stale = world.period_of(step).is_some_and(|period| period != present);

            world.take(step);

            if stale {
                prop_assert_eq!((world.machine.state, world.machine.generation), (state, present), "{:?}", step);
            }
        }
    }
}
