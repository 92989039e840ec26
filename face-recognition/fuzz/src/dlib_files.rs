//! The smallest files of dlib in which everything occurs that the importer reads.

use crate::coding::{integer, integers, list, quarters, shape, string, tensor};

/// One layer of each kind. It gives one value, as a detector does.
pub(crate) fn network() -> Vec<u8> {
    let scale = [tensor(&[2.0, 3.0, 0.5, 0.0]), shape([1, 2, 1, 1]).repeat(2)].concat();
    let running = [tensor(&[9.0, 9.0]).repeat(2), tensor(&[1.0, 2.0]), tensor(&[0.75, 3.75])].concat();
    let normalisation = [scale.clone(), running, integers(&[7, 7]), training_settings(), quarters(1)];
    let product = [integers(&[1, 2]), tensor(&[5.0, 6.0]), shape([2, 1, 1, 1]), shape([0; 4]), integer(1)];
    [
        convolution(3),
        integer(1),
        layer("affine_", &[scale, integer(0)]),
        layer("relu_", &[]),
        layer("max_pool_2", &[integers(&[3, 2, 2, 1, 0, 0])]),
        convolution(2),
        layer("bn_con2", &normalisation),
        layer("avg_pool_2", &[integers(&[2, 2, 2, 2, 0, 0])]),
        layer("add_prev_", &[]),
        layer("avg_pool_2", &[integers(&[0, 0, 1, 1, 0, 0])]),
        layer("fc_2", &[product.concat(), training_settings()]),
    ]
    .concat()
}

/// One stage of one tree that asks one question.
pub(crate) fn landmarks() -> Vec<u8> {
    let split = [integers(&[0, 1]), quarters(10)].concat();
    let tree = [list(&[split]), list(&[matrix(-1), matrix(1)])].concat();
    let delta = |x, y| [quarters(x), quarters(y)].concat();
    let parts = [
        list(&[list(&[tree])]),
        list(&[list(&[integer(0), integer(4)])]),
        list(&[list(&[delta(-1, 0), delta(1, 2)])]),
    ];
    [integer(1), matrix(2), parts.concat()].concat()
}

/// Two filters of 1 x 1.
fn convolution(channels: i64) -> Vec<u8> {
    let weights: Vec<f32> = (0..2 * channels + 2).map(|value| value as f32).collect();
    let fields = [
        tensor(&weights),
        integer(2),
        integers(&[1, 1, 1, 1, 0, 0]),
        shape([2, channels, 1, 1]),
        shape([1, 2, 1, 1]),
        training_settings(),
    ];
    layer("con_4", &fields)
}

/// A layer with what dlib keeps about every one.
fn layer(name: &str, fields: &[Vec<u8>]) -> Vec<u8> {
    [string(name), fields.concat(), b"000".to_vec(), tensor(&[]).repeat(3)].concat()
}

fn training_settings() -> Vec<u8> {
    quarters(4).repeat(4)
}

/// Ten rows, all the same.
fn matrix(count: i64) -> Vec<u8> {
    [integers(&[-10, -1]), quarters(count).repeat(10)].concat()
}
