//! What a file is and what becomes of it.

pub(crate) type Colour = [u8; 3];

pub(crate) const RED: Colour = [255, 0, 0];
pub(crate) const BLUE: Colour = [0, 0, 255];
pub(crate) const BLACK: Colour = [0; 3];

/// Words of the contract for programs.
pub(crate) const DAMAGED: &str = "damaged_image";
pub(crate) const NO_IMAGE: &str = "not_an_image";
pub(crate) const TOO_LARGE: &str = "image_too_large";

/// A file, and the answer to it.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) expected: Expected,
}

pub(crate) enum Expected {
    /// A picture of this size, with these colours in the middle of its left and right edge.
    Shown { size: (u32, u32), left: Colour, right: Colour },
    /// An error with this word.
    Refused(&'static str),
}

/// A legal picture, red on the left and blue on the right.
pub(crate) fn red_and_blue(name: &str, bytes: Vec<u8>, size: (u32, u32)) -> Case {
    shown(name, bytes, size, [RED, BLUE])
}

pub(crate) fn shown(name: &str, bytes: Vec<u8>, size: (u32, u32), [left, right]: [Colour; 2]) -> Case {
    Case { name: name.to_owned(), bytes, expected: Expected::Shown { size, left, right } }
}

pub(crate) fn refused(name: &str, bytes: Vec<u8>, code: &'static str) -> Case {
    Case { name: name.to_owned(), bytes, expected: Expected::Refused(code) }
}
