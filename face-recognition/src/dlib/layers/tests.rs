use proptest::prelude::*;

use super::*;
use crate::dlib::coding::{integer, integers, quarters, shape, string, tensor};
use crate::dlib::network::{self, InputSize};

/// What dlib keeps about every layer.
fn trailer() -> Vec<u8> {
    [b"000".to_vec(), tensor(&[]).repeat(3)].concat()
}

fn coded(name: &str, fields: &[Vec<u8>]) -> Vec<u8> {
    [string(name), fields.concat(), trailer()].concat()
}

fn training_settings() -> Vec<u8> {
    quarters(4).repeat(4)
}

/// The fields of a convolution that say how large it is, and its weights and biases.
struct Claim {
    filters: i64,
    size: [i64; 2],
    stride: [i64; 2],
    shape: [i64; 4],
    biases: [i64; 4],
    values: Vec<f32>,
}

/// Two filters of 1 x 1 over three channels.
fn claim() -> Claim {
    Claim {
        filters: 2,
        size: [1, 1],
        stride: [1, 1],
        shape: [2, 3, 1, 1],
        biases: [1, 2, 1, 1],
        values: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 0.5, 0.25],
    }
}

fn convolution(claim: &Claim) -> Vec<u8> {
    let window = [claim.size, claim.stride, [0, 0]].concat();
    let fields = [
        tensor(&claim.values),
        integer(claim.filters),
        integers(&window),
        shape(claim.shape),
        shape(claim.biases),
        training_settings(),
    ];
    coded("con_4", &fields)
}

fn pool(name: &str, size: [i64; 2], stride: [i64; 2]) -> Vec<u8> {
    coded(name, &[integers(&[size, stride, [0, 0]].concat())])
}

/// One layer of each kind, after a head that is not read.
fn network() -> Vec<u8> {
    let scale = [tensor(&[2.0, 3.0, 0.5, 0.0]), shape([1, 2, 1, 1]).repeat(2)].concat();
    let running = [tensor(&[9.0, 9.0]).repeat(2), tensor(&[1.0, 2.0]), tensor(&[0.75, 3.75])].concat();
    let normalisation = [scale.clone(), running, integers(&[7, 7]), training_settings(), quarters(1)];
    let product = [integers(&[1, 2]), tensor(&[5.0, 6.0]), shape([2, 1, 1, 1]), shape([0; 4]), integer(1)];
    [
        b"loss and input".to_vec(),
        convolution(&claim()),
        integer(1),
        coded("affine_", &[scale, integer(0)]),
        coded("relu_", &[]),
        pool("max_pool_2", [3, 2], [2, 1]),
        convolution(&Claim { shape: [2, 2, 1, 1], values: vec![1.0; 6], ..claim() }),
        coded("bn_con2", &normalisation),
        pool("avg_pool_2", [2, 2], [2, 2]),
        coded("add_prev_", &[]),
        pool("avg_pool_2", [0, 0], [1, 1]),
        coded("fc_2", &[product.concat(), training_settings()]),
    ]
    .concat()
}

#[test]
fn layers_are_read_as_they_are_used() {
    let window = |size, stride| Window { size, stride, padding: [0, 0] };
    let one = window([1, 1], [1, 1]);
    let plain = |channels, weights, bias| {
        Layer::Convolution(Convolution { filters: 2, channels, window: one, weights, bias })
    };
    let expected = [
        plain(3, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0], vec![0.5, 0.25]),
        Layer::Scale { factor: vec![2.0, 3.0], shift: vec![0.5, 0.0] },
        Layer::Relu,
        Layer::MaxPool(window([3, 2], [2, 1])),
        plain(2, vec![1.0; 4], vec![1.0; 2]),
        // Deviations of 1 and 2 around means of 1 and 2.
        Layer::Scale { factor: vec![2.0, 1.5], shift: vec![-1.5, -3.0] },
        Layer::AveragePool(window([2, 2], [2, 2])),
        Layer::AddBlockInput,
        Layer::GlobalAveragePool,
        Layer::Product { inputs: 2, outputs: 1, weights: vec![5.0, 6.0] },
    ];
    assert_eq!(read(&network()).as_deref(), Ok(expected.as_slice()));
}

#[test]
fn a_convolution_that_contradicts_itself_is_refused() {
    let nothing = || vec![0.5, 0.25];
    let cases = [
        (
            Claim { size: [0, 0], shape: [2, 3, 0, 0], values: nothing(), ..claim() },
            "a window without pixels",
        ),
        (Claim { shape: [2, 0, 1, 1], values: nothing(), ..claim() }, "no channels"),
        (
            Claim { filters: 0, shape: [0, 3, 1, 1], biases: [1, 0, 1, 1], values: vec![], ..claim() },
            "no filters",
        ),
        (Claim { stride: [1, 0], ..claim() }, "a window that does not move"),
        (Claim { filters: 3, ..claim() }, "another number of filters"),
        (Claim { size: [1, 2], ..claim() }, "another window"),
        (Claim { biases: [1, 3, 1, 1], ..claim() }, "another number of biases"),
        (Claim { values: vec![1.0; 7], ..claim() }, "a weight missing"),
        (Claim { shape: [1 << 24; 4], ..claim() }, "more weights than can be counted"),
    ];
    for (claim, case) in cases {
        let error = read(&convolution(&claim)).expect_err(case);
        assert_eq!(error.expected, "a consistent convolution", "{case}");
    }
}

#[test]
fn a_file_cut_short_within_a_layer_is_refused() {
    let bytes = network();
    let whole_layers: Vec<usize> = (0..=bytes.len())
        .filter_map(|length| read(&bytes[..length]).ok().map(|layers| layers.len()))
        .collect();
    // Between two layers it is a shorter network; what the network is for tells them apart.
    assert_eq!(whole_layers, (1..=10).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn no_changed_byte_makes_the_importer_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = network();
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        if let Ok(layers) = read(&bytes) {
            let _ = network::convert(&layers, InputSize::Square(8));
            let _ = network::convert(&layers, InputSize::Free);
        }
    }
}
