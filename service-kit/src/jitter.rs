//! Chance for waits: those who failed together are not to return together. It is handed to whoever waits, so that a
//! test can choose it and a simulation can do the same again.

use std::{fmt, sync::Arc};

/// A source of numbers in 0..1; clones are the same one.
#[derive(Clone)]
pub struct Jitter(Arc<dyn Fn() -> f64 + Send + Sync>);

impl Jitter {
    /// Of the thread's random numbers.
    #[must_use]
    pub fn random() -> Self {
        Self::of(rand::random)
    }

    /// Of this source, which answers numbers in 0..1.
    #[must_use]
    pub fn of(source: impl Fn() -> f64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// The next number.
    #[must_use]
    pub fn draw(&self) -> f64 {
        (self.0)()
    }
}

impl fmt::Debug for Jitter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Jitter")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_numbers_lie_between_0_and_1_and_differ() {
        let jitter = Jitter::random();

        let drawn: Vec<f64> = (0..100).map(|_| jitter.draw()).collect();

        assert!(drawn.iter().all(|number| (0.0..1.0).contains(number)), "{drawn:?}");
        assert!(drawn.iter().any(|number| (number - drawn[0]).abs() > 0.001), "{drawn:?}");
    }
}
