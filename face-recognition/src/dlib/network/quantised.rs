//! Converts a chain of convolutions so that all but its first and last compute in int8: two to three times as fast on
//! processors that multiply bytes, and exact enough to find faces.
//!
//! Values between layers are bytes from 0: what a rectifier lets through, as multiples of one step a layer. Weights have
//! 7 bits, because x86-64 without VNNI adds two products of a byte and a weight in 16 bits, which 8 bits could overflow.
//! The last convolution is written as its transpose: the same sums, for which one product of matrices is enough.

use super::builder::Builder;
use super::{Converted, InputSize, NOMINAL, Signal, as_scale};
use crate::dlib::error::NetworkError;
use crate::dlib::layers::{Convolution, Layer};
use crate::dlib::onnx::{Attribute, Tensor};

/// The largest weight.
const LARGEST_WEIGHT: f32 = 64.0;
/// The largest value between layers.
const LARGEST_VALUE: f32 = 255.0;
/// Filters of an int8 layer are made up to a multiple of this: whole vectors of the processor.
const LANES: usize = 16;

/// Converts `layers`: convolutions, each but the last with a rectifier behind it. `ranges` has the largest value that each
/// rectifier lets through; what is larger counts as that.
pub(in crate::dlib) fn convert(layers: &[Layer], ranges: &[f32]) -> Result<Converted, NetworkError> {
    let chain = chain(layers)?;
    let ([first, middle @ .., last], [_, ..]) = (chain.as_slice(), ranges) else {
        return Err(NetworkError::Misplaced { layer: 0 });
    };
    if ranges.len() != middle.len() + 1 {
        return Err(NetworkError::Misplaced { layer: layers.len() });
    }
    let misfit = |number: usize| NetworkError::Misfit { layer: number };

    let start = Signal { name: "input".to_owned(), channels: 3, extent: NOMINAL };
    let mut builder = Builder::default();
    let convolved = builder.convolution(first, None, &start).ok_or(misfit(0))?;
    let mut signal = Signal { name: builder.node("Relu", &[&convolved.name], vec![]), ..convolved };
    let mut step = builder.step(ranges[0]);
    signal.name = builder.node("QuantizeLinear", &[&signal.name, &step.size, &step.zero], vec![]);
    for (number, (convolution, range)) in middle.iter().zip(&ranges[1..]).enumerate() {
        let next = builder.step(*range);
        let wide = widened(convolution, signal.channels, convolution.filters.next_multiple_of(LANES));
        signal = builder.quantised_convolution(&wide, [&step, &next], &signal).ok_or(misfit(number + 1))?;
        step = next;
    }
    signal.name = builder.node("DequantizeLinear", &[&signal.name, &step.size, &step.zero], vec![]);
    let last = widened(last, signal.channels, last.filters);
    let end = builder.transposed_convolution(&last, &signal).ok_or(misfit(middle.len() + 1))?;
    Ok(Converted { outputs: end.channels, model: builder.finish(&start, &end, InputSize::Free, false) })
}

/// The convolutions, with the factors and shifts behind them folded in.
fn chain(layers: &[Layer]) -> Result<Vec<Convolution>, NetworkError> {
    let mut chain = Vec::new();
    let mut rest = layers;
    while let [Layer::Convolution(convolution), behind @ ..] = rest {
        let misplaced = NetworkError::Misplaced { layer: layers.len() - behind.len() };
        let scale = behind.first().and_then(as_scale);
        let misfit = NetworkError::Misfit { layer: layers.len() - rest.len() };
        chain.push(convolution.folded(scale).ok_or(misfit)?);
        rest = match &behind[usize::from(scale.is_some())..] {
            [] => &[],
            [Layer::Relu, behind @ ..] => behind,
            _ => return Err(misplaced),
        };
    }
    // A rectifier at the end would be lost.
    match (rest, layers.last()) {
        ([], Some(Layer::Relu)) => Err(NetworkError::Misplaced { layer: layers.len() - 1 }),
        ([], _) => Ok(chain),
        _ => Err(NetworkError::Misplaced { layer: layers.len() - rest.len() }),
    }
}

/// The same convolution with more channels and filters, whose weights are zero.
fn widened(convolution: &Convolution, channels: usize, filters: usize) -> Convolution {
    let [rows, columns] = convolution.window.size;
    let missing = channels.saturating_sub(convolution.channels) * rows * columns;
    let mut weights = Vec::with_capacity(filters * channels * rows * columns);
    for filter in convolution.weights.chunks_exact(convolution.channels * rows * columns) {
        weights.extend_from_slice(filter);
        weights.extend(std::iter::repeat_n(0.0, missing));
    }
    weights.resize(filters * channels * rows * columns, 0.0);
    let mut bias = convolution.bias.clone();
    bias.resize(filters, 0.0);
    Convolution { filters, channels, window: convolution.window, weights, bias }
}

/// Names of the constants that give bytes their meaning.
struct Step {
    /// What the byte is multiplied with.
    size: String,
    value: f32,
    /// The byte that stands for zero: 0.
    zero: String,
}

impl Builder {
    fn step(&mut self, range: f32) -> Step {
        let value = range / LARGEST_VALUE;
        let size = self.constant(|name| Tensor::float(name, value));
        Step { size, value, zero: self.constant(|name| Tensor::byte(name, 0)) }
    }

    /// A rectifier is part of it: bytes do not go below zero.
    fn quantised_convolution(
        &mut self,
        convolution: &Convolution,
        [from, to]: [&Step; 2],
        input: &Signal,
    ) -> Option<Signal> {
        let Convolution { filters, channels, window, weights, bias } = convolution;
        let output = convolution.output(input)?;
        let of_filter = weights.len() / filters;
        let scales: Vec<f32> = weights.chunks_exact(of_filter).map(scale_of).collect();
        let whole: Vec<i8> = weights
            .chunks_exact(of_filter)
            .zip(&scales)
            .flat_map(|(filter, scale)| filter.iter().map(move |weight| nearest(weight / scale)))
            .collect();
        let biases: Vec<i32> =
            bias.iter().zip(&scales).map(|(bias, scale)| nearest_wide(bias / (scale * from.value))).collect();

        let [rows, columns] = window.size;
        let names = [
            self.constant(|name| Tensor::bytes(name, &[*filters, *channels, rows, columns], &whole)),
            self.constant(|name| Tensor::floats(name, &[*filters], &scales)),
            self.constant(|name| Tensor::bytes(name, &[*filters], &vec![0; *filters])),
        ];
        let [weights, scales, zeros] = &names;
        let biases = self.constant(|name| Tensor::words(name, &biases));
        let inputs =
            [&input.name, &from.size, &from.zero, weights, scales, zeros, &to.size, &to.zero, &biases];
        let name = self.node("QLinearConv", &inputs.map(String::as_str), window.attributes());
        Some(Signal { name, ..output })
    }

    /// A convolution that keeps the size, as the transpose of one with the weights turned by half a turn.
    fn transposed_convolution(&mut self, convolution: &Convolution, input: &Signal) -> Option<Signal> {
        let Convolution { filters, channels, window, weights, bias } = convolution;
        let output = convolution.output(input)?;
        if output.extent != input.extent || window.stride != [1, 1] {
            return None;
        }
        let [rows, columns] = window.size;
        let area = rows * columns;
        let turned: Vec<f32> = (0..*channels)
            .flat_map(|channel| (0..*filters).map(move |filter| (filter * channels + channel) * area))
            .flat_map(|first| weights[first..first + area].iter().rev().copied())
            .collect();
        let weights =
            self.constant(|name| Tensor::floats(name, &[*channels, *filters, rows, columns], &turned));
        let bias = self.constant(|name| Tensor::floats(name, &[*filters], bias));
        let attributes: Vec<Attribute> = window.attributes();
        let name = self.node("ConvTranspose", &[&input.name, &weights, &bias], attributes);
        Some(Signal { name, ..output })
    }
}

/// What the whole weights of a filter are multiplied with.
fn scale_of(filter: &[f32]) -> f32 {
    let largest = filter.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    if largest > 0.0 { largest / LARGEST_WEIGHT } else { 1.0 }
}

#[expect(clippy::cast_possible_truncation, reason = "divided by the largest of them over 64")]
fn nearest(weight: f32) -> i8 {
    weight.round() as i8
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates, as the sum would")]
fn nearest_wide(bias: f32) -> i32 {
    bias.round() as i32
}

#[cfg(test)]
mod tests;
