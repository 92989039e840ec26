//! Writes ONNX nodes and keeps track of the sizes of what they give.

use prost::Message as _;

use super::{InputSize, Signal};
use crate::dlib::layers::{Convolution, Extent, Window};
use crate::dlib::onnx::{Attribute, Graph, Model, Node, Size, Tensor, Value, integers};

/// Collects nodes and constants; names are numbered, so that one input gives one file.
#[derive(Default)]
pub(super) struct Builder {
    nodes: Vec<Node>,
    constants: Vec<Tensor>,
}

impl Builder {
    /// Adds a node; gives the name of its output.
    pub(super) fn node(&mut self, operator: &str, inputs: &[&str], attributes: Vec<Attribute>) -> String {
        let name = format!("{}_{}", operator.to_lowercase(), self.nodes.len());
        self.nodes.push(Node {
            inputs: inputs.iter().map(|&input| input.to_owned()).collect(),
            outputs: vec![name.clone()],
            operator: operator.to_owned(),
            attributes,
        });
        name
    }

    fn floats(&mut self, dimensions: &[usize], values: &[f32]) -> String {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(Tensor::floats(&name, dimensions, values));
        name
    }

    pub(super) fn convolution(
        &mut self,
        Convolution { filters, channels, window, weights, bias }: &Convolution,
        scale: Option<(&[f32], &[f32])>,
        input: &Signal,
    ) -> Option<Signal> {
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
        let name = self.node("Conv", &[&input.name, &weights, &bias], window_attributes(*window));
        Some(Signal { name, channels: *filters, extent })
    }

    pub(super) fn pool(&mut self, operator: &str, window: Window, input: &Signal) -> Option<Signal> {
        let extent = slid(input.extent, window)?;
        let name = self.node(operator, &[&input.name], window_attributes(window));
        Some(Signal { name, channels: input.channels, extent })
    }

    pub(super) fn add(&mut self, one: &Signal, other: &Signal) -> Signal {
        let channels = one.channels.max(other.channels);
        let extent = [0, 1].map(|axis| one.extent[axis].max(other.extent[axis]));
        let [one, other] = [one, other].map(|signal| self.padded(signal, channels, extent));
        Signal { name: self.node("Add", &[&one, &other], vec![]), channels, extent }
    }

    /// The name of `signal` padded with zeros, at the far ends, to this size.
    fn padded(&mut self, signal: &Signal, channels: usize, [rows, columns]: Extent) -> String {
        let missing = [channels - signal.channels, rows - signal.extent[0], columns - signal.extent[1]];
        if missing == [0; 3] {
            return signal.name.clone();
        }
        let name = format!("constant_{}", self.constants.len());
        let [channels, rows, columns] = missing;
        self.constants.push(Tensor::integers(&name, &integers(&[0, 0, 0, 0, 0, channels, rows, columns])));
        self.node("Pad", &[&signal.name, &name], vec![])
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
        let name = self.node("Gemm", &[&flat, &weights], vec![]);
        Signal { name, channels: outputs, extent: [1, 1] }
    }

    pub(super) fn finish(mut self, input: &Signal, output: &Signal, size: InputSize, flat: bool) -> Vec<u8> {
        if let Some(last) = self.nodes.last_mut() {
            last.outputs = vec!["output".to_owned()];
        }
        let mut output_sizes = sizes(output, "output", size);
        if flat {
            output_sizes.truncate(2);
        }
        let graph = Graph {
            nodes: self.nodes,
            name: "network".to_owned(),
            constants: self.constants,
            inputs: vec![Value::floats("input", sizes(input, "input", size))],
            outputs: vec![Value::floats("output", output_sizes)],
        };
        Model::new(graph).encode_to_vec()
    }
}

/// Rows and columns after a window has passed over them; `None` where it is empty, does not fit or does not move.
fn slid(extent: Extent, window: Window) -> Option<Extent> {
    let slid = |axis: usize| {
        let room = (extent[axis] + 2 * window.padding[axis]).checked_sub(window.size[axis])?;
        Some(room.checked_div(window.stride[axis])? + 1)
    };
    if window.size.contains(&0) { None } else { Some([slid(0)?, slid(1)?]) }
}

fn window_attributes(window: Window) -> Vec<Attribute> {
    let [top, left] = window.padding;
    vec![
        Attribute::new("kernel_shape", integers(&window.size)),
        Attribute::new("strides", integers(&window.stride)),
        Attribute::new("pads", integers(&[top, left, top, left])),
    ]
}

/// The dimensions of one picture's tensor: a batch of one, channels, rows, columns.
fn sizes(signal: &Signal, name: &str, input: InputSize) -> Vec<Size> {
    let [rows, columns] = signal.extent;
    let mut sizes: Vec<Size> =
        integers(&[1, signal.channels, rows, columns]).into_iter().map(Size::Fixed).collect();
    if matches!(input, InputSize::Free) {
        sizes.truncate(2);
        sizes.extend(["rows", "columns"].map(|axis| Size::Free(format!("{name}_{axis}"))));
    }
    sizes
}
