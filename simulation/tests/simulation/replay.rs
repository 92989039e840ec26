//! A seed is all that a simulation depends on.

use simulation::plan::Plan;

use super::simulate;

#[test]
fn two_runs_of_one_seed_are_the_same_event_by_event() {
    for seed in 0..40 {
        let (one, other) = (simulate(Plan::of(seed), None), simulate(Plan::of(seed), None));

        assert!(!one.trace.is_empty(), "seed {seed}");
        assert_eq!(one.trace.to_string(), other.trace.to_string(), "seed {seed}");
    }
}

#[test]
fn two_seeds_differ() {
    let (one, other) = (simulate(Plan::of(1), None), simulate(Plan::of(2), None));

    assert_ne!(one.trace, other.trace);
}
