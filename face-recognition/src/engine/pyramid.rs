//! The sizes at which a picture is searched. Pure.
//!
//! A look at a picture finds faces of some sizes only. So the picture is brought to a row of sizes, "levels", planned from
//! the smallest face that is wanted: in the first it is as small as the detector allows, and each further level is as much
//! smaller as leaves no size out between the two.

use crate::pack::FaceSizes;

/// Pixels of the largest level, with its frame: bounds the time for any picture. A larger one is shrunk, and then the
/// smallest face found in it is larger than the smallest wanted.
const MOST_PIXELS: u32 = (2560 + 80) * (1600 + 80);
/// Enlarging further shows nothing that was not there.
const MOST_ENLARGED: f64 = 2.0;

/// The size of one level, without its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// Columns.
    pub(super) width: u32,
    /// Rows.
    pub(super) height: u32,
}

/// The levels for a picture, the largest first, so that any face from `smallest` (in pixels of the picture) up to twice the
/// shorter side, half of it outside, has one of `faces` sizes in one of them. None where no such face can be in it.
///
/// `frame` is how much wider and higher the input of the network is than a level.
pub(super) fn levels(width: u32, height: u32, faces: FaceSizes, smallest: f64, frame: u32) -> Vec<Level> {
    let (from, to) = (f64::from(faces.from), f64::from(faces.to));
    let shorter = f64::from(width.min(height));
    let largest = 2.0 * shorter;
    if largest < smallest {
        return Vec::new();
    }
    let first = (from / smallest).min(MOST_ENLARGED).min(affordable(width, height, frame));
    let mut levels = Vec::new();
    let mut scale = first;
    // Half of the smallest face that can be found must fit.
    while scale * shorter >= from / 2.0 {
        levels.push(Level { width: scaled(width, scale), height: scaled(height, scale) });
        if scale * largest <= to {
            break;
        }
        scale *= from / to;
    }
    levels
}

/// The scale s at which (s width + frame) (s height + frame) is [`MOST_PIXELS`], solved for s.
fn affordable(width: u32, height: u32, frame: u32) -> f64 {
    let [width, height, frame] = [width, height, frame].map(f64::from);
    let room = f64::from(MOST_PIXELS) - frame * frame;
    let border = frame * (width + height);
    2.0 * room / (border + (border * border + 4.0 * width * height * room).sqrt())
}

fn scaled(side: u32, scale: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
    let side = (f64::from(side) * scale).round() as u32;
    side
}

#[cfg(test)]
mod tests;
