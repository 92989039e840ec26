//! What follows from a failed call. Pure.

use std::time::Duration;

/// Charged attempts that an image has before it is failed.
pub(crate) const MAX_ATTEMPTS: u32 = 5;
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_mins(1);

/// Whose fault a failed call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The image's: no call will ever succeed.
    Image,
    /// Perhaps the image's: it is charged an attempt.
    Attempt,
    /// Not the image's: the recogniser is away or busy.
    Recogniser,
}

/// What to do with the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// Failed for good.
    FailForGood,
    /// Failed for now; the redeemer may try again.
    FailRetryable,
    /// Pending again, after this delay.
    TryAgain {
        /// How long to wait.
        after: Duration,
        /// Whether the attempt counts.
        charged: bool,
    },
}

/// What follows when a call failed. `attempts` are the charged attempts before this call, `deliveries` how often the
/// queue brought the message, `jitter` is in 0..1.
pub(crate) fn after_failure(blame: Blame, attempts: u32, deliveries: u16, jitter: f64) -> Next {
    match blame {
        Blame::Image => Next::FailForGood,
        Blame::Attempt if attempts + 1 >= MAX_ATTEMPTS => Next::FailRetryable,
        Blame::Attempt => Next::TryAgain { after: delay(attempts, jitter), charged: true },
        Blame::Recogniser => {
            Next::TryAgain { after: delay(u32::from(deliveries.saturating_sub(1)), jitter), charged: false }
        }
    }
}

/// Doubles with each step; between half and the whole of that, so that images which failed together come apart.
fn delay(step: u32, jitter: f64) -> Duration {
    let whole = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(step)).min(LONGEST_DELAY);
    whole.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_blame_and_the_attempts_decide_what_follows() {
        let seconds = Duration::from_secs;
        let table = [
            (Blame::Image, 0, 1, Next::FailForGood),
            (Blame::Attempt, 0, 1, Next::TryAgain { after: seconds(1), charged: true }),
            (Blame::Attempt, 3, 1, Next::TryAgain { after: seconds(8), charged: true }),
            (Blame::Attempt, 4, 1, Next::FailRetryable),
            (Blame::Recogniser, 4, 1, Next::TryAgain { after: seconds(1), charged: false }),
            (Blame::Recogniser, 0, 3, Next::TryAgain { after: seconds(4), charged: false }),
            (Blame::Recogniser, 0, u16::MAX, Next::TryAgain { after: seconds(60), charged: false }),
        ];
        for (blame, attempts, deliveries, next) in table {
            assert_eq!(
                after_failure(blame, attempts, deliveries, 1.0),
                next,
                "{blame:?} {attempts} {deliveries}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_delay_stays_between_half_a_second_and_a_minute(step in 0_u32..100, jitter in 0.0..1.0_f64) {
            let delay = delay(step, jitter);
            prop_assert!(delay >= FIRST_DELAY / 2 && delay <= LONGEST_DELAY, "{:?}", delay);
        }
    }
}
