//! Writes dlib's number coding, for tests of those that read it. The format is described in `reader`.

/// An integer: a control byte and little-endian bytes.
pub(super) fn integer(value: i64) -> Vec<u8> {
    let digits = value.unsigned_abs().to_le_bytes();
    let length = digits.iter().rposition(|digit| *digit != 0).map_or(1, |last| last + 1);
    let sign = if value < 0 { 0x80 } else { 0 };
    let control = sign | u8::try_from(length).expect("at most 8");
    [&[control], &digits[..length]].concat()
}

/// Integers, one after the other.
pub(super) fn integers(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| integer(*value)).collect()
}

/// A number in quarters.
pub(super) fn quarters(count: i64) -> Vec<u8> {
    integers(&[count, -2])
}

/// A count and the items.
pub(super) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [count(items.len()), items.concat()].concat()
}

/// A length and the bytes.
pub(super) fn string(text: &str) -> Vec<u8> {
    [count(text.len()), text.as_bytes().to_vec()].concat()
}

/// The shape of a part of a tensor.
pub(super) fn shape(dimensions: [i64; 4]) -> Vec<u8> {
    [integer(1), integers(&dimensions)].concat()
}

/// A tensor of one dimension.
pub(super) fn tensor(values: &[f32]) -> Vec<u8> {
    let raw = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    [integer(2), count(values.len()), integers(&[1, 1, 1]), raw].concat()
}

fn count(items: usize) -> Vec<u8> {
    integer(i64::try_from(items).expect("a test has few"))
}
