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

    /// Adds a constant under a name of its own; gives that name.
    pub(super) fn constant(&mut self, make: impl FnOnce(&str) -> Tensor) -> String {
        let name = format!("constant_{}", self.constants.len());
        self.constants.push(make(&name));
        name
    }

    pub(super) fn convolution(
        &mut self,
        convolution: &Convolution,
        scale: Option<(&[f32], &[f32])>,
        input: &Signal,
    ) -> Option<Signal> {
        let folded = convolution.folded(scale)?;
        let output = folded.output(input)?;
        let Convolution { filters, channels, window, weights, bias } = folded;
        let [rows, columns] = window.size;
        let weights =
            self.constant(|name| Tensor::floats(name, &[filters, channels, rows, columns], &weights));
        let bias = self.constant(|name| Tensor::floats(name, &[filters], &bias));
        let name = self.node("Conv", &[&input.name, &weights, &bias], window.attributes());
        Some(Signal { name, ..output })
    }

    pub(super) fn pool(&mut self, operator: &str, window: Window, input: &Signal) -> Option<Signal> {
        let extent = slid(input.extent, window)?;
        let name = self.node(operator, &[&input.name], window.attributes());
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
        let [channels, rows, columns] = missing;
        let padding = integers(&[0, 0, 0, 0, 0, channels, rows, columns]);
        let name = self.constant(|name| Tensor::integers(name, &padding));
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
        let weights = self.constant(|name| Tensor::floats(name, &[inputs, outputs], weights));
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

impl Convolution {
    /// The same with a factor and shift for each filter folded into its weights. `None` where there is another number of
    /// them.
    pub(super) fn folded(&self, scale: Option<(&[f32], &[f32])>) -> Option<Self> {
        let mut folded = self.clone();
        let Some((factor, shift)) = scale else { return Some(folded) };
        if factor.len() != self.filters || shift.len() != self.filters {
            return None;
        }
        let of_filter = self.channels * self.window.size[0] * self.window.size[1];
        for (filter, factor) in folded.weights.chunks_exact_mut(of_filter).zip(factor) {
            for weight in filter {
                *weight *= factor;
            }
        }
        for ((bias, factor), shift) in folded.bias.iter_mut().zip(factor).zip(shift) {
            *bias = *bias * factor + shift;
        }
        Some(folded)
    }

    /// What comes of `input`, still without a name. `None` where the convolution does not fit it.
    pub(super) fn output(&self, input: &Signal) -> Option<Signal> {
        let extent = slid(input.extent, self.window)?;
        (input.channels == self.channels).then(|| Signal {
            name: String::new(),
            channels: self.filters,
            extent,
        })
    }
}

impl Window {
    pub(super) fn attributes(self) -> Vec<Attribute> {
        let [top, left] = self.padding;
        vec![
            Attribute::new("kernel_shape", integers(&self.size)),
            Attribute::new("strides", integers(&self.stride)),
            Attribute::new("pads", integers(&[top, left, top, left])),
        ]
    }
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
