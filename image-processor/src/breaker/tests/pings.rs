//! The task that leads the breaker out of open, on a paused clock.

use std::collections::VecDeque;

use tokio::{task::JoinHandle, time::sleep};

use super::*;

/// Health pings with scripted answers; when the script is over, the other side is healthy.
#[derive(Clone)]
struct Pings {
    answers: Arc<Mutex<VecDeque<bool>>>,
    asked: Arc<Mutex<Vec<Duration>>>,
    began: Instant,
}

impl Pings {
    fn that_answer(answers: &[bool]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            asked: Arc::default(),
            began: Instant::now(),
        }
    }

    fn ping(&self) -> bool {
        self.asked.lock().expect("no ping panics").push(self.began.elapsed());
        self.answers.lock().expect("no ping panics").pop_front().unwrap_or(true)
    }

    /// When the pings came, in seconds since the beginning.
    fn seconds(&self) -> Vec<u64> {
        self.asked.lock().expect("no ping panics").iter().map(Duration::as_secs).collect()
    }
}

fn spawn_run(breaker: &Breaker, pings: &Pings) -> JoinHandle<()> {
    let (breaker, pings) = (breaker.clone(), pings.clone());
    tokio::spawn(async move {
        breaker
            .run(|| {
                let pings = pings.clone();
                async move { pings.ping() }
            })
            .await;
    })
}

/// Waits until the breaker is in this state; the paused clock runs ahead to whatever comes next.
async fn becomes(breaker: &Breaker, state: BreakerState) {
    let mut states = breaker.state();
    let reached = tokio::time::timeout(Duration::from_hours(1), states.wait_for(|now| *now == state)).await;
    assert!(reached.is_ok(), "an hour later the breaker is {:?}", state_of(breaker));
}

#[tokio::test(start_paused = true)]
async fn one_healthy_ping_after_the_wait_makes_it_half_open_and_is_the_only_one() {
    let (breaker, pings) = (breaker(), Pings::that_answer(&[true]));
    let running = spawn_run(&breaker, &pings);
    fail_five_calls(&breaker);

    sleep(Duration::from_millis(999)).await;
    assert!(pings.seconds().is_empty(), "the wait is not over");
    becomes(&breaker, BreakerState::HalfOpen).await;
    sleep(Duration::from_hours(1)).await;

    assert_eq!(pings.seconds(), [1]);
    assert_eq!(state_of(&breaker), BreakerState::HalfOpen);
    assert!(!running.is_finished());
}

#[tokio::test(start_paused = true)]
async fn unhealthy_pings_prolong_the_wait_and_the_outage_stays_one() {
    let (breaker, pings) = (breaker(), Pings::that_answer(&[false, false, true]));
    spawn_run(&breaker, &pings);
    fail_five_calls(&breaker);

    becomes(&breaker, BreakerState::HalfOpen).await;

    assert_eq!(pings.seconds(), [1, 1 + 2, 1 + 2 + 4]);
    assert_eq!(breaker.snapshot().opened, 1);
}

#[tokio::test(start_paused = true)]
async fn no_ping_is_sent_while_the_breaker_is_closed() {
    let (breaker, pings) = (breaker(), Pings::that_answer(&[]));
    spawn_run(&breaker, &pings);

    for _ in 0..4 {
        call(&breaker).end(CallOutcome::Failed);
    }
    sleep(Duration::from_hours(1)).await;

    assert!(pings.seconds().is_empty(), "{:?}", pings.seconds());
}

#[tokio::test(start_paused = true)]
async fn a_failed_trial_call_leads_to_a_ping_after_the_doubled_wait_and_an_answer_ends_it() {
    let (breaker, pings) = (breaker(), Pings::that_answer(&[]));
    spawn_run(&breaker, &pings);
    fail_five_calls(&breaker);

    becomes(&breaker, BreakerState::HalfOpen).await;
    call(&breaker).end(CallOutcome::Failed);
    becomes(&breaker, BreakerState::HalfOpen).await;
    call(&breaker).end(CallOutcome::Answered);
    fail_five_calls(&breaker);
    becomes(&breaker, BreakerState::HalfOpen).await;

    assert_eq!(pings.seconds(), [1, 1 + 2, 1 + 2 + 1]);
    assert_eq!(breaker.snapshot().opened, 3);
}

#[tokio::test(start_paused = true)]
async fn calls_are_refused_until_the_ping_has_answered() {
    let breaker = breaker();
    let (answer, answered) = tokio::sync::oneshot::channel::<bool>();
    let mut answered = Some(answered);
    let running = breaker.clone();
    tokio::spawn(async move {
        running
            .run(|| {
                let answered = answered.take().expect("one ping");
                async move { answered.await.expect("the test answers") }
            })
            .await;
    });
    fail_five_calls(&breaker);

    sleep(Duration::from_secs(30)).await;
    let refused = breaker.try_acquire().expect_err("the ping has not answered");
    assert_eq!(refused.retry_after, Duration::from_secs(1));
    answer.send(true).expect("the ping waits");
    becomes(&breaker, BreakerState::HalfOpen).await;

    assert!(breaker.try_acquire().is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_in_mid_ping_is_taken_over_by_the_next() {
    let (breaker, pings) = (breaker(), Pings::that_answer(&[true]));
    fail_five_calls(&breaker);

    let hanging = breaker.run(std::future::pending);
    let cut_off = tokio::time::timeout(Duration::from_secs(5), hanging).await;
    assert!(cut_off.is_err(), "a ping that hangs keeps the run");
    spawn_run(&breaker, &pings);
    becomes(&breaker, BreakerState::HalfOpen).await;

    assert_eq!(pings.seconds(), [5]);
}
