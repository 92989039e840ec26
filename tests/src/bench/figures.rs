//! What is said of many measured values.

use std::time::Duration;

/// The middle one.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The time that so many percent of all did not exceed.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let mut times = times.to_vec();
    times.sort();
    times[(times.len() * percent).div_ceil(100).saturating_sub(1)]
}

/// How many a second.
pub(super) fn rate(count: u32, took: Duration) -> f64 {
    f64::from(count) / took.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=200).rev().map(Duration::from_millis).collect();

        let seen = [0, 50, 99, 100].map(|percent| percentile(&times, percent).as_millis());

        assert_eq!(seen, [1, 100, 198, 200]);
    }

    #[test]
    fn one_slow_round_does_not_move_the_median() {
        let seen = median([5.0, 1.0, 4.0]);

        assert!((seen - 4.0).abs() < f64::EPSILON, "{seen}");
    }
}
