//! A checker that notices nothing proves nothing: each flaw is noticed within some hundred seeds.

use simulation::{flaw::Flaw, plan::Plan};

use super::simulate;

/// Within so many.
const SEEDS: u64 = 600;

/// What is said of the first seed that shows the flaw.
fn noticed(flaw: Flaw) -> String {
    let violations = (0..SEEDS).filter_map(|seed| simulate(Plan::of(seed), Some(flaw)).violation);
    violations.into_iter().next().unwrap_or_else(|| panic!("{flaw:?} is not noticed within {SEEDS} seeds"))
}

#[test]
fn a_store_without_the_fence_is_caught() {
    assert!(noticed(Flaw::NoFence).contains("only who holds"));
}

#[test]
fn a_claim_that_does_not_raise_the_token_is_caught() {
    assert!(noticed(Flaw::TokenStays).contains("a claim raises the fencing token"));
}

#[test]
fn faces_that_are_there_twice_are_caught() {
    assert!(noticed(Flaw::FacesPile).contains("faces, its result told"));
}

#[test]
fn an_image_that_is_given_up_in_silence_is_caught() {
    assert!(noticed(Flaw::NoDeadLetter).contains("0 dead letters"));
}

#[test]
fn a_lease_that_runs_out_uncounted_is_caught() {
    assert!(noticed(Flaw::LossesUncounted).contains("a lease that ran out is a loss"));
}

#[test]
fn a_relay_that_marks_before_it_publishes_is_caught() {
    assert!(noticed(Flaw::MarkedBeforeSent).contains("is marked as published"));
}

#[test]
fn a_worker_that_charges_without_a_ping_is_caught() {
    assert!(noticed(Flaw::ChargedWithoutPing).contains("an outage is charged to no image"));
}

#[test]
fn rounds_without_an_end_are_caught() {
    assert!(noticed(Flaw::RoundsUncounted).contains("rounds are counted"));
}
