//! dlib's network files: the layers in the order in which data passes through them.
//!
//! The file opens with the loss and the input layer, which we do not need (their settings are in the pack).
//! From the first convolution on, every byte is read: a layer is its name, its own fields, and then what dlib
//! keeps about every layer (three booleans, three tensors that are empty in published files).

use super::reader::{Malformed, Reader};

/// Rows by columns.
pub(super) type Extent = [usize; 2];

/// A window that moves over rows and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) size: Extent,
    pub(super) stride: Extent,
    pub(super) padding: Extent,
}

/// Weighted sums over a window.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Convolution {
    pub(super) filters: usize,
    pub(super) channels: usize,
    pub(super) window: Window,
    /// Laid out as filters x channels x rows x columns.
    pub(super) weights: Vec<f32>,
    /// One per filter.
    pub(super) bias: Vec<f32>,
}

/// One layer, with the meaning it has when the network is used (not trained).
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Layer {
    Convolution(Convolution),
    /// One factor and one shift per channel (dlib's affine layer, or a batch normalisation).
    Scale {
        factor: Vec<f32>,
        shift: Vec<f32>,
    },
    Relu,
    MaxPool(Window),
    AveragePool(Window),
    GlobalAveragePool,
    /// Adds the input of the present residual block.
    AddBlockInput,
    /// `weights` is laid out as inputs x outputs.
    Product {
        inputs: usize,
        outputs: usize,
        weights: Vec<f32>,
    },
}

/// No window, stride or padding of a known network comes near it.
const LARGEST_WINDOW: usize = 1 << 10;

/// Reads all layers of a network file.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Layer>, Malformed> {
    let mut reader = Reader::new(bytes);
    // A string of 5 bytes: every network that we import begins with a convolution.
    reader.skip_to(b"\x01\x05con_4", "a convolution")?;
    let mut layers = Vec::new();
    while !reader.at_end() {
        layers.push(layer(&mut reader)?);
        trailer(&mut reader)?;
        if layers.len() == 1 {
            reader.exactly(1, "one sample per picture")?;
        }
    }
    Ok(layers)
}

fn layer(reader: &mut Reader<'_>) -> Result<Layer, Malformed> {
    let start = reader.expected("a known kind of layer");
    match reader.string()? {
        b"con_4" => convolution(reader),
        b"affine_" => affine(reader),
        b"bn_con2" => batch_normalisation(reader),
        b"relu_" => Ok(Layer::Relu),
        b"max_pool_2" => Ok(Layer::MaxPool(window(reader)?)),
        b"avg_pool_2" => Ok(match window(reader)? {
            Window { size: [0, 0], .. } => Layer::GlobalAveragePool,
            window => Layer::AveragePool(window),
        }),
        b"add_prev_" => Ok(Layer::AddBlockInput),
        b"fc_2" => product(reader),
        _ => Err(start),
    }
}

fn trailer(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    for _ in 0..3 {
        reader.boolean()?;
    }
    for _ in 0..3 {
        reader.tensor()?;
    }
    Ok(())
}

fn window(reader: &mut Reader<'_>) -> Result<Window, Malformed> {
    let mut pair = || -> Result<Extent, Malformed> {
        Ok([reader.number(LARGEST_WINDOW, "a window")?, reader.number(LARGEST_WINDOW, "a window")?])
    };
    Ok(Window { size: pair()?, stride: pair()?, padding: pair()? })
}

/// Learning rates and weight decays: of no use here.
fn skip_training_settings(reader: &mut Reader<'_>) -> Result<(), Malformed> {
    for _ in 0..4 {
        reader.float()?;
    }
    Ok(())
}

fn convolution(reader: &mut Reader<'_>) -> Result<Layer, Malformed> {
    let start = reader.expected("a consistent convolution");
    let (_, mut weights) = reader.tensor()?;
    let filters = reader.count()?;
    let window = window(reader)?;
    let [outputs, channels, rows, columns] = reader.shape()?;
    let biases = reader.shape()?;
    skip_training_settings(reader)?;

    let size = checked_product(&[outputs, channels, rows, columns]).ok_or(start)?;
    let consistent = outputs == filters
        && size > 0
        && [rows, columns] == window.size
        && window.stride.iter().all(|step| *step > 0)
        && biases == [1, filters, 1, 1]
        && size.checked_add(filters) == Some(weights.len());
    if !consistent {
        return Err(start);
    }
    let bias = weights.split_off(size);
    Ok(Layer::Convolution(Convolution { filters, channels, window, weights, bias }))
}

fn affine(reader: &mut Reader<'_>) -> Result<Layer, Malformed> {
    let start = reader.expected("a consistent affine layer");
    let (factor, shift) = halves(reader)?;
    for _ in 0..2 {
        reader.shape()?;
    }
    // The other mode works on single values and belongs after a product.
    reader.exactly(0, "an affine layer for convolutions")?;
    if factor.len() == shift.len() { Ok(Layer::Scale { factor, shift }) } else { Err(start) }
}

/// gamma (x - mean) / sqrt(variance + epsilon) + beta, with the running mean and variance: a factor and a shift.
fn batch_normalisation(reader: &mut Reader<'_>) -> Result<Layer, Malformed> {
    let start = reader.expected("a consistent batch normalisation");
    let (gamma, beta) = halves(reader)?;
    for _ in 0..2 {
        reader.shape()?;
    }
    // Mean and deviation of the last training batch come first, the running ones count.
    let [_, _, (_, mean), (_, variance)] =
        [reader.tensor()?, reader.tensor()?, reader.tensor()?, reader.tensor()?];
    for _ in 0..2 {
        reader.integer()?;
    }
    skip_training_settings(reader)?;
    let epsilon = f64::from(reader.float()?);

    if [beta.len(), mean.len(), variance.len()] != [gamma.len(); 3] {
        return Err(start);
    }
    let deviation = |variance: &f32| (f64::from(*variance) + epsilon).sqrt();
    #[expect(clippy::cast_possible_truncation, reason = "the network computes in single precision")]
    let factor: Vec<f32> =
        gamma.iter().zip(&variance).map(|(gamma, v)| (f64::from(*gamma) / deviation(v)) as f32).collect();
    let shift =
        beta.iter().zip(&factor).zip(&mean).map(|((beta, factor), mean)| beta - factor * mean).collect();
    Ok(Layer::Scale { factor, shift })
}

/// A tensor that holds two vectors of equal length, one after the other.
fn halves(reader: &mut Reader<'_>) -> Result<(Vec<f32>, Vec<f32>), Malformed> {
    let (_, mut first) = reader.tensor()?;
    let second = first.split_off(first.len() / 2);
    Ok((first, second))
}

fn product(reader: &mut Reader<'_>) -> Result<Layer, Malformed> {
    let start = reader.expected("a consistent product without bias");
    let (outputs, inputs) = (reader.count()?, reader.count()?);
    let (_, weights) = reader.tensor()?;
    let (_, biases) = (reader.shape()?, reader.shape()?);
    reader.exactly(1, "a product without bias")?;
    skip_training_settings(reader)?;
    if biases == [0; 4] && outputs > 0 && inputs.checked_mul(outputs) == Some(weights.len()) {
        Ok(Layer::Product { inputs, outputs, weights })
    } else {
        Err(start)
    }
}

fn checked_product(factors: &[usize]) -> Option<usize> {
    factors.iter().try_fold(1_usize, |product, factor| product.checked_mul(*factor))
}

#[cfg(test)]
mod tests;
