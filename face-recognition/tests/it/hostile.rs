//! Files made to do harm, and legal ones that are rare: each has its own answer, and none costs more than its size allows.

mod bmp;
mod case;
mod deflate;
mod exif;
mod gif;
mod jpeg;
mod others;
mod png;
mod served;
mod tiff;
mod webp;

use case::{Case, Colour, DAMAGED, Expected, NO_IMAGE, TOO_LARGE};
use face_recognition::engine::picture::{Picture, PictureError, PictureLimits};

/// How far a colour may be from what was meant, in each channel; a JPEG has rounded it.
const NEAR: u8 = 3;

fn corpus() -> Vec<Case> {
    let formats = [
        ("BMP", bmp::cases()),
        ("EXIF", exif::cases()),
        ("GIF", gif::cases()),
        ("JPEG", jpeg::cases()),
        ("PNG", png::cases()),
        ("TIFF", tiff::cases()),
        ("WebP", webp::cases()),
        ("other", others::cases()),
    ];
    let named = |(format, cases): (&str, Vec<Case>)| {
        cases
            .into_iter()
            .map(|case| Case { name: format!("{format}: {}", case.name), ..case })
            .collect::<Vec<_>>()
    };
    formats.into_iter().flat_map(named).collect()
}

/// What is wrong with the answer, if anything is.
fn fault(case: &Case, answer: &Result<Picture, PictureError>) -> Option<String> {
    let right = match (&case.expected, answer) {
        (Expected::Shown { size, left, right }, Ok(picture)) => {
            (picture.width(), picture.height()) == *size
                && near(edge(picture, 0), *left)
                && near(edge(picture, picture.width() - 1), *right)
        }
        (Expected::Refused(expected), Err(error)) => code(error) == *expected,
        _ => false,
    };
    let edges = answer.as_ref().map(|picture| [0, picture.width() - 1].map(|column| edge(picture, column)));
    (!right).then(|| format!("{}: {answer:?} {edges:?}", case.name))
}

fn edge(picture: &Picture, column: u32) -> Colour {
    picture.pixel(column.into(), (picture.height() / 2).into()).expect("it is in the picture")
}

fn near(colour: Colour, meant: Colour) -> bool {
    colour.iter().zip(meant).all(|(value, meant)| value.abs_diff(meant) <= NEAR)
}

/// The word for programs.
fn code(error: &PictureError) -> &'static str {
    match error {
        PictureError::Damaged { .. } => DAMAGED,
        PictureError::Unsupported => NO_IMAGE,
        PictureError::TooManyPixels { .. } => TOO_LARGE,
        other => panic!("no file here is so large or so small: {other}"),
    }
}

#[test]
fn every_file_has_the_answer_that_it_deserves() {
    let faults: Vec<String> = corpus()
        .iter()
        .filter_map(|case| fault(case, &Picture::decode(&case.bytes, &PictureLimits::default())))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_file_cut_short_shows_a_picture_of_the_whole_size_or_nothing() {
    // Cutting a large one everywhere would take minutes.
    let shown = corpus().into_iter().filter(|case| case.bytes.len() < 2_000).filter_map(|case| {
        let Expected::Shown { size, .. } = case.expected else { return None };
        Some((case.name, case.bytes, size))
    });
    for (name, bytes, size) in shown {
        for length in 1..bytes.len() {
            match Picture::decode(&bytes[..length], &PictureLimits::default()) {
                Ok(picture) => {
                    assert_eq!((picture.width(), picture.height()), size, "{name}: {length} bytes");
                }
                Err(error) => {
                    let code = code(&error);
                    assert!([DAMAGED, NO_IMAGE].contains(&code), "{name}: {length} bytes: {error}");
                }
            }
        }
    }
}
