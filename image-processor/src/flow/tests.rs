use std::sync::{Arc, mpsc};

use proptest::prelude::*;
use service_kit::jitter::Jitter;

use super::*;
use crate::breaker::{Breaker, BreakerOptions, CallOutcome};

const FULL: NonZeroU32 = NonZeroU32::new(8).expect("8 is not 0");

#[tokio::test(start_paused = true)]
async fn a_busy_recogniser_halves_what_is_in_flight_down_to_one() {
    let mut limit = Limit::new(FULL);

    for halved in [4, 2, 1, 1] {
        limit.busy(Instant::now());
        assert_eq!(limit.now, halved);
        tokio::time::advance(DEAF_FOR).await;
    }
}

#[tokio::test(start_paused = true)]
async fn calls_that_were_under_way_at_a_halving_halve_nothing() {
    let mut limit = Limit::new(FULL);

    for _ in 0..8 {
        limit.busy(Instant::now());
    }

    assert_eq!(limit.now, 4);
}

#[tokio::test(start_paused = true)]
async fn each_full_set_of_answers_allows_one_more_until_all_are_allowed() {
    let mut limit = Limit::new(FULL);
    limit.busy(Instant::now());

    for (answers, allowed) in [(4, 5), (5, 6), (6, 7), (7, 8), (8, 8)] {
        for _ in 0..answers {
            limit.answered();
        }
        assert_eq!(limit.now, allowed);
    }
}

#[test]
fn the_breaker_decides_between_none_one_and_the_limit() {
    let limit = Limit::new(FULL);

    assert_eq!(limit.under(BreakerState::Open), None);
    assert_eq!(limit.under(BreakerState::HalfOpen), NonZeroU32::new(1));
    assert_eq!(limit.under(BreakerState::Closed), Some(FULL));
}

proptest! {
    #[test]
    fn the_limit_stays_between_one_and_full(busy in proptest::collection::vec(any::<bool>(), 0..200)) {
        let mut limit = Limit::new(FULL);
        let begin = Instant::now();
        for (second, busy) in (0..).zip(busy) {
            if busy { limit.busy(begin + DEAF_FOR * second) } else { limit.answered() }
            prop_assert!((1..=FULL.get()).contains(&limit.now), "{:?}", limit);
        }
    }
}

struct Told(mpsc::Sender<Option<NonZeroU32>>);

impl Valve for Told {
    fn set(&self, in_flight: Option<NonZeroU32>) {
        self.0.send(in_flight).expect("the test listens");
    }
}

/// Lets the driver do what it can do now.
async fn settle() {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_closed_while_the_breaker_is_open_and_gets_one_while_it_tries() {
    let breaker = Breaker::new(BreakerOptions::new(Duration::from_secs(10)), Jitter::random());
    let flow = Arc::new(Flow::new(FULL));
    let (valve, told) = mpsc::channel();
    let pinging = tokio::spawn({
        let breaker = breaker.clone();
        async move { breaker.run(async || true).await }
    });
    let driving = tokio::spawn({
        let state = breaker.state();
        async move { flow.drive(state, Told(valve)).await }
    });

    settle().await;
    for _ in 0..5 {
        breaker.try_acquire().expect("closed").begin().end(CallOutcome::Failed);
    }
    settle().await;
    // The wait of an open breaker is over within its longest wait; the ping is healthy.
    sleep(Duration::from_mins(1)).await;
    settle().await;
    breaker.try_acquire().expect("half-open").begin().end(CallOutcome::Answered);
    settle().await;

    assert_eq!(told.try_iter().collect::<Vec<_>>(), [Some(FULL), None, NonZeroU32::new(1), Some(FULL)]);
    pinging.abort();
    driving.abort();
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_nobody_answers_to_grows_again_by_itself() {
    let breaker = Breaker::new(BreakerOptions::new(Duration::from_secs(10)), Jitter::random());
    let flow = Arc::new(Flow::new(FULL));
    let (valve, told) = mpsc::channel();
    flow.busy();
    let driving = tokio::spawn({
        let (state, flow) = (breaker.state(), Arc::clone(&flow));
        async move { flow.drive(state, Told(valve)).await }
    });

    sleep(REST * 10).await;

    let told: Vec<_> = told.try_iter().flatten().map(NonZeroU32::get).collect();
    assert_eq!(told, [4, 5, 6, 7, 8]);
    driving.abort();
}
