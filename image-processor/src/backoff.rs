//! How long to wait before the next try: pure.

use std::time::Duration;

/// `first`, doubled so often, but no longer than `longest`; of that between half and the whole, as `jitter` in 0..1 says,
/// so that those who failed together do not return together.
pub(crate) fn backoff(first: Duration, longest: Duration, doublings: u32, jitter: f64) -> Duration {
    let whole = first.saturating_mul(2_u32.saturating_pow(doublings)).min(longest);
    whole.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}
