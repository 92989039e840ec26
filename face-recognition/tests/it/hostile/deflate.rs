//! Deflate streams (RFC 1950 and 1951): bytes as they are, and zeros by the million.

/// The bytes in stored blocks.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 1];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).expect("chunks are no longer");
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend([length.to_le_bytes(), (!length).to_le_bytes()].concat());
        stream.extend(block);
    }
    [stream, adler32(bytes).to_be_bytes().to_vec()].concat()
}

/// Some `zeros` or a few more, in a 150th of the space. Its checksum is wrong: who gets there has read all of them.
pub(super) fn zeros(zeros: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    // The last block, of fixed codes; a zero; then copies of 258 bytes, each by a code of 8 bits for the length and one of
    // 5 for the distance 1.
    bits.push(0b1, 1);
    bits.push(0b01, 2);
    bits.push_code(0x30, 8);
    for _ in 0..zeros.div_ceil(258) {
        bits.push_code(0b1100_0101, 8);
        bits.push_code(0, 5);
    }
    bits.push_code(0, 7);
    [vec![0x78, 1], bits.finish(), vec![0; 4]].concat()
}

/// Lowest bit first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let last = self.bytes.last_mut().expect("a byte was pushed");
            *last |= u8::from(value >> place & 1 == 1) << (self.count % 8);
            self.count += 1;
        }
    }

    /// Codes are written from their highest bit on.
    fn push_code(&mut self, code: u32, count: u32) {
        self.push(code.reverse_bits() >> (32 - count), count);
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    high << 16 | low
}
