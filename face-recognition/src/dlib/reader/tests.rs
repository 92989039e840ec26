#![expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "24 bits fit exactly")]

use proptest::prelude::*;

use super::*;
use crate::dlib::coding::{integer, integers};

proptest! {
    #[test]
    fn every_integer_is_read_as_it_was_written(value in -i64::MAX..=i64::MAX) {
        let bytes = integer(value);
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(reader.integer(), Ok(value));
        prop_assert!(reader.at_end());
    }

    #[test]
    fn every_single_precision_number_is_read_exactly(mantissa in -(1_i64 << 24)..(1 << 24), exponent in -120_i64..100) {
        let bytes = integers(&[mantissa, exponent]);
        let expected = mantissa as f64 * (exponent as f64).exp2();
        prop_assert_eq!(Reader::new(&bytes).float(), Ok(expected as f32));
    }

    #[test]
    fn no_bytes_make_any_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = Reader::new(&bytes).integer();
        let _ = Reader::new(&bytes).float();
        let _ = Reader::new(&bytes).string();
        let _ = Reader::new(&bytes).tensor();
        let _ = Reader::new(&bytes).shape();
    }
}

#[test]
fn numbers_that_are_not_of_the_format_are_refused_where_they_begin() {
    let nine_digits = [&[9][..], &[1; 9]].concat();
    let cases: [(&[u8], &str); 5] = [
        (&[], "nothing"),
        (&[0], "no digits"),
        (&[2, 1], "a digit missing"),
        (&nine_digits, "more than 64 bits"),
        (&[0x41, 1], "an unknown control bit"),
    ];
    for (bytes, case) in cases {
        let error = Reader::new(bytes).integer().expect_err(case);
        assert!(error.offset <= 1, "{case}: {error}");
        assert_eq!(error.expected, "an integer", "{case}");
    }
}

#[test]
fn infinity_is_not_a_weight() {
    let bytes = integers(&[0, 32_000]);
    assert_eq!(Reader::new(&bytes).float(), Err(Malformed { offset: 0, expected: "a finite number" }));
}

#[test]
fn a_tensor_that_claims_more_than_the_file_holds_allocates_nothing() {
    let largest = 1 << 24;
    let bytes = integers(&[2, largest, largest, largest, largest]);
    let error = Reader::new(&bytes).tensor().expect_err("2^96 values");
    assert_eq!(error.expected, "a tensor that fits into the file");
}

#[test]
fn a_count_is_bounded_by_the_bytes_that_are_left() {
    let bytes = [integer(3), vec![0; 2]].concat();
    assert_eq!(Reader::new(&bytes).count().expect_err("three items, two bytes").offset, 0);
}
