use super::*;

mod properties;
mod waits;

const SLOW_CALL: Duration = Duration::from_secs(10);

/// What can happen to a machine; permits and pings are of the present period.
#[derive(Debug, Clone, Copy)]
enum Event {
    Acquire,
    GiveBack,
    Answer,
    SlowAnswer,
    Failure,
    HealthyPing,
    UnhealthyPing,
}
use Event::{Acquire, Answer, Failure, GiveBack, HealthyPing, SlowAnswer, UnhealthyPing};

impl Machine {
    fn happens(&mut self, event: Event, now: Instant) {
        let generation = self.generation;
        match event {
            Acquire => drop(self.acquire(now)),
            GiveBack => self.give_back(generation),
            Answer => self.ended(generation, CallOutcome::Answered, now, now),
            SlowAnswer => {
                let began = now - SLOW_CALL - Duration::from_millis(1);
                self.ended(generation, CallOutcome::Answered, began, now);
            }
            Failure => self.ended(generation, CallOutcome::Failed, now, now),
            HealthyPing => self.pinged(generation, true, now),
            UnhealthyPing => self.pinged(generation, false, now),
        }
    }
}

/// A machine whose waits are whole.
fn machine() -> Machine {
    Machine::new(BreakerOptions::new(SLOW_CALL), Jitter::of(|| 1.0))
}

fn machine_in(state: State) -> Machine {
    Machine { state, ..machine() }
}

fn closed(failures: u32) -> State {
    State::Closed { failures }
}

const FREE: State = State::HalfOpen { slot: Slot::Free, waits: 1 };
const TAKEN: State = State::HalfOpen { slot: Slot::Taken, waits: 1 };

#[test]
fn every_event_in_every_state_has_its_one_consequence() {
    // Far from the beginning of the clock, so that calls can have begun before now.
    let now = Instant::now() + Duration::from_hours(1);
    let open = |waits, seconds| State::Open { until: now + Duration::from_secs(seconds), waits };
    let table = [
        (closed(0), vec![Acquire, GiveBack, Answer, HealthyPing, UnhealthyPing], closed(0)),
        (closed(0), vec![Failure, SlowAnswer], closed(1)),
        (closed(3), vec![Acquire, GiveBack, HealthyPing, UnhealthyPing], closed(3)),
        (closed(3), vec![Failure, SlowAnswer], closed(4)),
        (closed(4), vec![Answer], closed(0)),
        (closed(4), vec![Failure, SlowAnswer], open(1, 1)),
        (open(1, 1), vec![Acquire, GiveBack, Answer, SlowAnswer, Failure], open(1, 1)),
        (open(1, 1), vec![HealthyPing], FREE),
        (open(1, 1), vec![UnhealthyPing], open(2, 2)),
        (FREE, vec![Acquire], TAKEN),
        (FREE, vec![GiveBack, HealthyPing, UnhealthyPing], FREE),
        (TAKEN, vec![Acquire, HealthyPing, UnhealthyPing], TAKEN),
        (TAKEN, vec![GiveBack], FREE),
        (TAKEN, vec![Answer], closed(0)),
        (TAKEN, vec![Failure, SlowAnswer], open(2, 2)),
    ];

    for (from, events, to) in table {
        for event in events {
            let mut machine = machine_in(from);

            machine.happens(event, now);

            assert_eq!(machine.state, to, "{event:?} in {from:?}");
        }
    }
}

#[test]
fn a_new_period_begins_with_each_state_and_each_wait_only() {
    let now = Instant::now();
    let mut machine = machine();
    let steps = [
        (vec![Failure, Failure, Answer, Failure, Failure, Failure, Failure], 0),
        (vec![Failure], 1),
        (vec![Acquire], 1),
        (vec![UnhealthyPing], 2),
        (vec![HealthyPing], 3),
        (vec![Acquire, GiveBack, Acquire], 3),
        (vec![Failure], 4),
        (vec![HealthyPing], 5),
        (vec![Acquire, Answer], 6),
        (vec![Acquire, Answer], 6),
    ];

    for (events, period) in steps {
        for event in &events {
            machine.happens(*event, now);
        }
        assert_eq!(machine.generation, Generation(period), "after {events:?}");
    }
}

#[test]
fn the_fifth_failure_in_a_row_opens_and_the_fourth_does_not() {
    let now = Instant::now();
    let mut machine = machine();

    for failures in 1..=4 {
        machine.happens(Failure, now);
        assert_eq!(machine.state, closed(failures));
    }
    machine.happens(Failure, now);

    assert_eq!(machine.state(), BreakerState::Open);
}

#[test]
fn an_answer_breaks_the_row_of_failures() {
    let now = Instant::now();
    let mut machine = machine();

    for event in [Failure, Failure, Failure, Failure, Answer, Failure, Failure, Failure, Failure] {
        machine.happens(event, now);
    }
    assert_eq!(machine.state(), BreakerState::Closed);
    machine.happens(Failure, now);

    assert_eq!(machine.state(), BreakerState::Open);
}

#[test]
fn a_call_of_exactly_the_slow_limit_is_not_slow() {
    let now = Instant::now();
    let mut machine = machine();

    machine.ended(machine.generation, CallOutcome::Answered, now, now + SLOW_CALL);

    assert_eq!(machine.state, closed(0));
}

#[test]
fn exactly_one_of_many_calls_is_let_through_in_half_open() {
    let now = Instant::now();
    let mut machine = machine_in(FREE);

    let let_through = (0..100).filter(|_| machine.acquire(now).is_ok()).count();

    assert_eq!(let_through, 1);
}

#[test]
fn results_of_an_earlier_period_are_ignored() {
    let now = Instant::now();
    let open = State::Open { until: now, waits: 1 };

    for state in [closed(0), closed(4), open, FREE, TAKEN] {
        for outcome in [CallOutcome::Answered, CallOutcome::Failed] {
            let mut machine = Machine { generation: Generation(7), ..machine_in(state) };

            machine.ended(Generation(6), outcome, now, now);
            machine.give_back(Generation(6));
            machine.pinged(Generation(6), true, now);
            machine.pinged(Generation(6), false, now);

            assert_eq!((machine.state, machine.generation), (state, Generation(7)), "{outcome:?}");
        }
    }
}

#[test]
fn a_snapshot_tells_the_state_and_what_belongs_to_it() {
    let now = Instant::now();
    let mut machine = machine();

    for _ in 0..3 {
        machine.happens(Failure, now);
    }
    let while_closed = machine.snapshot(now);
    for _ in 0..2 {
        machine.happens(Failure, now);
    }
    let while_open = machine.snapshot(now + Duration::from_millis(250));
    machine.happens(UnhealthyPing, now);
    machine.happens(HealthyPing, now);
    let while_half_open = machine.snapshot(now);

    let of = |state, consecutive_failures, generation, retry_after_ms, opened| Snapshot {
        state,
        consecutive_failures,
        generation,
        retry_after_ms,
        opened,
    };
    assert_eq!(while_closed, of("closed", Some(3), 0, None, 0));
    assert_eq!(while_open, of("open", None, 1, Some(750), 1));
    assert_eq!(while_half_open, of("half_open", None, 3, None, 1));
}
