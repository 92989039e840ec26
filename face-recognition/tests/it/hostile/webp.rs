//! WebP files (RFC 9649): 8 x 4 pixels, plain, with notes and animated.

use std::{io::Cursor, slice::from_ref};

use image::{ImageFormat, Rgb, RgbImage};

use super::case::{BLUE, Case, Colour, DAMAGED, NO_IMAGE, RED, TOO_LARGE, red_and_blue, refused, shown};

const SIZE: (u32, u32) = (8, 4);
const GREY: Colour = [128; 3];
/// What an extended file may announce.
const ANIMATION: u8 = 0x02;
const NOTES: u8 = 0x08;
const PROFILE: u8 = 0x20;

/// The chunk with the pixels.
fn picture([left, right]: [Colour; 2]) -> Vec<u8> {
    let (width, height) = SIZE;
    let image = RgbImage::from_fn(width, height, |x, _| Rgb(if x < width / 2 { left } else { right }));
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, ImageFormat::WebP).expect("the format can be written");
    bytes.into_inner().split_off(12)
}

fn chunk(name: [u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a chunk is small").to_le_bytes();
    let padding: &[u8] = if body.len() % 2 == 1 { &[0] } else { &[] };
    [name.as_slice(), &length, body, padding].concat()
}

fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    chunk(*b"RIFF", &[b"WEBP".as_slice(), &chunks.concat()].concat())
}

/// Three bytes for a number, which is one less than what it stands for.
fn less_one(value: u32) -> [u8; 3] {
    let [low, middle, high, _] = (value - 1).to_le_bytes();
    [low, middle, high]
}

fn extended(flags: u8, (width, height): (u32, u32)) -> Vec<u8> {
    chunk(*b"VP8X", &[&[flags, 0, 0, 0], less_one(width).as_slice(), &less_one(height)].concat())
}

/// A frame at a place in units of two pixels.
fn frame([x, y]: [u8; 2], (width, height): (u32, u32), picture: &[u8]) -> Vec<u8> {
    let head = [&[x, 0, 0, y, 0, 0], less_one(width).as_slice(), &less_one(height), &[100, 0, 0, 2]].concat();
    chunk(*b"ANMF", &[&head, picture].concat())
}

fn animation(size: (u32, u32), frames: &[Vec<u8>]) -> Vec<u8> {
    file(&[extended(ANIMATION, size), chunk(*b"ANIM", &[0; 6]), frames.concat()])
}

/// A file whose length says something else.
fn with_length(mut file: Vec<u8>, length: u32) -> Vec<u8> {
    file[4..8].copy_from_slice(&length.to_le_bytes());
    file
}

/// Lossy pixels: all of one grey, which takes nothing but zeros.
fn lossy((width, height): (u16, u16)) -> Vec<u8> {
    const PARTITION: u32 = 200;
    // A key frame that is shown, and the length of its first part.
    let tag = (PARTITION << 5 | 0x10).to_le_bytes();
    let size = [width.to_le_bytes(), height.to_le_bytes()].concat();
    chunk(*b"VP8 ", &[&tag[..3], &[0x9d, 1, 0x2a], &size, &[0; 2 * PARTITION as usize]].concat())
}

fn renamed(mut chunk: Vec<u8>) -> Vec<u8> {
    chunk[..4].copy_from_slice(b"ABCD");
    chunk
}

/// Opaqueness of every pixel, uncompressed, in front of lossy pixels.
fn opaque((width, height): (u32, u32)) -> Vec<u8> {
    chunk(*b"ALPH", &[vec![0], vec![255; (width * height) as usize]].concat())
}

pub(crate) fn cases() -> Vec<Case> {
    let plain = picture([RED, BLUE]);
    let (first, second) = (frame([0, 0], SIZE, &plain), frame([0, 0], SIZE, &picture([BLUE, RED])));
    let noted = |notes: &[u8]| file(&[extended(NOTES, SIZE), plain.clone(), chunk(*b"EXIF", notes)]);
    // A chunk that claims four gigabytes, of which it has four bytes.
    let claim = [b"EXIF\xf0\xff\xff\xff".as_slice(), b"MM\0*"].concat();
    let headed =
        |size: [u8; 4]| file(&[chunk(*b"VP8 ", &[&[0x10, 0, 0, 0x9d, 1, 0x2a], size.as_slice()].concat())]);
    let profile = chunk(*b"ICCP", &vec![0xff; 1 << 20]);
    vec![
        red_and_blue("plain", file(from_ref(&plain)), SIZE),
        red_and_blue("extended", file(&[extended(0, SIZE), plain.clone()]), SIZE),
        red_and_blue(
            "a profile of a megabyte",
            file(&[extended(PROFILE, SIZE), profile, plain.clone()]),
            SIZE,
        ),
        red_and_blue(
            "orientation 9",
            noted(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0\0\0\0\0"),
            SIZE,
        ),
        red_and_blue("notes that lead to themselves", noted(b"MM\0*\0\0\0\x08\0\0\0\0\0\x08"), SIZE),
        red_and_blue("notes of nothing", noted(b""), SIZE),
        red_and_blue("the first of two frames", animation(SIZE, &[first.clone(), second]), SIZE),
        red_and_blue(
            "trailing garbage",
            [file(from_ref(&plain)), b"gar\0\x04\0\0\0bage".to_vec()].concat(),
            SIZE,
        ),
        red_and_blue("a file that says that it is shorter", with_length(file(from_ref(&plain)), 4), SIZE),
        refused("an animation without frames", animation(SIZE, &[]), DAMAGED),
        refused("a frame beyond its canvas", animation(SIZE, &[frame([200, 200], SIZE, &plain)]), DAMAGED),
        refused(
            "a frame of another size than its picture",
            animation(SIZE, &[frame([0, 0], (4, 4), &plain)]),
            DAMAGED,
        ),
        refused("a frame within a frame", animation(SIZE, &[frame([0, 0], SIZE, &first)]), DAMAGED),
        refused("a canvas of 2^48 pixels", animation((1 << 24, 1 << 24), from_ref(&first)), DAMAGED),
        refused("a canvas of 16,384 x 16,384", animation((1 << 14, 1 << 14), &[first]), TOO_LARGE),
        refused("a canvas of another size", file(&[extended(0, (5, 5)), plain.clone()]), DAMAGED),
        refused("no picture", file(&[extended(0, SIZE)]), DAMAGED),
        refused("no chunk", file(&[]), DAMAGED),
        refused(
            "metadata that claim four gigabytes",
            file(&[extended(NOTES, SIZE), plain.clone(), claim.clone()]),
            DAMAGED,
        ),
        refused(
            "metadata in a frame that claim four gigabytes",
            animation(SIZE, &[frame([0, 0], SIZE, &[plain, claim].concat())]),
            DAMAGED,
        ),
        shown("lossy", file(&[lossy((8, 4))]), SIZE, [GREY; 2]),
        shown(
            "lossy and opaque",
            animation(SIZE, &[frame([0, 0], SIZE, &[opaque(SIZE), lossy((8, 4))].concat())]),
            SIZE,
            [GREY; 2],
        ),
        refused(
            "opaqueness for fewer pixels than a frame has",
            animation(SIZE, &[frame([0, 0], SIZE, &[opaque(SIZE), lossy((16, 16))].concat())]),
            DAMAGED,
        ),
        refused(
            "the same under another name",
            animation(SIZE, &[frame([0, 0], SIZE, &[opaque(SIZE), renamed(lossy((16, 16)))].concat())]),
            DAMAGED,
        ),
        refused(
            "a frame that is small outside and large inside",
            animation(SIZE, &[frame([0, 0], SIZE, &lossy((16_383, 16_383)))]),
            DAMAGED,
        ),
        refused(
            "a canvas that is small and a picture that is large",
            file(&[extended(0, SIZE), lossy((16_383, 16_383))]),
            DAMAGED,
        ),
        refused("lossy, without pixels", headed([0, 0, 0, 0]), DAMAGED),
        refused("lossy, without data", headed([8, 0, 4, 0]), DAMAGED),
        refused("lossy, 16,383 x 16,383", headed([0xff, 0x3f, 0xff, 0x3f]), TOO_LARGE),
        refused("another kind of RIFF", [b"RIFF\x04\0\0\0WAVE".as_slice(), &[0; 32]].concat(), NO_IMAGE),
    ]
}
