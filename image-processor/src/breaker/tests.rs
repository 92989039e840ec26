use super::{permit::Call, *};

mod counts;
mod pings;

const SLOW_CALL: Duration = Duration::from_secs(10);

/// A closed breaker whose waits are whole.
fn breaker() -> Breaker {
    Breaker::new(BreakerOptions::new(SLOW_CALL), Jitter::of(|| 1.0))
}

fn half_open_breaker() -> Breaker {
    let breaker = breaker();
    fail_five_calls(&breaker);
    ping_ends(&breaker, true);
    breaker
}

/// A call that is let through and sent.
fn call(breaker: &Breaker) -> Call {
    breaker.try_acquire().expect("the breaker lets a call through").begin()
}

fn fail_five_calls(breaker: &Breaker) {
    for _ in 0..5 {
        call(breaker).end(CallOutcome::Failed);
    }
}

fn ping_ends(breaker: &Breaker, healthy: bool) {
    let (_, generation) = breaker.machine().ping_due().expect("the breaker is open");
    breaker.apply(|machine, now| machine.pinged(generation, healthy, now));
}

fn state_of(breaker: &Breaker) -> BreakerState {
    *breaker.state().borrow()
}

#[test]
fn an_open_breaker_refuses_and_says_when_to_ask_again() {
    let breaker = breaker();

    fail_five_calls(&breaker);

    let refused = breaker.try_acquire().expect_err("the breaker is open");
    assert!(
        refused.retry_after > Duration::ZERO && refused.retry_after <= Duration::from_secs(1),
        "{refused}"
    );
    assert_eq!(state_of(&breaker), BreakerState::Open);
}

#[tokio::test(start_paused = true)]
async fn the_breakers_of_several_workers_do_not_ask_again_in_one_moment() {
    let waits = |_| {
        let breaker = Breaker::new(BreakerOptions::new(SLOW_CALL), Jitter::random());
        fail_five_calls(&breaker);
        breaker.try_acquire().expect_err("the breaker is open").retry_after
    };

    let waits: Vec<Duration> = (0..20).map(waits).collect();

    let half_to_whole = Duration::from_millis(500)..=Duration::from_secs(1);
    assert!(waits.iter().all(|wait| half_to_whole.contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait != waits[0]), "{waits:?}");
}

#[test]
fn half_open_lets_one_call_through_and_its_answer_closes() {
    let breaker = half_open_breaker();

    let mut let_through: Vec<Permit> = (0..50).filter_map(|_| breaker.try_acquire().ok()).collect();
    assert_eq!(let_through.len(), 1);
    let trial = let_through.remove(0).begin();
    assert!(breaker.try_acquire().is_err(), "the trial call is under way");
    trial.end(CallOutcome::Answered);

    assert_eq!(state_of(&breaker), BreakerState::Closed);
    assert_eq!((0..50).filter(|_| breaker.try_acquire().is_ok()).count(), 50);
}

#[test]
fn a_permit_dropped_in_half_open_leaves_the_place_to_another_without_a_verdict() {
    let breaker = half_open_breaker();

    drop(breaker.try_acquire().expect("the place is free"));

    assert_eq!(state_of(&breaker), BreakerState::HalfOpen);
    assert!(breaker.try_acquire().is_ok());
}

#[test]
fn a_permit_that_is_given_back_leads_to_the_breaker_that_gave_it() {
    let breaker = half_open_breaker();

    let same = breaker.try_acquire().expect("the place is free").give_back();

    let _other = breaker.try_acquire().expect("the place is free again");
    assert!(same.try_acquire().is_err(), "another has the place");
}

#[test]
fn a_call_lost_in_flight_opens_a_half_open_breaker_again() {
    let breaker = half_open_breaker();

    drop(call(&breaker));

    assert_eq!(state_of(&breaker), BreakerState::Open);
}

#[test]
fn lost_calls_count_and_permits_given_back_do_not() {
    let breaker = breaker();

    for _ in 0..4 {
        drop(call(&breaker));
        drop(breaker.try_acquire().expect("four failures do not open"));
    }
    assert_eq!(breaker.snapshot().consecutive_failures, Some(4));
    drop(call(&breaker));

    assert_eq!(state_of(&breaker), BreakerState::Open);
}

#[test]
fn a_late_answer_from_before_the_outage_does_not_close() {
    let breaker = breaker();
    let straggler = call(&breaker);
    let another = call(&breaker);
    fail_five_calls(&breaker);

    straggler.end(CallOutcome::Answered);
    assert_eq!(state_of(&breaker), BreakerState::Open);
    ping_ends(&breaker, true);
    another.end(CallOutcome::Answered);

    assert_eq!(state_of(&breaker), BreakerState::HalfOpen);
}

#[test]
fn a_late_failure_from_before_the_outage_does_not_open_again() {
    let breaker = breaker();
    let (straggler, another) = (call(&breaker), call(&breaker));
    fail_five_calls(&breaker);
    ping_ends(&breaker, true);

    let trial = call(&breaker);
    straggler.end(CallOutcome::Failed);
    assert_eq!(state_of(&breaker), BreakerState::HalfOpen);
    assert!(breaker.try_acquire().is_err(), "the place is still the trial call's");
    trial.end(CallOutcome::Answered);
    drop(another);

    assert_eq!(state_of(&breaker), BreakerState::Closed);
    assert_eq!(breaker.snapshot().consecutive_failures, Some(0));
}

#[tokio::test(start_paused = true)]
async fn slow_answers_count_as_failures_from_when_the_call_began() {
    let breaker = breaker();
    let permit = breaker.try_acquire().expect("the breaker is closed");
    tokio::time::advance(2 * SLOW_CALL).await;
    let on_time = permit.begin();
    tokio::time::advance(SLOW_CALL).await;
    on_time.end(CallOutcome::Answered);
    assert_eq!(breaker.snapshot().consecutive_failures, Some(0));

    let slow: Vec<Call> = (0..5).map(|_| call(&breaker)).collect();
    tokio::time::advance(SLOW_CALL + Duration::from_millis(1)).await;
    for call in slow {
        call.end(CallOutcome::Answered);
    }

    assert_eq!(state_of(&breaker), BreakerState::Open);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_becomes_json_with_the_same_fields_in_every_state() {
    let breaker = breaker();

    let json = || serde_json::to_value(breaker.snapshot()).expect("a snapshot is plain data");

    assert_eq!(
        json(),
        serde_json::json!({
            "state": "closed", "consecutive_failures": 0, "generation": 0, "retry_after_ms": null, "opened": 0,
        })
    );
    fail_five_calls(&breaker);
    assert_eq!(
        json(),
        serde_json::json!({
            "state": "open", "consecutive_failures": null, "generation": 1, "retry_after_ms": 1000, "opened": 1,
        })
    );
}
