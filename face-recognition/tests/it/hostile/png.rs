//! PNG files (ISO/IEC 15948) of every colour type: 8 x 4 pixels.

use super::case::{BLUE, Case, Colour, DAMAGED, RED, TOO_LARGE, red_and_blue, refused, shown};
use super::deflate;

const MARK: &[u8] = b"\x89PNG\r\n\x1a\n";
const SIZE: (u32, u32) = (8, 4);
const GREY: u8 = 0;
const RGB: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const RGBA: u8 = 6;

/// How pixels are stored. A pixel of the left half has the bits of `left`, one of the right half those of `right`.
#[derive(Clone, Copy)]
struct Layout {
    colours: u8,
    depth: u8,
    interlaced: bool,
    left: u64,
    right: u64,
}

const LAYOUT: Layout = Layout { colours: RGB, depth: 8, interlaced: false, left: 0xff_0000, right: 0xff };

fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a chunk is small").to_be_bytes();
    let named = [name.as_slice(), body].concat();
    [length.as_slice(), &named, &crc32(&named).to_be_bytes()].concat()
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 })
    })
}

fn header((width, height): (u32, u32), layout: Layout) -> Vec<u8> {
    let rest = [layout.depth, layout.colours, 0, 0, u8::from(layout.interlaced)];
    chunk(*b"IHDR", &[&width.to_be_bytes(), height.to_be_bytes().as_slice(), &rest].concat())
}

impl Layout {
    /// Start and step, across and down, of each pass over the picture.
    fn passes(self) -> &'static [[u32; 4]] {
        const ONE: [[u32; 4]; 1] = [[0, 1, 0, 1]];
        const SEVEN: [[u32; 4]; 7] = [
            [0, 8, 0, 8],
            [4, 8, 0, 8],
            [0, 4, 4, 8],
            [2, 4, 0, 4],
            [0, 2, 2, 4],
            [1, 2, 0, 2],
            [0, 1, 1, 2],
        ];
        if self.interlaced { &SEVEN } else { &ONE }
    }

    fn channels(self) -> u32 {
        match self.colours {
            RGB => 3,
            GREY_ALPHA => 2,
            RGBA => 4,
            _ => 1,
        }
    }

    /// The rows of all passes, each behind the mark that it is not filtered.
    fn rows(self) -> Vec<u8> {
        let (width, height) = SIZE;
        let mut rows = Vec::new();
        for [x, across, y, down] in self.passes() {
            for _ in (*y..height).step_by(*down as usize) {
                let columns = (*x..width).step_by(*across as usize);
                let bits: Vec<bool> = columns.flat_map(|x| self.pixel(x < width / 2)).collect();
                if !bits.is_empty() {
                    rows.push(0);
                    let byte = |bits: &[bool]| {
                        (0..8).fold(0, |byte, bit| byte << 1 | u8::from(bits.get(bit) == Some(&true)))
                    };
                    rows.extend(bits.chunks(8).map(byte));
                }
            }
        }
        rows
    }

    fn pixel(self, left: bool) -> impl Iterator<Item = bool> {
        let value = if left { self.left } else { self.right };
        (0..self.channels() * u32::from(self.depth)).rev().map(move |bit| value >> bit & 1 == 1)
    }

    fn encoded_with(self, chunks: &[u8]) -> Vec<u8> {
        let data = chunk(*b"IDAT", &deflate::stored(&self.rows()));
        [MARK, &header(SIZE, self), chunks, &data, &chunk(*b"IEND", b"")].concat()
    }
}

/// One colour of a palette, or all of them.
fn palette(colours: &[Colour]) -> Vec<u8> {
    chunk(*b"PLTE", colours.as_flattened())
}

/// A frame of an animation that fills the picture: its number in the file, and the rest of its control chunk.
fn frame_control(number: u8) -> Vec<u8> {
    let (width, height) = SIZE;
    let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(*b"fcTL", &[&[0, 0, 0, number], size.as_slice(), &[0; 8], &[0, 1, 0, 10, 0, 0]].concat())
}

/// Two frames: the second is `LAYOUT` with its sides changed. The first is the picture itself, or stands behind it.
fn animated(picture_is_frame: bool) -> Vec<u8> {
    let control = chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]);
    let first = if picture_is_frame { frame_control(0) } else { Vec::new() };
    let other = Layout { left: LAYOUT.right, right: LAYOUT.left, ..LAYOUT };
    let data = [[0, 0, 0, 2].as_slice(), &deflate::stored(&other.rows())].concat();
    [
        [MARK, &header(SIZE, LAYOUT), &control, &first].concat(),
        chunk(*b"IDAT", &deflate::stored(&LAYOUT.rows())),
        frame_control(1),
        chunk(*b"fdAT", &data),
        chunk(*b"IEND", b""),
    ]
    .concat()
}

/// A picture of this size with these compressed data.
fn sized(size: (u32, u32), layout: Layout, data: &[u8]) -> Vec<u8> {
    [MARK, &header(size, layout), &chunk(*b"IDAT", data), &chunk(*b"IEND", b"")].concat()
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = colour_types();
    cases.extend(lies());
    let bomb = deflate::zeros(100 << 20);
    let grey = Layout { colours: GREY, ..LAYOUT };
    let profile = chunk(*b"iCCP", &[b"bomb\0\0".as_slice(), &bomb].concat());
    let text = chunk(*b"zTXt", &[b"bomb\0\0".as_slice(), &bomb].concat());
    let black = [[0; 3]; 2];
    cases.extend([
        red_and_blue("animation", animated(true), SIZE),
        red_and_blue("animation behind a picture", animated(false), SIZE),
        red_and_blue("trailing garbage", [LAYOUT.encoded_with(b""), vec![0x55; 5_000]].concat(), SIZE),
        red_and_blue("a text that inflates to 100 MiB", LAYOUT.encoded_with(&text), SIZE),
        red_and_blue("a profile that inflates to 100 MiB", LAYOUT.encoded_with(&profile), SIZE),
        shown("data that inflate to 100 MiB", sized((1, 1), grey, &bomb), (1, 1), black),
        shown("65,535 x 1", sized((65_535, 1), grey, &deflate::zeros(65_536)), (65_535, 1), black),
    ]);
    cases
}

fn colour_types() -> Vec<Case> {
    let colours = [palette(&[RED, BLUE]), chunk(*b"tRNS", &[0, 128])].concat();
    let whites = [[255; 3], [0; 3]];
    let mut cases = Vec::new();
    for interlaced in [false, true] {
        let layout = Layout { interlaced, ..LAYOUT };
        let name = |name: &str| if interlaced { format!("{name}, interlaced") } else { name.to_owned() };
        let deep = Layout { depth: 16, left: 0xffff_0000_0000, right: 0xffff, ..layout };
        let alpha = Layout { colours: RGBA, left: 0xff00_0000, right: 0xff80, ..layout };
        let grey = Layout { colours: GREY, depth: 1, left: 1, right: 0, ..layout };
        let grey_alpha =
            Layout { colours: GREY_ALPHA, depth: 16, left: 0xffff_0000, right: 0xffff, ..layout };
        cases.extend([
            red_and_blue(&name("24 bits"), layout.encoded_with(b""), SIZE),
            red_and_blue(&name("48 bits"), deep.encoded_with(b""), SIZE),
            red_and_blue(&name("transparent colours"), alpha.encoded_with(b""), SIZE),
            shown(&name("transparent grey"), grey_alpha.encoded_with(b""), SIZE, whites),
            shown(
                &name("1 bit, one of them transparent"),
                grey.encoded_with(&chunk(*b"tRNS", &[0, 1])),
                SIZE,
                whites,
            ),
        ]);
        for depth in [1, 2, 4, 8] {
            let layout = Layout { colours: PALETTE, depth, left: 0, right: 1, ..layout };
            cases.push(red_and_blue(
                &name(&format!("palette of {depth} bits")),
                layout.encoded_with(&colours),
                SIZE,
            ));
        }
    }
    cases
}

/// Chunks that are not what they say, or where they should not be.
fn lies() -> Vec<Case> {
    let whole = LAYOUT.encoded_with(b"");
    let indexed = Layout { colours: PALETTE, left: 0, right: 200, ..LAYOUT };
    let mut wrong_checksum = whole.clone();
    wrong_checksum[29] ^= 1;
    let mut longest = whole.clone();
    longest[33..37].copy_from_slice(&[0xff; 4]);
    let short = deflate::stored(&LAYOUT.rows()[..40]);
    vec![
        refused("no columns", sized((0, 4), LAYOUT, &deflate::stored(&[])), DAMAGED),
        refused("no rows", sized((8, 0), LAYOUT, &deflate::stored(&[0])), DAMAGED),
        refused("2^31 rows and columns", sized((1 << 31, 1 << 31), LAYOUT, &[]), TOO_LARGE),
        refused("fewer data than pixels", sized(SIZE, LAYOUT, &short), DAMAGED),
        refused("a wrong checksum of the header", wrong_checksum, DAMAGED),
        refused("a chunk of four gigabytes", longest, DAMAGED),
        refused("no palette", indexed.encoded_with(b""), DAMAGED),
        refused("a depth that no colour has", Layout { depth: 3, ..LAYOUT }.encoded_with(b""), DAMAGED),
        refused("two headers", LAYOUT.encoded_with(&header(SIZE, LAYOUT)), DAMAGED),
        refused("an unknown chunk that matters", LAYOUT.encoded_with(&chunk(*b"ABCD", b"?")), DAMAGED),
        refused("no data", [MARK, &header(SIZE, LAYOUT), &chunk(*b"IEND", b"")].concat(), DAMAGED),
        refused("the mark alone", MARK.to_vec(), DAMAGED),
        shown("a colour that the palette lacks", indexed.encoded_with(&palette(&[RED])), SIZE, [RED, [0; 3]]),
    ]
}
