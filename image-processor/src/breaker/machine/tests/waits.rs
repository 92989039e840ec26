//! How long the breaker stays open, and what a refused call is told.

use super::*;

/// How long the machine waits from `now` on.
fn wait_from(machine: &Machine, now: Instant) -> Duration {
    let (until, _) = machine.ping_due().expect("the machine is open");
    until - now
}

#[test]
fn waits_double_with_each_unhealthy_ping_up_to_a_minute() {
    let now = Instant::now();
    let mut machine = machine_in(closed(4));

    machine.happens(Failure, now);
    let mut waits = vec![wait_from(&machine, now).as_secs()];
    for _ in 0..7 {
        machine.happens(UnhealthyPing, now);
        waits.push(wait_from(&machine, now).as_secs());
    }

    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[test]
fn a_failed_trial_call_doubles_the_wait_and_an_answered_one_resets_it() {
    let now = Instant::now();
    let mut machine = machine_in(closed(4));

    machine.happens(Failure, now);
    for doubled in [2, 4, 8] {
        for event in [HealthyPing, Acquire, Failure] {
            machine.happens(event, now);
        }
        assert_eq!(wait_from(&machine, now).as_secs(), doubled);
    }
    for event in [HealthyPing, Acquire, Answer, Failure, Failure, Failure, Failure, Failure] {
        machine.happens(event, now);
    }

    assert_eq!(wait_from(&machine, now).as_secs(), 1);
}

#[test]
fn jitter_shortens_a_wait_by_half_at_most() {
    let options = BreakerOptions::new(SLOW_CALL);
    for (waits, jitter, millis) in [
        (1, 0.0, 500),
        (1, 0.5, 750),
        (1, 1.0, 1_000),
        (3, 0.0, 2_000),
        (7, 0.0, 30_000),
        (u32::MAX, 1.0, 60_000),
    ] {
        assert_eq!(wait(&options, waits, jitter), Duration::from_millis(millis), "{waits} {jitter}");
    }
}

#[test]
fn a_refused_call_is_told_what_is_left_of_the_wait_and_never_zero() {
    let now = Instant::now();
    let second = Duration::from_secs(1);
    let open = State::Open { until: now + 4 * second, waits: 3 };
    for (state, later, told, why) in [
        (open, Duration::ZERO, 4 * second, "the whole wait"),
        (open, second, 3 * second, "the rest of the wait"),
        (open, 4 * second, second, "the ping is under way"),
        (open, 9 * second, second, "the ping takes long"),
        (TAKEN, Duration::ZERO, second, "the trial call is under way"),
    ] {
        assert_eq!(machine_in(state).acquire(now + later), Err(told), "{why}");
    }
}

#[test]
fn a_ping_is_due_only_while_open_and_at_the_end_of_the_wait() {
    let until = Instant::now();

    assert_eq!(machine_in(closed(4)).ping_due(), None);
    assert_eq!(machine_in(FREE).ping_due(), None);
    assert_eq!(machine_in(TAKEN).ping_due(), None);
    assert_eq!(machine_in(State::Open { until, waits: 1 }).ping_due(), Some((until, Generation(0))));
}
