//! GIF files (version 89a): a screen of 8 x 4 pixels and frames in it.

use super::case::{BLACK, BLUE, Case, Colour, DAMAGED, RED, red_and_blue, refused, shown};

const SIZE: (u32, u32) = (8, 4);
const SCREEN: [u16; 2] = [8, 4];

/// The colours of all frames.
const COLOURS: [Colour; 4] = [BLACK, RED, BLUE, BLACK];

fn head(screen: [u16; 2], colours: &[Colour]) -> Vec<u8> {
    let size = screen.map(u16::to_le_bytes).concat();
    let flags = if colours.is_empty() { 0 } else { 0x81 };
    [b"GIF89a", size.as_slice(), &[flags, 0, 0], colours.as_flattened()].concat()
}

/// Left, top, width and height of a frame, and its flags.
fn descriptor(place: [u16; 4], flags: u8) -> Vec<u8> {
    [b",".as_slice(), &place.map(u16::to_le_bytes).concat(), &[flags]].concat()
}

/// Pixels without compression: codes of eight bits, and the code that clears the table before it grows.
fn data(pixels: &[u8]) -> Vec<u8> {
    const CLEAR: u8 = 0x80;
    const END: u8 = 0x81;
    let codes: Vec<u8> =
        pixels.chunks(100).flat_map(|chunk| [&[CLEAR], chunk].concat()).chain([END]).collect();
    let blocks = codes.chunks(255).flat_map(|block| {
        let length = u8::try_from(block.len()).expect("chunks are no longer");
        [&[length], block].concat()
    });
    [7].into_iter().chain(blocks).chain([0]).collect()
}

/// As many pixels as a frame has: the left half of one colour, the right half of another.
fn halves(width: usize, height: usize, [left, right]: [u8; 2]) -> Vec<u8> {
    [vec![left; width / 2], vec![right; width - width / 2]].concat().repeat(height)
}

fn frame(colours: [u8; 2]) -> Vec<u8> {
    [descriptor([0, 0, 8, 4], 0), data(&halves(8, 4, colours))].concat()
}

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [head(SCREEN, &COLOURS), parts.concat(), b";".to_vec()].concat()
}

/// What stands before a frame: which of its colours is transparent.
fn transparent(colour: u8) -> Vec<u8> {
    vec![b'!', 0xf9, 4, 1, 0, 0, colour, 0]
}

pub(crate) fn cases() -> Vec<Case> {
    let frame_data = data(&halves(8, 4, [1, 2]));
    let placed = |place, pixels: Vec<u8>| file(&[descriptor(place, 0), data(&pixels)]);
    let comment =
        [b"!\xfe".to_vec(), [&[255], [b'x'; 255].as_slice()].concat().repeat(2_000), vec![0]].concat();
    let own_colours = [descriptor([0, 0, 8, 4], 0x81), COLOURS.concat(), frame_data.clone()].concat();
    let none = [head(SCREEN, &[]), frame([1, 2]), b";".to_vec()].concat();
    let whole_screen = [head([u16::MAX, 700], &COLOURS), frame([1, 2]), b";".to_vec()].concat();
    vec![
        red_and_blue("one frame", file(&[frame([1, 2])]), SIZE),
        red_and_blue("the first of two frames", file(&[frame([1, 2]), frame([2, 1])]), SIZE),
        red_and_blue("interlaced", file(&[descriptor([0, 0, 8, 4], 0x40), frame_data.clone()]), SIZE),
        red_and_blue("colours of its own", [head(SCREEN, &[]), own_colours, b";".to_vec()].concat(), SIZE),
        red_and_blue("half a megabyte of comments", file(&[comment, frame([1, 2])]), SIZE),
        red_and_blue("trailing garbage", [file(&[frame([1, 2])]), vec![b','; 5_000]].concat(), SIZE),
        shown("a frame in a corner", placed([4, 0, 4, 4], halves(4, 4, [2, 2])), SIZE, [BLACK, BLUE]),
        shown(
            "a frame that reaches beyond the screen",
            placed([4, 0, 8, 8], halves(8, 8, [2, 2])),
            SIZE,
            [BLACK, BLUE],
        ),
        shown("a frame outside the screen", placed([8, 4, 8, 4], halves(8, 4, [2, 2])), SIZE, [BLACK; 2]),
        shown("a small frame on a wide screen", whole_screen, (65_535, 700), [BLACK; 2]),
        red_and_blue("transparent red", file(&[transparent(1), frame([1, 2])]), SIZE),
        refused("no colours", none, DAMAGED),
        refused("no frame", file(&[]), DAMAGED),
        refused("a frame without pixels", placed([0, 0, 0, 0], vec![]), DAMAGED),
        refused("a screen without pixels", [head([0, 0], &COLOURS), frame([1, 2])].concat(), DAMAGED),
        refused("fewer data than pixels", placed([0, 0, 8, 4], vec![1; 20]), DAMAGED),
        refused("a frame of 65,535 x 65,535", placed([0, 0, u16::MAX, u16::MAX], vec![1]), DAMAGED),
        refused(
            "codes of 12 bits from the start",
            file(&[descriptor([0, 0, 8, 4], 0), vec![12, 1, 0, 0]]),
            DAMAGED,
        ),
    ]
}
