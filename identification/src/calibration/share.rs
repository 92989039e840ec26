//! So many of so many, and what that says of all others.

/// Of the normal distribution, for an interval of 95 %.
const Z: f64 = 1.959_964;
/// A part of some probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// So many.
    pub part: u32,
    /// Of so many.
    pub of: u32,
}

impl Share {
    /// When none of n showed it, the rate among all others may be this divided by n (at 95 %): -ln 0.05, rounded up.
    pub(super) const RULE_OF_THREE: f64 = 3.0;

    /// From 0 to 1; 0 of none.
    #[must_use]
    pub fn rate(self) -> f64 {
        f64::from(self.part) / f64::from(self.of.max(1))
    }

    /// Where the rate among all others lies with a confidence of 95 %, by Wilson's score interval. It takes the probes to be
    /// independent of each other: where many show the same person, it is too narrow.
    #[must_use]
    pub fn interval(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (rate, of) = (self.rate(), f64::from(self.of));
        let scale = 1.0 + Z * Z / of;
        let centre = (rate + Z * Z / (2.0 * of)) / scale;
        let half = Z / scale * (rate * (1.0 - rate) / of + Z * Z / (4.0 * of * of)).sqrt();
        // Rounding must not move an end past the rate itself, which it has where none or all show it.
        ((centre - half).clamp(0.0, rate), (centre + half).clamp(rate, 1.0))
    }

    /// How high the rate may be among all others although not one of `of` showed it.
    #[must_use]
    pub fn rule_of_three(of: u32) -> f64 {
        (Self::RULE_OF_THREE / f64::from(of.max(1))).min(1.0)
    }
}

impl FromIterator<bool> for Share {
    fn from_iter<I: IntoIterator<Item = bool>>(shown: I) -> Self {
        let add = |Self { part, of }, shown| Self { part: part + u32::from(shown), of: of + 1 };
        shown.into_iter().fold(Self::default(), add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn intervals_are_those_of_the_literature() {
        // Newcombe, "Two-sided confidence intervals for the single proportion" (1998), table I, method 3.
        let table = [
            ((81, 263), (0.2553, 0.3662)),
            ((15, 148), (0.0624, 0.1605)),
            ((0, 20), (0.0, 0.1611)),
            ((1, 29), (0.0061, 0.1718)),
        ];
        for ((part, of), expected) in table {
            let interval = Share { part, of }.interval();
            let is_near = |a: f64, b: f64| (a - b).abs() < 0.5e-4;
            assert!(
                is_near(interval.0, expected.0) && is_near(interval.1, expected.1),
                "{part}/{of}: {interval:?}"
            );
        }
    }

    #[test]
    fn no_probes_say_nothing() {
        let none: Share = [].into_iter().collect();

        assert_eq!((none.rate().to_bits(), none.interval()), (0, (0.0, 1.0)));
        assert!((Share::rule_of_three(0) - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn none_of_300_may_be_one_in_a_hundred() {
        assert!((Share::rule_of_three(300) - 0.01).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_rate_lies_in_its_interval_and_more_probes_narrow_it(part in 0_u32..500, rest in 0_u32..500, times in 2_u32..9) {
            prop_assume!(part + rest > 0);
            let few = Share { part, of: part + rest };
            let many = Share { part: part * times, of: few.of * times };
            let width = |share: Share| share.interval().1 - share.interval().0;

            let (from, to) = few.interval();
            prop_assert!(0.0 <= from && from <= few.rate() && few.rate() <= to && to <= 1.0);
            prop_assert!(width(many) < width(few));
        }
    }
}
