//! Writes ONNX nodes and keeps track of the sizes of what they give.

use prost::Message as _;

use super::Signal;
use crate::dlib::layers::{Extent, Layer, Window};
use crate::dlib::onnx::{Attribute, Graph, Model, Node, Size, Tensor, Value, integers};

/// Collects nodes and constants; names are numbered, so that one input gives one file.
#[derive(Default)]
pub(super) struct Builder {
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
}

impl Builder {
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<Attribute>) -> Signal {
        let name = format!("{}_{}", operator.to_lowercase(), self.nodes.len());
        self.nodes.push(Node {
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            outputs: vec![name.clone()],
            operator: operator.to_owned(),
            attributes,
        });
        Signal { name, channels: 0, extent: None }
    }

    fn floats(&mut self, dimensions: &[usize], values: &[f32]) -> String {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(Tensor::floats(&name, dimensions, values));
        name
    }

    pub(super) fn convolution(
        &mut self,
        layer: &Layer,
        scale: Option<(&[f32], &[f32])>,
        input: &Signal,
    ) -> Option<Signal> {
        let Layer::Convolution { filters, channels, window, weights, bias } = layer else {
            return None;
        };
        if input.channels != *channels {
            return None;
        }
        let (mut weights, mut bias) = (weights.clone(), bias.clone());
        if let Some((factor, shift)) = scale {
            if factor.len() != *filters || shift.len() != *filters {
                return None;
            }
            for (filter, factor) in
                weights.chunks_exact_mut(channels * window.size[0] * window.size[1]).zip(factor)
            {
                for weight in filter {
                    *weight *= factor;
                }
            }
            for ((bias, factor), shift) in bias.iter_mut().zip(factor).zip(shift) {
                *bias = *bias * factor + shift;
            }
        }
        let extent = slid(input.extent, *window)?;
        let weights = self.floats(&[*filters, *channels, window.size[0], window.size[1]], &weights);
        let bias = self.floats(&[*filters], &bias);
        let node = self.node("Conv", &[&input.name, &weights, &bias], window_attributes(*window));
        Some(Signal { channels: *filters, extent, ..node })
    }

    pub(super) fn pool(&mut self, operator: &str, window: Window, input: &Signal) -> Option<Signal> {
        let extent = slid(input.extent, window)?;
        let node = self.node(operator, &[&input.name], window_attributes(window));
        Some(Signal { extent, ..node.with_size_of(input) })
    }

    pub(super) fn add(&mut self, one: &Signal, other: &Signal) -> Option<Signal> {
        let ([rows, columns], [other_rows, other_columns]) = (one.extent?, other.extent?);
        let size = Signal {
            name: String::new(),
            channels: one.channels.max(other.channels),
            extent: Some([rows.max(other_rows), columns.max(other_columns)]),
        };
        let (one, other) = (self.padded(one, &size)?, self.padded(other, &size)?);
        Some(self.node("Add", &[&one, &other], vec![]).with_size_of(&size))
    }

    /// The name of `signal` padded with zeros, at the far ends, to the size of `size`.
    fn padded(&mut self, signal: &Signal, size: &Signal) -> Option<String> {
        let ([rows, columns], [to_rows, to_columns]) = (signal.extent?, size.extent?);
        let missing = [size.channels - signal.channels, to_rows - rows, to_columns - columns];
        if missing == [0; 3] {
            return Some(signal.name.clone());
        }
        let name = format!("constant_{}", self.constants.len());
        let [channels, rows, columns] = missing;
        self.constants.push(Tensor::integers(&name, &integers(&[0, 0, 0, 0, 0, channels, rows, columns])));
        Some(self.node("Pad", &[&signal.name, &name], vec![]).name)
    }

    pub(super) fn product(
        &mut self,
        outputs: usize,
        weights: &[f32],
        inputs: usize,
        input: &Signal,
    ) -> Signal {
        let flat = self.node("Flatten", &[&input.name], vec![]);
        let weights = self.floats(&[inputs, outputs], weights);
        let node = self.node("Gemm", &[&flat.name, &weights], vec![]);
        Signal { channels: outputs, extent: Some([1, 1]), ..node }
    }

    pub(super) fn finish(mut self, input: &Signal, output: &Signal, flat: bool) -> Vec<u8> {
        if let Some(last) = self.nodes.last_mut() {
            last.outputs = vec!["output".to_owned()];
        }
        let graph = Graph {
            nodes: self.nodes,
            name: "network".to_owned(),
            constants: self.constants,
            inputs: vec![Value::floats("input", sizes(input, "input", false))],
            outputs: vec![Value::floats("output", sizes(output, "output", flat))],
        };
        Model::new(graph).encode_to_vec()
    }
}

/// Rows and columns after a window has passed over them; `None` where it does not fit or does not move.
#[expect(clippy::option_option, reason = "an unknown extent is not a window that does not fit")]
fn slid(extent: Option<Extent>, window: Window) -> Option<Option<Extent>> {
    let slid = |side: usize, axis: usize| {
        let room = (side + 2 * window.padding[axis]).checked_sub(window.size[axis])?;
        Some(room.checked_div(window.stride[axis])? + 1)
    };
    match extent {
        None => Some(None),
        Some([rows, columns]) => Some(Some([slid(rows, 0)?, slid(columns, 1)?])),
    }
}

fn window_attributes(window: Window) -> Vec<Attribute> {
    let [top, left] = window.padding;
    vec![
        Attribute::new("kernel_shape", integers(&window.size)),
        Attribute::new("strides", integers(&window.stride)),
        Attribute::new("pads", integers(&[top, left, top, left])),
    ]
}

/// The dimensions of one picture's tensor: a batch of one, channels, rows, columns (or channels only).
fn sizes(signal: &Signal, name: &str, flat: bool) -> Vec<Size> {
    let mut sizes: Vec<Size> = integers(&[1, signal.channels]).into_iter().map(Size::Fixed).collect();
    match signal.extent {
        _ if flat => {}
        Some(extent) => sizes.extend(integers(&extent).into_iter().map(Size::Fixed)),
        None => sizes.extend(["rows", "columns"].map(|axis| Size::Free(format!("{name}_{axis}")))),
    }
    sizes
}
