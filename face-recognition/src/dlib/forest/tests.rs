use proptest::prelude::*;

use super::*;
use crate::dlib::coding::{integer, integers, list, quarters};

/// A matrix of ten rows, all the same.
fn matrix(count: i64) -> Vec<u8> {
    [integers(&[-10, -1]), quarters(count).repeat(10)].concat()
}

/// One question: is feature 0 brighter than feature `second` by more than 2.5?
fn coded_tree(second: i64) -> Vec<u8> {
    let split = [integers(&[0, second]), quarters(10)].concat();
    [list(&[split]), list(&[matrix(-1), matrix(1)])].concat()
}

/// The parts of a file: forests, anchors, deltas.
type Parts = [Vec<u8>; 3];

/// One stage of one tree and two features.
fn parts() -> Parts {
    let delta = |x, y| [quarters(x), quarters(y)].concat();
    [
        list(&[list(&[coded_tree(1)])]),
        list(&[list(&[integer(0), integer(4)])]),
        list(&[list(&[delta(-1, 0), delta(1, 2)])]),
    ]
}

fn file(parts: &Parts) -> Vec<u8> {
    [integer(1), matrix(2), parts.concat()].concat()
}

#[test]
fn a_predictor_is_read_as_a_cascade() {
    let features = vec![Feature { anchor: 0, dx: -0.25, dy: 0.0 }, Feature { anchor: 4, dx: 0.25, dy: 0.5 }];
    let tree = Tree {
        splits: vec![Split { first: 0, second: 1, threshold: 2.5 }],
        leaves: vec![[-0.25; 10], [0.25; 10]],
    };
    let expected = Cascade::new([0.5; 10], vec![Stage { features, trees: vec![tree] }]);
    assert_eq!(read(&file(&parts())).ok(), expected.ok());
}

#[test]
fn parts_that_do_not_fit_together_are_refused() {
    let [forests, anchors, deltas] = parts();
    let nothing = list(&[]);
    let cases = [
        ([nothing.clone(), nothing.clone(), nothing.clone()], "no stages"),
        ([forests.clone(), nothing.clone(), deltas.clone()], "a stage without a list of anchors"),
        ([forests.clone(), anchors.clone(), list(std::slice::from_ref(&nothing))], "anchors without deltas"),
        ([list(std::slice::from_ref(&nothing)), anchors.clone(), deltas.clone()], "no trees"),
        ([list(&[list(&[coded_tree(2)])]), anchors, deltas.clone()], "a third feature"),
        ([forests, list(&[list(&[integer(0), integer(5)])]), deltas], "a sixth landmark"),
    ];
    for (parts, case) in cases {
        let error = read(&file(&parts)).expect_err(case);
        assert_eq!(error.expected, "a consistent cascade of five landmarks", "{case}");
    }
}

#[test]
fn a_file_of_any_other_length_is_refused() {
    let bytes = file(&parts());
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    let error = read(&[bytes, vec![0]].concat()).expect_err("a byte too many");
    assert_eq!(error.expected, "the end of the file");
}

proptest! {
    #[test]
    fn no_changed_byte_makes_the_reader_panic(place in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut bytes = file(&parts());
        let place = place.index(bytes.len());
        bytes[place] = value;
        if let Ok(cascade) = read(&bytes) {
            prop_assert_eq!(Cascade::from_bytes(&cascade.to_bytes()), Ok(cascade));
        }
    }
}
