//! TIFF files (version 6): 8 x 4 pixels in strips and tiles.

use super::case::{BLACK, BLUE, Case, DAMAGED, NO_IMAGE, RED, TOO_LARGE, red_and_blue, refused, shown};
use super::deflate;

const SIZE: (u32, u32) = (8, 4);

// Tags.
const WIDTH: u16 = 256;
const HEIGHT: u16 = 257;
const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const COLOURS: u16 = 262;
const STRIPS: u16 = 273;
const ORIENTATION: u16 = 274;
const SAMPLES: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTES: u16 = 279;
const PLANES: u16 = 284;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const TILES: u16 = 324;
const TILE_BYTES: u16 = 325;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;

// Types of values.
const SHORT: u16 = 3;
const LONG: u16 = 4;

const DEFLATE: u32 = 8;
const JPEG: u32 = 7;

/// A file under construction: the pixels come first, then the values that do not fit into an entry, then the directory.
#[derive(Clone)]
struct Tiff {
    data: Vec<u8>,
    /// Tag, type, values.
    entries: Vec<(u16, u16, Vec<u32>)>,
    next: u32,
}

impl Tiff {
    /// One strip of red and blue.
    fn plain() -> Self {
        let data = rows(&[255, 0, 0], &[0, 0, 255]);
        let mut tiff = Self { data, entries: Vec::new(), next: 0 };
        for (tag, value) in [(WIDTH, 8), (HEIGHT, 4), (BITS, 8), (COMPRESSION, 1), (COLOURS, 2), (SAMPLES, 3)]
        {
            tiff = tiff.with(tag, &[value]);
        }
        tiff.with(ROWS_PER_STRIP, &[4]).strips(1)
    }

    /// The same in one tile of 16 x 16, of which the rest is black.
    fn tiled() -> Self {
        let row = [[255, 0, 0].repeat(4), [0, 0, 255].repeat(4), vec![0; 24]].concat();
        let data = [row.repeat(4), vec![0; 12 * 48]].concat();
        Self::plain().data(data).without(STRIPS).without(STRIP_BYTES).tiles([16, 16], 1)
    }

    fn data(self, data: Vec<u8>) -> Self {
        Self { data, ..self }
    }

    fn with(self, tag: u16, values: &[u32]) -> Self {
        self.with_type(tag, LONG, values)
    }

    fn with_type(self, tag: u16, kind: u16, values: &[u32]) -> Self {
        let mut changed = self.without(tag);
        changed.entries.push((tag, kind, values.to_vec()));
        changed.entries.sort_by_key(|entry| entry.0);
        changed
    }

    fn without(mut self, tag: u16) -> Self {
        self.entries.retain(|entry| entry.0 != tag);
        self
    }

    /// So many strips, each of which is all of the data.
    fn strips(self, count: usize) -> Self {
        self.parts(STRIPS, STRIP_BYTES, count)
    }

    fn tiles(self, [width, height]: [u32; 2], count: usize) -> Self {
        self.with(TILE_WIDTH, &[width]).with(TILE_HEIGHT, &[height]).parts(TILES, TILE_BYTES, count)
    }

    fn parts(self, places: u16, lengths: u16, count: usize) -> Self {
        let length = u32::try_from(self.data.len()).expect("a test has few");
        self.with(places, &vec![8; count]).with(lengths, &vec![length; count])
    }

    /// In little-endian order.
    fn encoded(&self) -> Vec<u8> {
        let mut bytes = [b"II*\0".as_slice(), &[0; 4], &self.data].concat();
        let mut directory = u16::try_from(self.entries.len()).expect("few").to_le_bytes().to_vec();
        for (tag, kind, values) in &self.entries {
            let size = if *kind == SHORT { 2 } else { 4 };
            let mut packed: Vec<u8> =
                values.iter().flat_map(|value| value.to_le_bytes()[..size].to_vec()).collect();
            if packed.len() > 4 {
                let place = place(&mut bytes);
                bytes.extend(packed);
                packed = place.to_le_bytes().to_vec();
            }
            packed.resize(4, 0);
            let count = u32::try_from(values.len()).expect("a test has few");
            directory.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            directory.extend([count.to_le_bytes().as_slice(), &packed].concat());
        }
        let place = place(&mut bytes);
        bytes[4..8].copy_from_slice(&place.to_le_bytes());
        [bytes, directory, self.next.to_le_bytes().to_vec()].concat()
    }
}

/// Where the next thing is written: at an even place.
fn place(bytes: &mut Vec<u8>) -> u32 {
    if bytes.len() % 2 == 1 {
        bytes.push(0);
    }
    u32::try_from(bytes.len()).expect("a test is small")
}

fn rows(left: &[u8], right: &[u8]) -> Vec<u8> {
    [left.repeat(4), right.repeat(4)].concat().repeat(4)
}

pub(crate) fn cases() -> Vec<Case> {
    let plain = Tiff::plain();
    let words = |values: [u16; 3]| values.map(u16::to_le_bytes).concat();
    let floats = |values: [f32; 3]| values.map(f32::to_le_bytes).concat();
    let deep = plain.clone().with(BITS, &[16]).data(rows(&words([0xffff, 0, 0]), &words([0, 0, 0xffff])));
    let float = plain.clone().with(BITS, &[32]).with(SAMPLE_FORMAT, &[3]);
    let float = float.data(rows(&floats([1.0, 0.0, 0.0]), &floats([0.0, 0.0, 1.0])));
    let infinite =
        float.clone().data(rows(&floats([f32::INFINITY, f32::NAN, -1.0]), &floats([-0.0, -9.0, 2.0])));
    let inks = plain
        .clone()
        .with(COLOURS, &[5])
        .with(SAMPLES, &[4])
        .data(rows(&[0, 255, 255, 0], &[255, 255, 0, 0]));
    let grey = plain.clone().with(COLOURS, &[1]).with(SAMPLES, &[1]);
    let bit = grey.clone().with(BITS, &[1]).data(vec![0xf0; 4]);
    let planes = plain.clone().with(PLANES, &[2]).data(rows(&[255], &[0])).strips(3);
    let bomb = plain.clone().with(COMPRESSION, &[DEFLATE]).data(deflate::zeros(100 << 20)).strips(1);
    let mut cases = vec![
        red_and_blue("a strip", plain.encoded(), SIZE),
        refused("a big file (BigTIFF)", b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0".to_vec(), NO_IMAGE),
        red_and_blue("a tile", Tiff::tiled().encoded(), SIZE),
        red_and_blue("48 bits", deep.strips(1).encoded(), SIZE),
        red_and_blue("floating point", float.strips(1).encoded(), SIZE),
        shown("floating point beyond all numbers", infinite.strips(1).encoded(), SIZE, [[255, 255, 0], BLUE]),
        red_and_blue("inks", inks.strips(1).encoded(), SIZE),
        shown("1 bit", bit.strips(1).encoded(), SIZE, [[255; 3], BLACK]),
        shown("planes that are all the same", planes.encoded(), SIZE, [[255; 3], BLACK]),
        shown("upside down", plain.clone().with(ORIENTATION, &[3]).encoded(), SIZE, [BLUE, RED]),
        shown("a strip that inflates to 100 MiB", bomb.encoded(), SIZE, [BLACK; 2]),
        red_and_blue("trailing garbage", [plain.encoded(), vec![0x55; 5_000]].concat(), SIZE),
        red_and_blue("a next picture that is the first", Tiff { next: 8, ..plain.clone() }.encoded(), SIZE),
        red_and_blue(
            "a next picture beyond the end",
            Tiff { next: u32::MAX, ..plain.clone() }.encoded(),
            SIZE,
        ),
    ];
    cases.extend([0, 9, 255, 65_535, u32::MAX].map(|value| {
        red_and_blue(
            &format!("orientation {value}"),
            plain.clone().with(ORIENTATION, &[value]).encoded(),
            SIZE,
        )
    }));
    cases.extend(lies(&plain));
    cases.extend(expansive(&plain));
    cases
}

/// Directories that contradict themselves or the file.
fn lies(plain: &Tiff) -> Vec<Case> {
    let with = |tag, value| plain.clone().with(tag, &[value]).encoded();
    let mut looped = plain.encoded();
    looped[4..8].copy_from_slice(&0_u32.to_le_bytes());
    vec![
        refused("no columns", with(WIDTH, 0), DAMAGED),
        refused("no rows", with(HEIGHT, 0), DAMAGED),
        refused(
            "60,000 x 60,000 in one strip",
            plain.clone().with(WIDTH, &[60_000]).with(HEIGHT, &[60_000]).without(ROWS_PER_STRIP).encoded(),
            TOO_LARGE,
        ),
        refused("strips of no rows", with(ROWS_PER_STRIP, 0), DAMAGED),
        refused("more strips than are there", with(ROWS_PER_STRIP, 1), DAMAGED),
        refused("a strip beyond the end", with(STRIPS, 0x7fff_ffff), DAMAGED),
        refused("no samples", with(SAMPLES, 0), DAMAGED),
        refused(
            "fewer samples than extra ones",
            plain.clone().with(EXTRA_SAMPLES, &[0; 4]).encoded(),
            DAMAGED,
        ),
        refused("no bits", with(BITS, 0), NO_IMAGE),
        refused("a palette", with(COLOURS, 3), NO_IMAGE),
        refused("strips and tiles", plain.clone().tiles([16, 16], 1).encoded(), DAMAGED),
        refused("a compression that nobody knows", with(COMPRESSION, 999), NO_IMAGE),
        refused("a directory that is the file's head", looped, DAMAGED),
        refused("no directory", b"II*\0\xf0\xff\xff\xff".to_vec(), DAMAGED),
    ]
}

/// Few bytes that stand for very many beside the pixels.
fn expansive(plain: &Tiff) -> Vec<Case> {
    let bomb = plain.clone().with(COMPRESSION, &[DEFLATE]).data(deflate::zeros(1 << 20));
    let bomb = bomb.without(STRIPS).without(STRIP_BYTES).without(ROWS_PER_STRIP);
    let wide = bomb.clone().with(WIDTH, &[1]).with(HEIGHT, &[1_000]).tiles([u32::MAX, 1], 1_000);
    let padded = bomb.clone().with(SAMPLES, &[5]).with_type(EXTRA_SAMPLES, SHORT, &[0, 0]);
    let many = plain.clone().with(SAMPLES, &[65_000]).with_type(EXTRA_SAMPLES, SHORT, &vec![0; 64_997]);
    let many = many.with(WIDTH, &[10_000_000]).with(HEIGHT, &[1]);
    let thin =
        plain.clone().with(COMPRESSION, &[DEFLATE]).with(HEIGHT, &[200_000]).with(ROWS_PER_STRIP, &[1]);
    let thin = thin.data(deflate::stored(&[0; 24])).strips(200_000);
    let nested = plain.clone().with(COMPRESSION, &[JPEG]).data(super::jpeg::large()).strips(1);
    vec![
        refused("a tile far wider than the picture", wide.encoded(), DAMAGED),
        refused(
            "a tile far wider than the picture, with extra samples",
            padded.tiles([u32::MAX, 1], 4).encoded(),
            DAMAGED,
        ),
        refused("200,000 strips of one row", thin.encoded(), DAMAGED),
        refused("65,000 samples in a pixel", many.encoded(), DAMAGED),
        refused("a large JPEG in a small strip", nested.encoded(), NO_IMAGE),
    ]
}
