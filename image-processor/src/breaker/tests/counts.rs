//! The metrics that dashboards and alerts read.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use metrics::{
    Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit, with_local_recorder,
};

use super::*;

/// Keeps what is recorded, by name and labels.
#[derive(Default)]
struct Recorded {
    counters: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
    gauges: Mutex<BTreeMap<String, Arc<AtomicU64>>>,
}

impl Recorded {
    fn counters(&self) -> BTreeMap<String, u64> {
        let counters = self.counters.lock().expect("no recording panics");
        counters.iter().map(|(name, count)| (name.clone(), count.load(Ordering::Relaxed))).collect()
    }

    fn gauge(&self, name: &str) -> Option<f64> {
        let gauges = self.gauges.lock().expect("no recording panics");
        gauges.get(name).map(|bits| f64::from_bits(bits.load(Ordering::Relaxed)))
    }
}

fn value_in(values: &Mutex<BTreeMap<String, Arc<AtomicU64>>>, key: &Key) -> Arc<AtomicU64> {
    let labels = key.labels().map(|label| format!(" {}={}", label.key(), label.value()));
    let name = key.name().to_owned() + &labels.collect::<String>();
    Arc::clone(values.lock().expect("no recording panics").entry(name).or_default())
}

impl Recorder for Recorded {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(value_in(&self.counters, key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(value_in(&self.gauges, key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn the_gauge_follows_the_state_from_the_beginning() {
    let recorded = Recorded::default();
    let gauge = || recorded.gauge("rollcall_breaker_state");
    with_local_recorder(&recorded, || {
        let breaker = breaker();
        assert_eq!(gauge(), Some(0.0));
        fail_five_calls(&breaker);
        assert_eq!(gauge(), Some(2.0));
        ping_ends(&breaker, true);
        assert_eq!(gauge(), Some(1.0));
        call(&breaker).end(CallOutcome::Answered);
        assert_eq!(gauge(), Some(0.0));
    });
}

#[test]
fn transitions_and_refusals_are_counted_and_a_prolonged_wait_is_no_transition() {
    let recorded = Recorded::default();

    with_local_recorder(&recorded, || {
        let breaker = breaker();
        fail_five_calls(&breaker);
        breaker.try_acquire().expect_err("the breaker is open");
        ping_ends(&breaker, false);
        ping_ends(&breaker, true);
        drop(call(&breaker));
        ping_ends(&breaker, true);
        call(&breaker).end(CallOutcome::Answered);
    });

    let counted = recorded.counters();
    let expected = [
        ("rollcall_breaker_refused_total", 1),
        ("rollcall_breaker_transitions_total to=closed", 1),
        ("rollcall_breaker_transitions_total to=half_open", 2),
        ("rollcall_breaker_transitions_total to=open", 2),
    ];
    assert_eq!(counted, expected.map(|(name, count)| (name.to_owned(), count)).into());
}

#[test]
fn pings_are_counted_by_their_answer() {
    let recorded = Recorded::default();
    // The recorder belongs to this thread, so the runtime must not leave it.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .expect("a runtime with a clock only");

    with_local_recorder(&recorded, || {
        let breaker = breaker();
        fail_five_calls(&breaker);
        let mut answers = [false, false, true].into_iter();
        runtime.block_on(async {
            let run = breaker.run(|| std::future::ready(answers.next().expect("three pings")));
            let ran_for_a_minute = tokio::time::timeout(Duration::from_mins(1), run).await;
            assert!(ran_for_a_minute.is_err(), "a run never returns");
        });
    });

    let counted = recorded.counters();
    assert_eq!(counted.get("rollcall_breaker_pings_total healthy=no"), Some(&2));
    assert_eq!(counted.get("rollcall_breaker_pings_total healthy=yes"), Some(&1));
}
