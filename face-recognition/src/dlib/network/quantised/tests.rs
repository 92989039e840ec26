use prost::Message as _;

use super::*;
use crate::dlib::layers::Window;
use crate::dlib::onnx::{Graph, Model};

const KEEPING: Window = Window { size: [3, 3], stride: [1, 1], padding: [1, 1] };

fn convolution(channels: usize, filters: usize, weight: f32) -> Convolution {
    let weights = vec![weight; filters * channels * 9];
    Convolution { filters, channels, window: KEEPING, weights, bias: vec![1.0; filters] }
}

fn layer(channels: usize, filters: usize) -> Layer {
    Layer::Convolution(convolution(channels, filters, 0.5))
}

fn graph(converted: &Converted) -> Graph {
    Model::decode(converted.model.as_slice()).expect("what was encoded").into_graph().expect("it has a graph")
}

#[test]
fn only_the_first_and_the_last_convolution_compute_in_floats() {
    let layers = [layer(3, 4), Layer::Relu, layer(4, 5), Layer::Relu, layer(5, 1)];

    let converted = convert(&layers, &[6.0, 8.0]).expect("a chain");

    let operators: Vec<String> = graph(&converted).nodes.into_iter().map(|node| node.operator).collect();
    assert_eq!(
        operators,
        ["Conv", "Relu", "QuantizeLinear", "QLinearConv", "DequantizeLinear", "ConvTranspose"]
    );
    assert_eq!(converted.outputs, 1);
}

#[test]
fn weights_and_bias_become_whole_numbers_of_their_steps() {
    let layers = [layer(3, 1), Layer::Relu, layer(1, 1), Layer::Relu, layer(1, 1)];

    let constants = graph(&convert(&layers, &[51.0, 255.0]).expect("a chain")).constants;

    // A weight is 64 of its scale; the bias counts in steps of the value (51 / 255) and of the weight (0.5 / 64).
    let mut bias = vec![0; LANES];
    bias[0] = 640;
    assert!(
        constants.iter().any(|constant| *constant == Tensor::words("constant_9", &bias)),
        "{constants:?}"
    );
    let mut weights = vec![0; LANES * 9];
    weights[..9].fill(64);
    let expected = Tensor::bytes("constant_6", &[LANES, 1, 3, 3], &weights);
    assert!(constants.contains(&expected), "{constants:?}");
}

#[test]
fn the_weights_of_a_transposed_convolution_are_turned_by_half_a_turn() {
    let mut last = convolution(1, 1, 0.0);
    last.weights = (0_u8..9).map(f32::from).collect();
    let layers = [layer(3, 1), Layer::Relu, Layer::Convolution(last)];

    let constants = graph(&convert(&layers, &[1.0]).expect("a chain")).constants;

    let turned: Vec<f32> = (0_u8..9).rev().map(f32::from).collect();
    let expected = Tensor::floats("constant_4", &[1, 1, 3, 3], &turned);
    assert!(constants.contains(&expected), "{constants:?}");
}

#[test]
fn what_is_no_chain_of_convolutions_is_refused() {
    let misplaced = |layer| NetworkError::Misplaced { layer };
    let pool = Layer::MaxPool(KEEPING);
    let cases = [
        (vec![], 1, misplaced(0)),
        (vec![layer(3, 1)], 1, misplaced(0)),
        (vec![Layer::Relu, layer(3, 1)], 1, misplaced(0)),
        (vec![layer(3, 1), layer(1, 1)], 1, misplaced(1)),
        (vec![layer(3, 1), pool, layer(1, 1)], 1, misplaced(1)),
        (vec![layer(3, 1), Layer::Relu, layer(1, 1), Layer::Relu], 1, misplaced(3)),
        (vec![layer(3, 1), Layer::Relu, layer(1, 1)], 2, misplaced(3)),
        (vec![layer(2, 1), Layer::Relu, layer(1, 1)], 1, NetworkError::Misfit { layer: 0 }),
    ];
    for (layers, ranges, expected) in cases {
        let error = convert(&layers, &vec![1.0; ranges]).err();
        assert_eq!(error, Some(expected), "{layers:?}");
    }
}
