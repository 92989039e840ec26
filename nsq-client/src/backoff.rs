//! How long to wait before the next attempt to connect: at once after a good connection, then doubling
//! up to a cap, with jitter so that the clients of a restarted nsqd do not all return in one moment.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);

/// Counts failed attempts and turns the count into delays.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    cap: Duration,
}

impl Backoff {
    pub(crate) fn new(cap: Duration) -> Self {
        Self { failures: 0, cap }
    }

    /// The delay before the next attempt. The first one is zero.
    pub(crate) fn next_delay(&mut self) -> Duration {
        let delay = delay(self.failures, self.cap);
        self.failures = self.failures.saturating_add(1);
        jittered(delay)
    }

    /// Notes how long a connection lived. Only a long life proves nsqd healthy: one that accepts and
    /// drops at once must not be called in a tight loop.
    pub(crate) fn connection_lived(&mut self, life: Duration) {
        if life >= self.cap {
            self.failures = 0;
        }
    }
}

/// The delay after so many failures, before jitter.
fn delay(failures: u32, cap: Duration) -> Duration {
    let Some(doublings) = failures.checked_sub(1) else {
        return Duration::ZERO;
    };
    FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(cap)
}

/// Between a half of `delay` and all of it.
pub(crate) fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(rand::random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_cap() {
        let cap = Duration::from_secs(5);
        for (failures, millis) in
            [(0, 0), (1, 100), (2, 200), (3, 400), (6, 3_200), (7, 5_000), (u32::MAX, 5_000)]
        {
            assert_eq!(delay(failures, cap), Duration::from_millis(millis), "after {failures} failures");
        }
    }

    #[test]
    fn attempts_go_on_at_the_cap_however_long_an_outage_lasts() {
        let (mut backoff, mut waited, mut attempts) =
            (Backoff::new(Duration::from_secs(5)), Duration::ZERO, 0);

        while waited < Duration::from_hours(24) {
            waited += backoff.next_delay();
            attempts += 1;
        }

        assert!((86_400 / 5..86_400 * 2 / 5 + 10).contains(&attempts), "{attempts} attempts in a day");
    }

    #[test]
    fn jitter_shortens_by_a_half_at_most() {
        let whole = Duration::from_secs(8);
        for _ in 0..1_000 {
            let delay = jittered(whole);
            assert!((whole / 2..=whole).contains(&delay), "{delay:?}");
        }
    }

    #[test]
    fn only_a_long_lived_connection_resets_the_delays() {
        let cap = Duration::from_secs(5);
        let mut backoff = Backoff::new(cap);
        assert_eq!(backoff.next_delay(), Duration::ZERO);

        backoff.connection_lived(Duration::from_secs(1));
        assert!(backoff.next_delay() > Duration::ZERO);

        backoff.connection_lived(cap);
        assert_eq!(backoff.next_delay(), Duration::ZERO);
    }
}
