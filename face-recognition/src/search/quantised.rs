//! An embedding in int8: its numbers as multiples of one scale, and the length of what that loses. By the Cauchy-Schwarz
//! inequality the products of two such rows bound that of the real ones.

use super::RowBounds;

/// Rows are filled up with zeros to a multiple of this: whole vectors of the processor.
pub(super) const LANES: usize = 16;
/// Above what rounding in f32 makes of sums of a few thousand squares, as a part of them.
const ROUNDING: f32 = 1e-3;

/// The length of a row with embeddings of this dimension.
pub(super) fn padded(dimension: usize) -> usize {
    dimension.next_multiple_of(LANES)
}

#[derive(Debug)]
pub(super) struct Quantised {
    pub(super) values: Vec<i8>,
    pub(super) bounds: RowBounds,
}

impl Quantised {
    /// Of numbers that are finite.
    pub(super) fn new(values: &[f32]) -> Self {
        let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
        let scale = if largest > 0.0 { largest / f32::from(i8::MAX) } else { 1.0 };
        let mut quantised: Vec<i8> = values.iter().map(|value| nearest_integer(value / scale)).collect();
        let lost = values.iter().zip(&quantised).map(|(value, integer)| value - scale * f32::from(*integer));
        let error = length(lost);
        quantised.resize(padded(values.len()), 0);
        let bounds = RowBounds { scale, length: length(values.iter().copied()), error };
        Self { values: quantised, bounds }
    }

    /// The squares of the least and the greatest distance that the real embeddings can have, if this is the product of
    /// the rows.
    #[expect(
        clippy::cast_precision_loss,
        reason = "the product is far below 2^24 for each of up to 1,000 numbers"
    )]
    pub(super) fn square_of_distance(&self, row: &RowBounds, product: i32) -> (f32, f32) {
        let own = &self.bounds;
        let product = own.scale * row.scale * product as f32;
        let lost = own.length * row.error + own.error * (row.length + row.error);
        let squares = own.length * own.length + row.length * row.length;
        let (middle, reach) = (squares - 2.0 * product, 2.0 * lost + ROUNDING * squares);
        (middle - reach, middle + reach)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "values are divided by the largest of them over 127")]
fn nearest_integer(value: f32) -> i8 {
    value.round() as i8
}

fn length(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|value| value * value).sum::<f32>().sqrt()
}
