//! The pictures of the tests: legal ones of every kind, and those that lie.

#![expect(dead_code, reason = "what becomes of a picture is of no interest here")]

#[path = "../../tests/it/hostile/bmp.rs"]
mod bmp;
#[path = "../../tests/it/hostile/case.rs"]
mod case;
#[path = "../../tests/it/hostile/deflate.rs"]
mod deflate;
#[path = "../../tests/it/hostile/exif.rs"]
mod exif;
#[path = "../../tests/it/hostile/gif.rs"]
mod gif;
#[path = "../../tests/it/hostile/jpeg.rs"]
mod jpeg;
#[path = "../../tests/it/hostile/others.rs"]
mod others;
#[path = "../../tests/it/hostile/png.rs"]
mod png;
#[path = "../../tests/it/hostile/tiff.rs"]
mod tiff;
#[path = "../../tests/it/hostile/webp.rs"]
mod webp;

/// The fuzzer changes small files far faster than large ones.
const LARGEST: usize = 4_096;

/// Their names, which are those of files, and their bytes.
pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    let formats = [
        ("bmp", bmp::cases()),
        ("exif", exif::cases()),
        ("gif", gif::cases()),
        ("jpeg", jpeg::cases()),
        ("other", others::cases()),
        ("png", png::cases()),
        ("tiff", tiff::cases()),
        ("webp", webp::cases()),
    ];
    let named = |(format, cases): (&str, Vec<case::Case>)| {
        let small = cases.into_iter().filter(|case| case.bytes.len() <= LARGEST);
        small.enumerate().map(|(number, case)| (format!("{format}-{number}"), case.bytes)).collect::<Vec<_>>()
    };
    formats.into_iter().flat_map(named).collect()
}
