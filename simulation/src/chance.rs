//! Chance that is the same again for the same seed, whatever the version of any crate: `SplitMix64` (Steele, Lea and
//! Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).

use std::{
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use service_kit::jitter::Jitter;

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A row of numbers; clones go on in the same row.
#[derive(Debug, Clone)]
pub struct Chance(Arc<Mutex<u64>>);

impl Chance {
    /// The row that begins with this seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(seed)))
    }

    /// A row of its own, so that what one part of the simulation draws changes nothing for the others.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::of(self.next())
    }

    /// The next number.
    #[must_use]
    pub fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(STEP);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..count`, which is not empty.
    #[must_use]
    pub fn below(&self, count: usize) -> usize {
        usize::try_from(self.next() % count as u64).unwrap_or_default()
    }

    /// In 0..1.
    #[must_use]
    pub fn share(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what a float holds")]
        let share = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        share
    }

    /// Whether something happens that does so this often, in percent.
    #[must_use]
    pub fn percent(&self, often: u8) -> bool {
        self.next() % 100 < u64::from(often)
    }

    /// A time within this range, in whole milliseconds.
    #[must_use]
    pub fn time(&self, range: Range<Duration>) -> Duration {
        let time = range.start + range.end.saturating_sub(range.start).mul_f64(self.share());
        Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    /// One of these.
    #[must_use]
    pub fn pick<T: Copy>(&self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// This chance for the waits of the code under test.
    #[must_use]
    pub fn jitter(&self) -> Jitter {
        let chance = self.fork();
        Jitter::of(move || chance.share())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_numbers_that_its_authors_publish() {
        let chance = Chance::of(1_234_567);

        let drawn = [chance.next(), chance.next(), chance.next()];

        assert_eq!(drawn, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn what_a_fork_draws_changes_nothing_for_the_row_that_it_left() {
        let (one, other) = (Chance::of(7), Chance::of(7));
        let (fork, _untouched) = (one.fork(), other.fork());

        for _ in 0..10 {
            assert!((0.0..1.0).contains(&fork.share()));
        }

        assert_eq!(one.next(), other.next());
    }
}
