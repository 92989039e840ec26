//! The sizes at which a picture is searched.
//!
//! The detector knows faces of one size, its window. A picture shrunk by half shows faces of twice the window,
//! so it is searched at a row of sizes, each 5/6 of the one before: any face is within a tenth of the window in
//! one of them. Each level is padded by half a window, so that a face cut by the border is seen whole.

/// Pixels of the largest level, with its padding: bounds time and memory (about 60 bytes per pixel) for any picture.
///
/// With a window of 80 pixels, faces of 80 pixels are found in pictures up to 2560 x 1600. A larger picture is
/// shrunk, and the smallest face found in it has about 5 % of its shorter side.
const MOST_PIXELS: u32 = (2560 + 80) * (1600 + 80);

/// The size of one level, without padding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// Columns.
    pub(super) width: u32,
    /// Rows.
    pub(super) height: u32,
}

/// Each level is this much smaller than the one before.
const STEP: f64 = 5.0 / 6.0;

/// The levels for a picture, the largest first. There are none for a picture that is smaller than any face.
///
/// The first level is the picture as it is, or shrunk to [`MOST_PIXELS`]: no face smaller than the window is
/// looked for. The last level is the last whose shorter side is half a window or more: a face of twice the
/// shorter side, half of it in the picture, is still found.
pub(super) fn levels(width: u32, height: u32, window: u32) -> Vec<Level> {
    let at_scale = |scale: f64| Level { width: scaled(width, scale), height: scaled(height, scale) };
    std::iter::successors(Some(affordable(width, height, window).min(1.0)), |scale| Some(scale * STEP))
        .map(at_scale)
        .take_while(|level| level.width.min(level.height) >= (window / 2).max(1))
        .collect()
}

/// The scale s at which (s width + window) (s height + window) is [`MOST_PIXELS`], solved for s.
fn affordable(width: u32, height: u32, window: u32) -> f64 {
    let [width, height, window] = [width, height, window].map(f64::from);
    let room = f64::from(MOST_PIXELS) - window * window;
    let border = window * (width + height);
    2.0 * room / (border + (border * border + 4.0 * width * height * room).sqrt())
}

fn scaled(side: u32, scale: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast of floats saturates")]
    let side = (f64::from(side) * scale).round() as u32;
    side
}

#[cfg(test)]
mod tests;
