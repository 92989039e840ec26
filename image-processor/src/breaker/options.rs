//! When the breaker opens and how long it stays open.

use std::{num::NonZeroU32, time::Duration};

const FAILURES: NonZeroU32 = NonZeroU32::new(5).expect("five is not zero");
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The thresholds of a breaker.
#[derive(Debug, Clone, Copy)]
pub struct BreakerOptions {
    /// So many counted failures in a row open the breaker: with 5, the fifth does.
    pub failures: NonZeroU32,
    /// The wait before the first health ping; each further wait is twice as long. Longer than zero.
    pub first_wait: Duration,
    /// No wait is longer.
    pub longest_wait: Duration,
    /// A call that takes longer counts as failed, even if it is answered.
    pub slow_call: Duration,
}

impl BreakerOptions {
    /// The usual thresholds; what is slow depends on the calls.
    #[must_use]
    pub fn new(slow_call: Duration) -> Self {
        Self { failures: FAILURES, first_wait: FIRST_WAIT, longest_wait: LONGEST_WAIT, slow_call }
    }
}
