//! The thresholds that keep a wanted rate.

use super::{Grid, Rates, Share, Trials};
use crate::Thresholds;

/// From `unknown` on a face is nobody we know; below, a person has to look. So often as many strangers as are named may be
/// put before somebody. A choice: low enough that there is little to look at, and high enough that known people who are
/// just missed are mostly among them.
const LOOKED_AT: f64 = 5.0;

/// Which share of strangers may be named.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct WantedRate(f64);

impl WantedRate {
    /// The highest that can be wanted: five times as many are all.
    pub const HIGHEST: f64 = 1.0 / LOOKED_AT;

    /// Above 0, and [`HIGHEST`](Self::HIGHEST) at most.
    #[must_use]
    pub fn new(rate: f64) -> Option<Self> {
        (rate > 0.0 && rate <= Self::HIGHEST).then_some(Self(rate))
    }

    /// From 0 to 1.
    #[must_use]
    pub fn rate(self) -> f64 {
        self.0
    }

    /// How many non-mated probes, not one of which is named, show this rate.
    #[must_use]
    pub fn probes_needed(self) -> u32 {
        // What is no whole number only because it was rounded must not ask for one more.
        let probes = (Share::RULE_OF_THREE / self.0 - 1e-6).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "too many are too many")]
        let probes = probes as u32;
        probes
    }
}

/// Thresholds, and what happened under them on the photos that they were made from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recommendation {
    /// With the margin of the trials.
    pub thresholds: Thresholds,
    /// Under `accept`.
    pub at_accept: Rates,
    /// What would happen if `unknown` were the threshold: who is named then and not under `accept` is ambiguous.
    pub at_unknown: Rates,
}

impl Recommendation {
    /// The largest thresholds of the grid under which at most the wanted rate of the non-mated probes is named (`accept`),
    /// and at most five times that would be (`unknown`). `None` when only 0 would do: a stranger's photo is as near to a
    /// known one as if it were the same.
    #[must_use]
    pub fn of<P: Copy + PartialEq>(trials: &Trials<P>, grid: Grid, wanted: WantedRate) -> Option<Self> {
        let largest = |rate: f64| {
            let keeps =
                |threshold: &f32| *threshold > 0.0 && trials.rates(*threshold).falsely_named.rate() <= rate;
            grid.thresholds().rev().find(keeps)
        };
        let (accept, unknown) = (largest(wanted.0)?, largest(LOOKED_AT * wanted.0)?);
        Some(Self {
            thresholds: Thresholds { accept, unknown, margin: trials.margin },
            at_accept: trials.rates(accept),
            at_unknown: trials.rates(unknown),
        })
    }
}

#[cfg(test)]
mod tests;
