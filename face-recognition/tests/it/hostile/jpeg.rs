//! JPEG files (ITU-T T.81) in every coding: 16 x 8 pixels, two blocks of one colour each.

use super::case::{Case, Colour, DAMAGED, NO_IMAGE, TOO_LARGE, red_and_blue, refused, shown};

const BASELINE: u8 = 0xc0;
const EXTENDED: u8 = 0xc1;
const PROGRESSIVE: u8 = 0xc2;
const LOSSLESS: u8 = 0xc3;
const ARITHMETIC: u8 = 0xc9;

/// Red and blue as luma and two chromas.
const RED_YCC: &[u8] = &[76, 85, 255];
const BLUE_YCC: &[u8] = &[29, 255, 107];
/// And as inks, of which 255 is none.
const RED_INKS: &[u8] = &[255, 0, 0, 255];
const BLUE_INKS: &[u8] = &[0, 0, 255, 255];

const END: &[u8] = &[0xff, 0xd9];

/// The frame of a picture whose blocks are flat.
#[derive(Clone, Copy)]
struct Frame {
    coding: u8,
    precision: u8,
    size: (u16, u16),
    /// Horizontal and vertical sampling of the first component; the others have 1.
    sampling: [u8; 2],
    left: &'static [u8],
    right: &'static [u8],
}

const FRAME: Frame =
    Frame { coding: BASELINE, precision: 8, size: (16, 8), sampling: [1, 1], left: RED_YCC, right: BLUE_YCC };

const INKS: Frame = Frame { left: RED_INKS, right: BLUE_INKS, ..FRAME };

/// 49 million grey pixels by two blocks.
const LARGE: Frame =
    Frame { coding: PROGRESSIVE, size: (7_000, 7_000), left: &[128], right: &[128], ..FRAME };

/// 8 x 8 pixels each.
const MANY_BLOCKS: usize = 100 * 100;

/// A marker and its segment.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("a segment is small").to_be_bytes();
    [&[0xff, marker], length.as_slice(), body].concat()
}

impl Frame {
    /// What stands in front of the scans: quantisation by 8, so that a coefficient is a value; Huffman tables with 12
    /// codes of four bits for differences, and one code of one bit for the end of a block.
    fn head(&self) -> Vec<u8> {
        let quantisation = [[0].as_slice(), &[8; 64]].concat();
        let differences =
            [[0, 0, 0, 0, 12].as_slice(), &[0; 12], &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]].concat();
        let ends = [[0x10, 1].as_slice(), &[0; 15], &[0]].concat();
        let (width, height) = self.size;
        let mut frame = vec![self.precision];
        frame.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        frame.push(self.components());
        for component in 1..=self.components() {
            let [across, down] = if component == 1 { self.sampling } else { [1, 1] };
            frame.extend([component, across << 4 | down, 0]);
        }
        [
            [0xff, 0xd8].as_slice(),
            &segment(0xdb, &quantisation),
            &segment(self.coding, &frame),
            &segment(0xc4, &differences),
            &segment(0xc4, &ends),
        ]
        .concat()
    }

    fn components(&self) -> u8 {
        u8::try_from(self.left.len()).expect("four at most")
    }

    /// One scan of all components: a difference for each block, and its end where the coding wants one.
    fn scan(&self) -> Vec<u8> {
        let progressive = self.coding == PROGRESSIVE;
        let components: Vec<u8> = (1..=self.components()).flat_map(|component| [component, 0]).collect();
        let last = if progressive { 0 } else { 63 };
        let head = [&[self.components()], components.as_slice(), &[0, last, 0]].concat();
        let mut bits = Bits::default();
        for (left, right) in [(None, self.left), (Some(self.left), self.right)] {
            for (component, value) in right.iter().enumerate() {
                let before = left.map_or(128, |left| i32::from(left[component]));
                bits.difference(i32::from(*value) - before);
                if !progressive {
                    bits.push(0, 1);
                }
            }
        }
        [segment(0xda, &head), bits.finish()].concat()
    }

    fn encoded(&self) -> Vec<u8> {
        [self.head(), self.scan(), END.to_vec()].concat()
    }
}

/// A progressive scan of the other coefficients of one component: so many blocks that have none.
fn empty_scan(component: u8, blocks: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    (0..blocks).for_each(|_| bits.push(0, 1));
    [segment(0xda, &[1, component, 0, 1, 63, 0]), bits.finish()].concat()
}

/// Coded data, highest bit first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    present: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for place in (0..count).rev() {
            self.present = self.present << 1 | (value >> place & 1);
            self.count += 1;
            if self.count == 8 {
                let byte = u8::try_from(self.present).expect("eight bits");
                self.bytes.push(byte);
                if byte == 0xff {
                    self.bytes.push(0);
                }
                (self.present, self.count) = (0, 0);
            }
        }
    }

    /// How many bits the number has, and the number; of a negative one the complement.
    fn difference(&mut self, value: i32) {
        let length = 32 - value.unsigned_abs().leading_zeros();
        self.push(length, 4);
        let bits = if value < 0 { value - 1 } else { value };
        self.push(bits.cast_unsigned() & ((1 << length) - 1), length);
    }

    fn finish(mut self) -> Vec<u8> {
        while self.count > 0 {
            self.push(1, 1);
        }
        self.bytes
    }
}

/// `jpeg` with a segment behind its first marker.
pub(super) fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    [&jpeg[..2], &segment(marker, body), &jpeg[2..]].concat()
}

/// A legal file.
pub(super) fn plain() -> Vec<u8> {
    FRAME.encoded()
}

/// A file that is far larger in memory.
pub(super) fn large() -> Vec<u8> {
    LARGE.encoded()
}

/// Extended XMP: so many parts of text, each of one byte and in its place, and none the last.
fn with_long_notes(parts: u32) -> Vec<u8> {
    let part = |place: u32| {
        let name = b"http://ns.adobe.com/xmp/extension/\0".as_slice();
        segment(0xe1, &[name, &[b'0'; 32], &[0xff; 4], &place.to_be_bytes(), b"?"].concat())
    };
    let parts: Vec<u8> = (0..parts).flat_map(part).collect();
    [&plain()[..2], &parts, &plain()[2..]].concat()
}

/// What Adobe's programs say about the colours: 0 for plain inks, 2 for inks turned into luma and chromas.
fn with_adobe(jpeg: &[u8], transform: u8) -> Vec<u8> {
    with_segment(jpeg, 0xee, &[b"Adobe\0\x64\0\0\0\0".as_slice(), &[transform]].concat())
}

pub(crate) fn cases() -> Vec<Case> {
    let size = (16, 8);
    let progressive = Frame { coding: PROGRESSIVE, ..FRAME };
    let scans = [progressive.scan(), empty_scan(1, 2), empty_scan(2, 2), empty_scan(3, 2)].concat();
    let grey = Frame { left: &[250], right: &[5], ..FRAME };
    let plain_colours = Frame { left: &[255, 0, 0], right: &[0, 0, 255], ..FRAME };
    let greys: [Colour; 2] = [[250; 3], [5; 3]];
    // Coded data of nothing but zeros: no difference anywhere, and no other coefficient.
    let zeros = |bits: usize| vec![0; (MANY_BLOCKS * bits).div_ceil(8)];
    let first = [segment(0xda, &[1, 1, 0, 0, 0, 0]), zeros(4)].concat();
    let next = [segment(0xda, &[1, 1, 0, 1, 63, 0]), zeros(1)].concat();
    let scans_of = |count| {
        [Frame { size: (800, 800), ..LARGE }.head(), first.clone(), next.repeat(count), END.to_vec()].concat()
    };
    vec![
        red_and_blue("baseline", plain(), size),
        red_and_blue("extended", Frame { coding: EXTENDED, ..FRAME }.encoded(), size),
        red_and_blue("progressive", [progressive.head(), scans, END.to_vec()].concat(), size),
        shown("grey", grey.encoded(), size, greys),
        shown("progressive grey", Frame { coding: PROGRESSIVE, ..grey }.encoded(), size, greys),
        red_and_blue("CMYK", with_adobe(&INKS.encoded(), 0), size),
        red_and_blue(
            "progressive CMYK",
            with_adobe(&Frame { coding: PROGRESSIVE, ..INKS }.encoded(), 0),
            size,
        ),
        refused("twelve bits", Frame { coding: EXTENDED, precision: 12, ..FRAME }.encoded(), NO_IMAGE),
        refused("arithmetic coding", Frame { coding: ARITHMETIC, ..FRAME }.encoded(), NO_IMAGE),
        refused("lossless coding", Frame { coding: LOSSLESS, ..FRAME }.encoded(), NO_IMAGE),
        refused("no columns", Frame { size: (0, 8), ..FRAME }.encoded(), DAMAGED),
        refused("no rows", Frame { size: (16, 0), ..FRAME }.encoded(), DAMAGED),
        refused("65,535 x 65,535", Frame { size: (u16::MAX, u16::MAX), ..FRAME }.encoded(), TOO_LARGE),
        refused("sampling of 0", Frame { sampling: [0, 0], ..FRAME }.encoded(), DAMAGED),
        refused("sampling of 15", Frame { sampling: [15, 15], ..FRAME }.encoded(), DAMAGED),
        refused("no data", [FRAME.head(), END.to_vec()].concat(), DAMAGED),
        refused("no frame", [[0xff, 0xd8].as_slice(), &FRAME.scan(), END].concat(), DAMAGED),
        shown("three scans", scans_of(2), (800, 800), [[128; 3]; 2]),
        refused("more scans than anybody needs", scans_of(200), DAMAGED),
        red_and_blue("plain colours by Adobe", with_adobe(&plain_colours.encoded(), 0), size),
        red_and_blue("notes in 100,000 parts", with_long_notes(100_000), size),
        red_and_blue("trailing garbage", [plain(), vec![0xff; 5_000]].concat(), size),
        red_and_blue("a second picture behind the first", [plain(), grey.encoded()].concat(), size),
    ]
}
