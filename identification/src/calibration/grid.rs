//! The thresholds that are tried: round numbers from the nearest to the farthest that was found, whatever the scale of the
//! model.

/// Steps at most, so that they are hundredths where distances lie between 0 and 2.
const MOST_STEPS: f64 = 200.0;
/// A grid is this much of its end wide at least: distances of which all are alike have no width.
const LEAST_WIDTH: f64 = 0.05;

/// Numbers one step of a power of ten apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// The step is ten to the power of minus this.
    exponent: i32,
    /// In steps.
    first: u32,
    last: u32,
}

impl Grid {
    /// From a number at or below `nearest` to one above `farthest`; both are distances, `nearest` not the larger one.
    #[must_use]
    pub fn over(nearest: f32, farthest: f32) -> Self {
        let (from, to) = (f64::from(nearest).max(0.0), f64::from(farthest).max(f64::from(f32::MIN_POSITIVE)));
        let width = (to - from).max(to * LEAST_WIDTH);
        #[expect(clippy::cast_possible_truncation, reason = "an f32 has at most 45 places")]
        let exponent = -(width / MOST_STEPS).log10().ceil() as i32;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few thousand steps from 0"
        )]
        let steps = |distance: f64| (distance * 10_f64.powi(exponent)).floor() as u32;
        let mut grid = Self { exponent, first: steps(from), last: steps(to).saturating_add(1) };
        // A product is rounded, and so is the number of a step.
        if grid.threshold(grid.first) > nearest {
            grid.first = grid.first.saturating_sub(1);
        }
        if grid.threshold(grid.last) <= farthest {
            grid.last = grid.last.saturating_add(1);
        }
        grid
    }

    /// All of them, the smallest first.
    #[must_use]
    pub fn thresholds(self) -> impl DoubleEndedIterator<Item = f32> {
        (self.first..=self.last).map(move |step| self.threshold(step))
    }

    /// Digits after the point with which they can be told apart.
    #[must_use]
    pub fn decimals(self) -> usize {
        usize::try_from(self.exponent).unwrap_or(0)
    }

    #[expect(clippy::cast_possible_truncation, reason = "distances are of single precision")]
    fn threshold(self, step: u32) -> f32 {
        (f64::from(step) / 10_f64.powi(self.exponent)) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ends(grid: Grid) -> (f32, f32) {
        let mut thresholds = grid.thresholds();
        let first = thresholds.next().expect("it is never empty");
        (first, thresholds.next_back().expect("it has two ends"))
    }

    #[test]
    fn the_step_follows_the_scale() {
        let table = [
            ((0.284, 0.931), (0.28, 0.94), 2),
            ((0.0, 1.99), (0.0, 2.0), 2),
            ((0.5, 0.5), (0.5, 0.501), 3),
            ((12.0, 340.0), (10.0, 350.0), 0),
        ];
        for ((nearest, farthest), expected, decimals) in table {
            let grid = Grid::over(nearest, farthest);
            assert_eq!((ends(grid), grid.decimals()), (expected, decimals), "{nearest} to {farthest}");
        }
    }

    #[test]
    fn hundredths_are_written_as_such() {
        let thresholds: Vec<f32> = Grid::over(0.295, 0.565).thresholds().collect();

        assert_eq!(thresholds[..3], [0.29, 0.3, 0.31]);
        assert_eq!(thresholds.last(), Some(&0.57));
    }

    proptest! {
        #[test]
        fn it_covers_what_was_found_in_rising_steps_of_which_there_are_not_many(
            a in 1e-3_f32..1e4, b in 1e-3_f32..1e4,
        ) {
            let (nearest, farthest) = (a.min(b), a.max(b));
            let grid = Grid::over(nearest, farthest);
            let thresholds: Vec<f32> = grid.thresholds().collect();

            prop_assert!(thresholds.is_sorted_by(|one, next| one < next), "{thresholds:?}");
            let (first, last) = ends(grid);
            prop_assert!(first <= nearest && farthest < last, "{first} {last}");
            prop_assert!((2..=203).contains(&thresholds.len()), "{}", thresholds.len());
        }
    }
}
