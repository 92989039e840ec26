//! When a message is sent again, and how long the relay rests. Pure.

use std::time::Duration;

use super::LastMessage;

/// An image that is due for longer than this, and whose last message is older, has lost it.
pub(super) const LOST_AFTER: Duration = Duration::from_mins(1);
const LONGEST_DELAY: Duration = Duration::from_hours(1);
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How long a message that was sent so often waits before it is sent again: workers may only be slow, and then each
/// repetition is one more message for them to look at.
pub(super) fn delay(publishes: u32) -> Duration {
    LOST_AFTER.saturating_mul(2_u32.saturating_pow(publishes)).min(LONGEST_DELAY)
}

/// Whether the image of this message, due long ago, is to be announced again.
pub(super) fn is_lost(last_message: Option<&LastMessage>) -> bool {
    match last_message {
        None => true,
        Some(LastMessage { published: None, .. }) => false,
        Some(LastMessage { published: Some(age), publishes, .. }) => *age >= delay(*publishes),
    }
}

/// How long to rest after a round: not at all when there is surely more to do; else about a second, doubled with each
/// failure in a row. `jitter` in 0..1 takes up to half of it away, so that relays do not come together.
pub(super) fn pause(more: bool, failures: u32, jitter: f64) -> Duration {
    if more && failures == 0 {
        return Duration::ZERO;
    }
    let whole = PAUSE.saturating_mul(2_u32.saturating_pow(failures)).min(LONGEST_PAUSE);
    whole.mul_f64(1.0 - 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_waits_longer_each_time_up_to_an_hour() {
        let table =
            [(0, 60), (1, 120), (2, 240), (5, 1_920), (6, 3_600), (7, 3_600), (40, 3_600), (u32::MAX, 3_600)];
        for (publishes, seconds) in table {
            assert_eq!(delay(publishes), Duration::from_secs(seconds), "{publishes}");
        }
    }

    #[test]
    fn a_message_is_lost_when_it_was_sent_and_its_delay_is_over() {
        let published = |seconds, publishes| LastMessage {
            id: 1,
            published: Some(Duration::from_secs(seconds)),
            publishes,
        };
        let table = [
            (None, true),
            (Some(LastMessage { id: 1, published: None, publishes: 0 }), false),
            (Some(LastMessage { id: 1, published: None, publishes: 9 }), false),
            (Some(published(119, 1)), false),
            (Some(published(120, 1)), true),
            (Some(published(239, 2)), false),
            (Some(published(3_600, 30)), true),
        ];
        for (last_message, lost) in table {
            assert_eq!(is_lost(last_message.as_ref()), lost, "{last_message:?}");
        }
    }

    #[test]
    fn the_relay_rests_unless_there_is_more_and_longer_after_failures() {
        let table = [
            (true, 0, 0.0, 0),
            (false, 0, 0.0, 1_000),
            (false, 0, 1.0, 500),
            (true, 1, 0.0, 2_000),
            (false, 2, 0.0, 4_000),
            (false, 3, 0.0, 8_000),
            (false, u32::MAX, 0.5, 6_000),
        ];
        for (more, failures, jitter, milliseconds) in table {
            let rest = Duration::from_millis(milliseconds);
            assert_eq!(pause(more, failures, jitter), rest, "{more} {failures} {jitter}");
        }
    }

    proptest! {
        #[test]
        fn more_publishes_never_wait_shorter(publishes in 0_u32..1_000) {
            prop_assert!(delay(publishes) <= delay(publishes + 1));
        }

        #[test]
        fn after_a_failure_no_relay_spins(more: bool, failures in 1_u32.., jitter: f64) {
            let rest = pause(more, failures, if jitter.is_nan() { 0.0 } else { jitter });
            prop_assert!(rest >= PAUSE && rest <= LONGEST_PAUSE);
        }
    }
}
