//! Turns a list of layers into an ONNX graph that computes the same.
//!
//! A factor and shift after a convolution are folded into its weights. A residual block begins with a
//! convolution; its input is added at its end, both padded with zeros, in channels, rows and columns, to the
//! larger of the two: that is what dlib does where a block halves the picture or widens it.

mod builder;
mod quantised;

use builder::Builder;
pub(super) use quantised::convert as convert_quantised;

use super::error::NetworkError;
use super::layers::{Extent, Layer};

/// What the network looks at.
#[derive(Debug, Clone, Copy)]
pub(super) enum InputSize {
    /// Any height and width.
    Free,
    /// A square of this side.
    Square(u32),
}

/// A converted network.
pub(super) struct Converted {
    /// The ONNX file. Its input is called `input`, its output `output`; both hold one picture.
    pub(super) model: Vec<u8>,
    /// Channels of the output.
    pub(super) outputs: usize,
}

/// A value on its way through the network.
#[derive(Clone)]
struct Signal {
    name: String,
    channels: usize,
    extent: Extent,
}

/// Stands for any height and width where sizes are computed. A network for which another size needs other padding
/// is found out when the engine tries it out.
const NOMINAL: Extent = [480, 640];

/// Converts `layers`, whose input is one RGB picture, already scaled.
pub(super) fn convert(layers: &[Layer], input: InputSize) -> Result<Converted, NetworkError> {
    let extent = match input {
        InputSize::Free => NOMINAL,
        InputSize::Square(side) => [side as usize; 2],
    };
    let start = Signal { name: "input".to_owned(), channels: 3, extent };
    let mut builder = Builder::default();
    let mut signal = start.clone();
    let mut block: Option<Signal> = None;
    let mut index = 0;
    while let Some(layer) = layers.get(index) {
        let misfit = NetworkError::Misfit { layer: index };
        let misplaced = NetworkError::Misplaced { layer: index };
        signal = match layer {
            Layer::Convolution(convolution) => {
                block.get_or_insert_with(|| signal.clone());
                let scale = layers.get(index + 1).and_then(as_scale);
                index += usize::from(scale.is_some());
                builder.convolution(convolution, scale, &signal).ok_or(misfit)?
            }
            // The only place for it is after a convolution, which has taken it.
            Layer::Scale { .. } => return Err(misplaced),
            Layer::Relu => Signal { name: builder.node("Relu", &[&signal.name], vec![]), ..signal },
            Layer::MaxPool(window) => {
                block = None;
                builder.pool("MaxPool", *window, &signal).ok_or(misfit)?
            }
            // It stands before the addition and halves the other path.
            Layer::AveragePool(window) => {
                let skipped = block.as_ref().ok_or(misplaced)?;
                block = Some(builder.pool("AveragePool", *window, skipped).ok_or(misfit)?);
                signal
            }
            Layer::AddBlockInput => {
                let skipped = block.take().ok_or(misplaced)?;
                builder.add(&signal, &skipped)
            }
            Layer::GlobalAveragePool => {
                let name = builder.node("GlobalAveragePool", &[&signal.name], vec![]);
                Signal { name, extent: [1, 1], ..signal }
            }
            Layer::Product { inputs, outputs, weights } => {
                if signal.extent != [1, 1] || signal.channels != *inputs {
                    return Err(misfit);
                }
                builder.product(*outputs, weights, *inputs, &signal)
            }
        };
        index += 1;
    }
    let flat = matches!(layers.last(), Some(Layer::Product { .. }));
    Ok(Converted { outputs: signal.channels, model: builder.finish(&start, &signal, input, flat) })
}

fn as_scale(layer: &Layer) -> Option<(&[f32], &[f32])> {
    match layer {
        Layer::Scale { factor, shift } => Some((factor, shift)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
