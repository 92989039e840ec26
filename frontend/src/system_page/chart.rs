//! Small charts: a bar for each minute. Pure; the template draws them as SVG.

/// Rows of the drawing, and columns of one bar with the gap behind it.
const HEIGHT: f64 = 60.0;
const STEP: usize = 5;

/// Bars from left to right.
pub(super) struct Chart {
    pub(super) width: usize,
    pub(super) bars: Vec<Bar>,
    /// The largest value, in words; none where all are zero.
    pub(super) largest: Option<String>,
}

/// One bar: from where it begins to the lower border.
#[derive(Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) x: usize,
    pub(super) y: f64,
    pub(super) height: f64,
}

impl Chart {
    pub(super) fn bars(values: impl Iterator<Item = f64>) -> Self {
        let values: Vec<f64> = values.collect();
        let largest = values.iter().copied().fold(0.0, f64::max);
        let bars = values.iter().enumerate().filter(|(_, value)| **value > 0.0).map(|(place, value)| {
            // A bar that is there can be seen.
            let height = (HEIGHT * value / largest).round().max(1.0);
            Bar { x: place * STEP, y: HEIGHT - height, height }
        });
        Self {
            width: values.len() * STEP,
            bars: bars.collect(),
            largest: (largest > 0.0).then(|| number(largest)),
        }
    }
}

/// With two digits that tell something.
fn number(value: f64) -> String {
    match value {
        value if value.fract() == 0.0 || value >= 100.0 => format!("{value:.0}"),
        value if value >= 10.0 => format!("{value:.1}"),
        value => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_value_is_the_highest_bar_and_nothing_has_none() {
        let chart = Chart::bars([0.0, 50.0, 100.0, 0.1].into_iter());

        let bar = |x, y, height| Bar { x, y, height };
        assert_eq!(chart.bars, [bar(5, 30.0, 30.0), bar(10, 0.0, 60.0), bar(15, 59.0, 1.0)]);
        assert_eq!((chart.width, chart.largest.as_deref()), (20, Some("100")));
        assert_eq!(Chart::bars([0.0].into_iter()).largest, None);
    }

    #[test]
    fn a_number_has_no_more_digits_than_tell_something() {
        let numbers = [7.0, 0.256, 12.34, 123.4].map(number);
        assert_eq!(numbers, ["7", "0.26", "12.3", "123"]);
    }
}
