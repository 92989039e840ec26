//! dlib's number coding, read with bounds checked.
//!
//! An integer is a control byte (low nibble: how many bytes follow; 0x80: negative) and that many little-endian
//! bytes. A float is two such integers, mantissa and binary exponent. A boolean is the character `0` or `1`. A
//! string is a length and its bytes. A tensor is the version 2, four dimensions and raw little-endian `f32`.

/// A file that does not follow the format: where, and what should have been there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("at byte {offset}: expected {expected}")]
pub struct Malformed {
    /// Offset in the file, in bytes.
    pub offset: usize,
    /// What the reader was looking for.
    pub expected: &'static str,
}

/// A place in a file. Nothing is allocated before the bytes for it are known to exist.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

/// Exponents from here on stand for infinity and not-a-number.
const NOT_FINITE: i64 = 32_000;

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, offset: 0 }
    }

    /// The error for the present place.
    pub(super) fn expected(&self, expected: &'static str) -> Malformed {
        Malformed { offset: self.offset, expected }
    }

    pub(super) fn at_end(&self) -> bool {
        self.offset == self.bytes.len()
    }

    /// Moves to the next occurrence of `pattern`.
    pub(super) fn skip_to(&mut self, pattern: &[u8], expected: &'static str) -> Result<(), Malformed> {
        let ahead = &self.bytes[self.offset..];
        let found = ahead.windows(pattern.len()).position(|window| window == pattern);
        self.offset += found.ok_or_else(|| self.expected(expected))?;
        Ok(())
    }

    fn take(&mut self, count: usize, expected: &'static str) -> Result<&'a [u8], Malformed> {
        let end = self.offset.checked_add(count).filter(|end| *end <= self.bytes.len());
        let taken = &self.bytes[self.offset..end.ok_or_else(|| self.expected(expected))?];
        self.offset += count;
        Ok(taken)
    }

    pub(super) fn integer(&mut self) -> Result<i64, Malformed> {
        let start = self.expected("an integer");
        let control = self.take(1, "an integer")?[0];
        let digits = self.take(usize::from(control & 0x0f), "an integer")?;
        if digits.is_empty() || digits.len() > 8 || control & 0x70 != 0 {
            return Err(start);
        }
        let mut buffer = [0; 8];
        buffer[..digits.len()].copy_from_slice(digits);
        let magnitude = i64::try_from(u64::from_le_bytes(buffer)).map_err(|_| start)?;
        Ok(if control & 0x80 == 0 { magnitude } else { -magnitude })
    }

    /// An integer that must have this one value.
    pub(super) fn exactly(&mut self, value: i64, expected: &'static str) -> Result<(), Malformed> {
        let start = self.expected(expected);
        if self.integer()? == value { Ok(()) } else { Err(start) }
    }

    /// An integer from 0 to `most`.
    pub(super) fn number(&mut self, most: usize, expected: &'static str) -> Result<usize, Malformed> {
        let start = self.expected(expected);
        usize::try_from(self.integer()?).ok().filter(|number| *number <= most).ok_or(start)
    }

    /// How many items follow. An item has a byte at least, so the rest of the file bounds it.
    pub(super) fn count(&mut self) -> Result<usize, Malformed> {
        let start = self.expected("a count that fits into the file");
        let count = self.number(usize::MAX, start.expected)?;
        if count <= self.bytes.len() - self.offset { Ok(count) } else { Err(start) }
    }

    /// A finite number, rounded to single precision, which is how dlib keeps it.
    pub(super) fn float(&mut self) -> Result<f32, Malformed> {
        let start = self.expected("a finite number");
        let (mantissa, exponent) = (self.integer()?, self.integer()?);
        if exponent.abs() >= NOT_FINITE {
            return Err(start);
        }
        let exponent = i32::try_from(exponent).map_err(|_| start)?;
        #[expect(clippy::cast_precision_loss, reason = "a mantissa of dlib has 24 or 53 bits")]
        let value = mantissa as f64 * f64::from(exponent).exp2();
        #[expect(clippy::cast_possible_truncation, reason = "single precision is what the models use")]
        let value = value as f32;
        if value.is_finite() { Ok(value) } else { Err(start) }
    }

    pub(super) fn boolean(&mut self) -> Result<bool, Malformed> {
        let start = self.expected("a boolean");
        match self.take(1, "a boolean")? {
            b"0" => Ok(false),
            b"1" => Ok(true),
            _ => Err(start),
        }
    }

    pub(super) fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.count()?;
        self.take(length, "a string")
    }

    /// A tensor: its four dimensions and its values.
    pub(super) fn tensor(&mut self) -> Result<([usize; 4], Vec<f32>), Malformed> {
        self.exactly(2, "a tensor of version 2")?;
        let start = self.expected("a tensor that fits into the file");
        let dimensions = self.dimensions()?;
        let values = dimensions.iter().try_fold(1_usize, |product, size| product.checked_mul(*size));
        let bytes = values.and_then(|values| values.checked_mul(4)).ok_or(start)?;
        let (values, _) = self.take(bytes, start.expected)?.as_chunks::<4>();
        Ok((dimensions, values.iter().map(|value| f32::from_le_bytes(*value)).collect()))
    }

    /// The shape of a part of a tensor, without data: version 1 and four dimensions.
    pub(super) fn shape(&mut self) -> Result<[usize; 4], Malformed> {
        self.exactly(1, "a tensor shape of version 1")?;
        self.dimensions()
    }

    fn dimensions(&mut self) -> Result<[usize; 4], Malformed> {
        let mut dimensions = [0; 4];
        for dimension in &mut dimensions {
            *dimension = self.number(1 << 24, "a dimension")?;
        }
        Ok(dimensions)
    }
}

#[cfg(test)]
mod tests;
