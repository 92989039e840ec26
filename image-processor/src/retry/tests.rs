use proptest::prelude::*;

use super::*;

const FRESH: History = History { attempts: 0, losses: 0, rounds: 0 };
const CHARGED: Charge = Charge { attempt: true, loss: false };
const FREE: Charge = Charge { attempt: false, loss: false };
const LOST: Charge = Charge { attempt: true, loss: true };
const LOST_IN_AN_OUTAGE: Charge = Charge { attempt: false, loss: true };

/// Somebody who has a picture and gives no reason to wait longer.
const SOURCE: Blame = Blame::Source { retry_after: Duration::ZERO };

fn again_after(seconds: u64) -> Next {
    Next::TryAgain(Duration::from_secs(seconds))
}

#[test]
fn while_the_recogniser_is_healthy_the_blame_and_the_history_decide() {
    let with_attempts = |attempts| History { attempts, ..FRESH };
    let table = [
        (Blame::Image, FRESH, Next::Fail(Fate::Final), CHARGED),
        (SOURCE, FRESH, again_after(1), CHARGED),
        (SOURCE, with_attempts(3), again_after(8), CHARGED),
        (Blame::Attempt, FRESH, again_after(1), CHARGED),
        (Blame::Attempt, with_attempts(3), again_after(8), CHARGED),
        (Blame::Loss, FRESH, again_after(1), LOST),
        (Blame::Outage, with_attempts(4), again_after(1), FREE),
        (Blame::Unready, with_attempts(4), again_after(1), FREE),
        (Blame::Busy, with_attempts(4), again_after(1), FREE),
    ];
    for (blame, history, next, charge) in table {
        assert_eq!(after_failure(blame, history, true, 1, 1.0), (next, charge), "{blame:?} {history:?}");
    }
}

#[test]
fn the_fifth_charged_attempt_ends_the_round() {
    let minutes = Duration::from_mins;
    let table = [
        (0, Fate::Retryable(minutes(1))),
        (1, Fate::Retryable(minutes(5))),
        (2, Fate::Retryable(minutes(25))),
        (3, Fate::GivenUp),
        (4, Fate::GivenUp),
    ];
    for (rounds, fate) in table {
        for blame in [Blame::Attempt, Blame::Loss, SOURCE] {
            let history = History { attempts: 4, losses: 0, rounds };
            let (next, charge) = after_failure(blame, history, true, 1, 1.0);
            assert_eq!((next, charge.attempt), (Next::Fail(fate), true), "{blame:?} {history:?}");
        }
    }
}

#[test]
fn in_an_outage_nothing_is_charged() {
    for blame in [Blame::Attempt, Blame::Loss, Blame::Outage, Blame::Unready, Blame::Busy] {
        let (next, charge) = after_failure(blame, History { attempts: 4, ..FRESH }, false, 1, 1.0);

        let is_loss = blame == Blame::Loss;
        assert_eq!(charge, if is_loss { LOST_IN_AN_OUTAGE } else { FREE }, "{blame:?}");
        assert!(matches!(next, Next::TryAgain(_)), "{blame:?}: {next:?}");
    }
}

#[test]
fn a_source_is_charged_whatever_the_recognisers_health() {
    for healthy in [false, true] {
        let (next, charge) = after_failure(SOURCE, FRESH, healthy, 1, 1.0);
        assert_eq!((next, charge), (again_after(1), CHARGED), "{healthy}");
    }
}

#[test]
fn a_source_is_left_alone_as_long_as_it_asks_for() {
    for (asked, attempts, waited) in [(90, 0, 90), (2, 3, 8), (1, 0, 1)] {
        let blame = Blame::Source { retry_after: Duration::from_secs(asked) };
        let history = History { attempts, ..FRESH };
        assert_eq!(after_failure(blame, history, true, 1, 1.0).0, again_after(waited), "{asked} {attempts}");
    }
}

#[test]
fn the_tenth_loss_is_the_last_whatever_the_health() {
    for (losses, healthy, lost) in [(8, true, false), (8, false, false), (9, true, true), (9, false, true)] {
        let (next, _) = after_failure(Blame::Loss, History { losses, ..FRESH }, healthy, 1, 1.0);
        assert_eq!(next == Next::Fail(Fate::Lost), lost, "{losses} {healthy}");
    }
}

#[test]
fn a_message_that_comes_often_waits_longer_up_to_a_limit() {
    let table = [
        (Blame::Unready, 3, again_after(4)),
        (Blame::Unready, u16::MAX, again_after(60)),
        (Blame::Busy, 3, again_after(4)),
        (Blame::Busy, u16::MAX, again_after(5)),
        (Blame::Outage, u16::MAX, again_after(5)),
    ];
    for (blame, deliveries, next) in table {
        assert_eq!(after_failure(blame, FRESH, true, deliveries, 1.0).0, next, "{blame:?} {deliveries}");
    }
}

proptest! {
    #[test]
    fn a_delay_stays_between_half_a_second_and_the_longest(step in 0_u32..100, jitter in 0.0..1.0_f64) {
        let delay = delay(step, LONGEST_DELAY, jitter);
        prop_assert!(delay >= FIRST_DELAY / 2 && delay <= LONGEST_DELAY, "{:?}", delay);
    }

    #[test]
    fn an_image_that_keeps_failing_comes_to_an_end(
        faults in proptest::collection::vec((prop_oneof![Just(Blame::Attempt), Just(Blame::Loss), Just(SOURCE)], Just(true)), 25)
    ) {
        let mut history = FRESH;
        for (blame, healthy) in faults {
            let (next, charge) = after_failure(blame, history, healthy, 1, 0.5);
            history.attempts += u32::from(charge.attempt);
            history.losses += u32::from(charge.loss);
            match next {
                Next::TryAgain(_) => {}
                Next::Fail(Fate::Retryable(_)) => {
                    history.attempts = 0;
                    history.rounds += 1;
                }
                Next::Fail(_) => return Ok(()),
            }
        }
        prop_assert!(false, "still going on: {:?}", history);
    }
}
