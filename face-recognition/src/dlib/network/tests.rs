use prost::Message as _;

use super::*;
use crate::dlib::layers::{Convolution, Window};
use crate::dlib::onnx::{Graph, Model, Size, Tensor, Value};

const ONE_BY_ONE: Window = Window { size: [1, 1], stride: [1, 1], padding: [0, 0] };
const HALF: Window = Window { size: [2, 2], stride: [2, 2], padding: [0, 0] };

fn convolution(channels: usize, filters: usize, window: Window) -> Layer {
    let weights = vec![1.0; filters * channels * window.size[0] * window.size[1]];
    Layer::Convolution(Convolution { filters, channels, window, weights, bias: vec![1.0; filters] })
}

fn graph(converted: &Converted) -> Graph {
    Model::decode(converted.model.as_slice()).expect("what was encoded").into_graph().expect("it has a graph")
}

fn operators(converted: &Converted) -> Vec<String> {
    graph(converted).nodes.into_iter().map(|node| node.operator).collect()
}

#[test]
fn a_factor_and_shift_disappear_into_the_convolution_before_them() {
    let scale = Layer::Scale { factor: vec![2.0, 3.0], shift: vec![0.5, 0.0] };

    let converted = convert(&[convolution(3, 2, ONE_BY_ONE), scale], InputSize::Free).expect("it fits");

    assert_eq!(operators(&converted), ["Conv"]);
    let constants = graph(&converted).constants;
    assert_eq!(constants[0], Tensor::floats("constant_0", &[2, 3, 1, 1], &[2.0, 2.0, 2.0, 3.0, 3.0, 3.0]));
    assert_eq!(constants[1], Tensor::floats("constant_1", &[2], &[2.5, 3.0]));
}

#[test]
fn a_block_that_halves_and_widens_has_its_skipped_path_pooled_and_padded() {
    let layers = [
        Layer::MaxPool(HALF),
        convolution(3, 8, HALF),
        Layer::Relu,
        Layer::AveragePool(HALF),
        Layer::AddBlockInput,
        Layer::GlobalAveragePool,
        Layer::Product { inputs: 8, outputs: 4, weights: vec![1.0; 32] },
    ];

    let converted = convert(&layers, InputSize::Square(8)).expect("it fits");

    assert_eq!(converted.outputs, 4);
    let expected =
        ["MaxPool", "Conv", "Relu", "AveragePool", "Pad", "Add", "GlobalAveragePool", "Flatten", "Gemm"];
    assert_eq!(operators(&converted), expected);
    // Five channels are missing, and nothing else.
    let padding = Tensor::integers("constant_2", &[0, 0, 0, 0, 0, 5, 0, 0]);
    assert!(graph(&converted).constants.contains(&padding), "{:?}", graph(&converted).constants);
}

#[test]
fn rows_and_columns_of_a_free_network_have_names_instead_of_sizes() {
    let converted = convert(&[convolution(3, 1, ONE_BY_ONE)], InputSize::Free).expect("it fits");
    let free = |name: &str| Size::Free(name.to_owned());
    let expected = vec![Size::Fixed(1), Size::Fixed(3), free("input_rows"), free("input_columns")];
    assert_eq!(graph(&converted).inputs, [Value::floats("input", expected)]);
}

#[test]
fn layers_that_do_not_fit_together_are_named() {
    let narrow = Layer::Scale { factor: vec![1.0], shift: vec![1.0] };
    let wide = Window { size: [9, 9], ..ONE_BY_ONE };
    let still = Window { stride: [0, 0], ..ONE_BY_ONE };
    let empty = Window { size: [2, 0], ..ONE_BY_ONE };
    let product = Layer::Product { inputs: 3, outputs: 1, weights: vec![1.0; 3] };
    let cases = [
        (vec![convolution(4, 1, ONE_BY_ONE)], NetworkError::Misfit { layer: 0 }),
        (vec![Layer::Relu, convolution(3, 1, wide)], NetworkError::Misfit { layer: 1 }),
        (vec![Layer::MaxPool(still)], NetworkError::Misfit { layer: 0 }),
        (vec![Layer::MaxPool(empty)], NetworkError::Misfit { layer: 0 }),
        (vec![product], NetworkError::Misfit { layer: 0 }),
        (vec![narrow], NetworkError::Misplaced { layer: 0 }),
        (vec![Layer::AddBlockInput], NetworkError::Misplaced { layer: 0 }),
        (vec![Layer::AveragePool(HALF)], NetworkError::Misplaced { layer: 0 }),
    ];
    for (layers, expected) in cases {
        assert_eq!(convert(&layers, InputSize::Square(4)).err(), Some(expected), "{layers:?}");
    }
}
