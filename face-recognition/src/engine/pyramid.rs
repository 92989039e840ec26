//! The sizes at which a picture is searched.
//!
//! The detector knows faces of one size, its window. A picture shrunk by half shows faces of twice the window,
//! so it is searched at a row of sizes, each 5/6 of the one before: any face is within a tenth of the window in
//! one of them. Each level is padded by half a window, so that a face cut by the border is seen whole.

/// Which faces are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Search {
    /// Side of the smallest face, in picture pixels. The time grows with the inverse of its square. Below the
    /// detector's window the picture is enlarged.
    pub smallest_face: u32,
    /// Pixels of the largest level: bounds time and memory (about 60 bytes per pixel) for any picture. A picture
    /// above it is shrunk to it, and the smallest face found grows accordingly.
    pub most_pixels: u64,
}

impl Default for Search {
    /// Faces of 80 pixels in pictures up to 2560 x 1600; in larger ones, of 5 % of the shorter side.
    fn default() -> Self {
        Self { smallest_face: 80, most_pixels: 2560 * 1600 }
    }
}

/// The size of one level, without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Level {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Each level is this much smaller than the one before.
const STEP: f64 = 5.0 / 6.0;

/// The levels for a picture, the largest first. There are none for a picture that is smaller than any face.
///
/// The last level is the last whose shorter side is half a window or more: a face of twice the shorter side,
/// half of it in the picture, is still found.
#[must_use]
pub fn levels(width: u32, height: u32, window: u32, search: &Search) -> Vec<Level> {
    let pixels = f64::from(width) * f64::from(height);
    #[expect(clippy::cast_precision_loss, reason = "a bound need not be exact")]
    let affordable = (search.most_pixels as f64 / pixels).sqrt();
    let wanted = f64::from(window) / f64::from(search.smallest_face.max(1));

    let at_scale = |scale: f64| Level { width: scaled(width, scale), height: scaled(height, scale) };
    std::iter::successors(Some(wanted.min(affordable)), |scale| Some(scale * STEP))
        .map(at_scale)
        .take_while(|level| level.width.min(level.height) >= (window / 2).max(1))
        .collect()
}

fn scaled(side: u32, scale: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
    let side = (f64::from(side) * scale).round() as u32;
    side
}

#[cfg(test)]
mod tests;
