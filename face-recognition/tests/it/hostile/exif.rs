//! Notes of a camera (EXIF) that lead nowhere, in JPEG files.

use std::slice::from_ref;

use super::{
    case::{BLUE, Case, RED, red_and_blue, shown},
    jpeg,
};

const SIZE: (u32, u32) = (16, 8);
/// Where the first directory of the notes lies.
const FIRST: u32 = 8;

/// An entry with the tag of the orientation: its type, its count, its value.
fn orientation(kind: u16, count: u32, value: u16) -> Vec<u8> {
    [
        &0x112_u16.to_be_bytes(),
        &kind.to_be_bytes(),
        count.to_be_bytes().as_slice(),
        &value.to_be_bytes(),
        &[0; 2],
    ]
    .concat()
}

/// A directory: how many entries it claims, those it has, and where the next one is.
fn directory(claimed: u16, entries: &[Vec<u8>], next: u32) -> Vec<u8> {
    [&claimed.to_be_bytes(), entries.concat().as_slice(), &next.to_be_bytes()].concat()
}

/// Notes whose first directory is said to be `at`.
fn notes(at: u32, directory: &[u8]) -> Vec<u8> {
    [b"Exif\0\0MM\0*".as_slice(), &at.to_be_bytes(), directory].concat()
}

fn with_notes(notes: &[u8]) -> Vec<u8> {
    jpeg::with_segment(&jpeg::plain(), 0xe1, notes)
}

pub(crate) fn cases() -> Vec<Case> {
    let turned = |value| notes(FIRST, &directory(1, &[orientation(3, 1, value)], 0));
    let mut cases: Vec<Case> = [0, 9, 255, 0x100, u16::MAX]
        .map(|value| red_and_blue(&format!("orientation {value}"), with_notes(&turned(value)), SIZE))
        .into();
    let upside_down = orientation(3, 1, 3);
    let harmless = [
        ("orientation of another type", notes(FIRST, &directory(1, &[orientation(4, 1, 3)], 0))),
        ("orientation many times over", notes(FIRST, &directory(1, &[orientation(3, u32::MAX, 3)], 0))),
        ("notes without a directory", notes(FIRST, &[])),
        ("a directory beyond the end", notes(u32::MAX, &directory(1, from_ref(&upside_down), 0))),
        (
            "a directory that claims more entries",
            notes(FIRST, &directory(u16::MAX, &[orientation(9, 1, 3)], 0)),
        ),
        ("a directory that leads to itself", notes(FIRST, &directory(0, &[], FIRST))),
        ("a directory that begins at the marks of its format", notes(0, &directory(0, &[], 0))),
        ("notes in no byte order", b"Exif\0\0XX\0*\0\0\0\x08".to_vec()),
        ("an orientation behind a directory", notes(FIRST, &directory(0, from_ref(&upside_down), FIRST))),
    ];
    cases.extend(harmless.map(|(name, notes)| red_and_blue(name, with_notes(&notes), SIZE)));

    let [blue_and_red, both] = [[BLUE, RED], [RED, BLUE]];
    cases.push(shown(
        "a chain that loops",
        with_notes(&notes(FIRST, &directory(1, from_ref(&upside_down), FIRST))),
        SIZE,
        blue_and_red,
    ));
    let long = [b"Exif\0\0".as_slice(), &vec![0; 65_000]].concat();
    let many = (0..200).fold(jpeg::plain(), |jpeg, _| jpeg::with_segment(&jpeg, 0xe1, &long));
    cases.push(shown("two hundred segments of notes", many, SIZE, both));
    cases
}
