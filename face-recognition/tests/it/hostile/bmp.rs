//! BMP files of Windows and OS/2: 8 x 4 pixels.

use super::case::{
    BLACK, BLUE, Case, Colour, DAMAGED, NO_IMAGE, RED, TOO_LARGE, red_and_blue, refused, shown,
};

const SIZE: (u32, u32) = (8, 4);
/// Ways to store the pixels.
const PLAIN: u32 = 0;
const RUNS_OF_8_BITS: u32 = 1;
const RUNS_OF_4_BITS: u32 = 2;
const MASKS: u32 = 3;

/// What the header of Windows says.
#[derive(Clone, Copy)]
struct Header {
    width: i32,
    height: i32,
    planes: u16,
    bits: u16,
    coding: u32,
    colours: u32,
}

const HEADER: Header = Header { width: 8, height: 4, planes: 1, bits: 24, coding: PLAIN, colours: 0 };

/// The file header, whatever header follows, and the pixels.
fn file(header: &[u8], pixels: &[u8]) -> Vec<u8> {
    let start = u32::try_from(14 + header.len()).expect("headers are small").to_le_bytes();
    [b"BM".as_slice(), &[0; 8], &start, header, pixels].concat()
}

impl Header {
    /// With `length` bytes of which those are zero that only newer versions have, and what follows it.
    fn bytes_of(self, length: u32, behind: &[u8]) -> Vec<u8> {
        let mut bytes = length.to_le_bytes().to_vec();
        bytes.extend([self.width.to_le_bytes(), self.height.to_le_bytes()].concat());
        bytes.extend([self.planes.to_le_bytes(), self.bits.to_le_bytes()].concat());
        bytes.extend([self.coding, 0, 0, 0, self.colours, 0].map(u32::to_le_bytes).concat());
        bytes.resize(length as usize, 0);
        [bytes, behind.to_vec()].concat()
    }

    fn bytes(self, behind: &[u8]) -> Vec<u8> {
        self.bytes_of(40, behind)
    }
}

/// Each colour as blue, green, red and nothing.
fn palette(colours: &[Colour]) -> Vec<u8> {
    colours.iter().flat_map(|[red, green, blue]| [*blue, *green, *red, 0]).collect()
}

/// Four rows of four pixels of each of two kinds.
fn rows(left: &[u8], right: &[u8]) -> Vec<u8> {
    [left.repeat(4), right.repeat(4)].concat().repeat(4)
}

fn masks(masks: [u32; 3]) -> Vec<u8> {
    masks.map(u32::to_le_bytes).concat()
}

pub(crate) fn cases() -> Vec<Case> {
    let plain = rows(&[0, 0, 255], &[255, 0, 0]);
    let colours = palette(&[RED, BLUE]);
    let of = |bits, colours| Header { bits, colours, ..HEADER };
    let shape = |width, height| Header { width, height, ..HEADER };
    let two_bytes = rows(&0xf800_u16.to_le_bytes(), &0x1f_u16.to_le_bytes());
    let mut core = [12_u32.to_le_bytes(), [8, 0, 4, 0], [1, 0, 8, 0]].concat();
    core.extend([RED, BLUE].map(|[red, green, blue]| [blue, green, red]).concat());
    // The palette of a core header has as many colours as its bits can name.
    core.resize(12 + 256 * 3, 0);
    let mut cases = vec![
        red_and_blue("24 bits", file(&HEADER.bytes(&[]), &plain), SIZE),
        red_and_blue("from the top down", file(&shape(8, -4).bytes(&[]), &plain), SIZE),
        red_and_blue("32 bits", file(&of(32, 0).bytes(&[]), &rows(&[0, 0, 255, 9], &[255, 0, 0, 9])), SIZE),
        red_and_blue("16 bits", file(&of(16, 0).bytes(&[]), &rows(&[0, 0x7c], &[0x1f, 0])), SIZE),
        red_and_blue(
            "16 bits by masks",
            file(&Header { coding: MASKS, ..of(16, 0) }.bytes(&masks([0xf800, 0x7e0, 0x1f])), &two_bytes),
            SIZE,
        ),
        red_and_blue("8 bits", file(&of(8, 2).bytes(&colours), &rows(&[0], &[1])), SIZE),
        red_and_blue("4 bits", file(&of(4, 2).bytes(&colours), &[0, 0, 0x11, 0x11].repeat(4)), SIZE),
        red_and_blue("1 bit", file(&of(1, 2).bytes(&colours), &[0x0f, 0, 0, 0].repeat(4)), SIZE),
        red_and_blue("OS/2", file(&core, &rows(&[0], &[1])), SIZE),
        red_and_blue(
            "trailing garbage",
            [file(&HEADER.bytes(&[]), &plain), vec![0x55; 5_000]].concat(),
            SIZE,
        ),
        refused("no columns", file(&shape(0, 4).bytes(&[]), &plain), NO_IMAGE),
        refused("no rows", file(&shape(8, 0).bytes(&[]), &plain), NO_IMAGE),
        refused("columns below 0", file(&shape(-8, 4).bytes(&[]), &plain), DAMAGED),
        refused("the lowest of heights", file(&shape(8, i32::MIN).bytes(&[]), &plain), DAMAGED),
        refused("60,000 x 60,000", file(&shape(60_000, 60_000).bytes(&[]), &plain), TOO_LARGE),
        refused("two planes", file(&Header { planes: 2, ..HEADER }.bytes(&[]), &plain), DAMAGED),
        refused("7 bits", file(&of(7, 0).bytes(&[]), &plain), DAMAGED),
        refused("four billion colours", file(&of(8, u32::MAX).bytes(&colours), &plain), DAMAGED),
        refused(
            "masks that overlap nothing",
            file(&Header { coding: MASKS, ..of(16, 0) }.bytes(&masks([0; 3])), &two_bytes),
            DAMAGED,
        ),
        refused("an unknown coding", file(&Header { coding: 77, ..HEADER }.bytes(&[]), &plain), DAMAGED),
        refused("a header of two gigabytes", file(&[0xff, 0xff, 0xff, 0x7f], &plain), NO_IMAGE),
        refused("a row missing", file(&HEADER.bytes(&[]), &plain[..72]), DAMAGED),
    ];
    cases.extend([108, 124].map(|length| {
        red_and_blue(
            &format!("a header of {length} bytes"),
            file(&HEADER.bytes_of(length, &[]), &plain),
            SIZE,
        )
    }));
    cases.extend(runs(&colours));
    cases
}

/// Pixels as runs of equal ones.
fn runs(colours: &[u8]) -> Vec<Case> {
    let header = |bits, coding| Header { coding, bits, colours: 2, ..HEADER };
    let coded = |header: Header, runs: &[u8]| file(&header.bytes(colours), runs);
    let (eight, four) = (header(8, RUNS_OF_8_BITS), header(4, RUNS_OF_4_BITS));
    let row = [4, 0, 4, 1, 0, 0];
    let literal = [0, 8, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0];
    let four_row = [4, 0, 4, 0x11, 0, 0];
    let wide = Header { width: 7_000, height: 7_000, ..eight };
    vec![
        red_and_blue("runs of 8 bits", coded(eight, &[row.repeat(4), vec![0, 1]].concat()), SIZE),
        red_and_blue(
            "runs of 8 bits, written out",
            coded(eight, &[literal.repeat(4), vec![0, 1]].concat()),
            SIZE,
        ),
        red_and_blue("runs of 4 bits", coded(four, &[four_row.repeat(4), vec![0, 1]].concat()), SIZE),
        shown("nothing but the end", coded(eight, &[0, 1]), SIZE, [BLACK; 2]),
        shown("49 million pixels of nothing but the end", coded(wide, &[0, 1]), (7_000, 7_000), [BLACK; 2]),
        refused("a step beyond the picture", coded(eight, &[0, 2, 0, 255, 0, 1]), DAMAGED),
        refused(
            "more pixels than the row has",
            coded(eight, &[&[0, 255], [1; 256].as_slice()].concat()),
            DAMAGED,
        ),
        refused("an end that does not come", coded(eight, &row.repeat(3)), DAMAGED),
        refused("from the top down", coded(Header { height: -4, ..eight }, &row.repeat(4)), DAMAGED),
    ]
}
