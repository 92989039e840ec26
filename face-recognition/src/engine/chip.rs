//! The aligned face, "chip": turned upright, scaled and cut, so that eyes and nose are always in the same place.
//!
//! It is cut exactly as the embedding network saw faces in training, in dlib's `extract_image_chips`: where a
//! chip has fewer pixels than the square it shows, that part of the picture is cropped and halved until it has
//! not; then it is sampled bilinearly. What lies outside the picture is black.

mod halving;

use halving::Raster;

use super::geometry::{Point, Similarity};
use super::picture::Picture;

/// Where the landmarks lie in an aligned face, as shares of its side before padding (dlib's reference face).
const REFERENCE: [(f64, f64); 5] = [
    (0.859_567_459_599_2, 0.213_498_153_801_4),
    (0.646_060_476_410_4, 0.228_967_438_767_8),
    (0.120_575_062_078_9, 0.213_727_452_684_8),
    (0.334_085_061_371_2, 0.229_064_240_324_2),
    (0.490_112_313_567_9, 0.627_799_531_647_5),
];

/// A square of RGB pixels.
pub(super) struct Chip {
    size: u32,
    rgb: Vec<u8>,
}

impl Chip {
    /// Cuts a chip of `size` x `size` pixels; `padding` is the space around the reference face, as a share.
    pub(super) fn cut(picture: &Picture, landmarks: &[Point; 5], size: u32, padding: f64) -> Self {
        let mut square = Square::around(landmarks, size, padding);
        let halvings = square.halvings(size);
        let rgb = match square.region(halvings, picture) {
            Some([left, top, right, bottom]) => {
                let mut raster = Raster::crop(picture, left, top, right, bottom);
                square.centre =
                    Point::new(square.centre.x - f64::from(left), square.centre.y - f64::from(top));
                for _ in 0..halvings {
                    raster = raster.halved();
                    square = square.halved();
                }
                square.sample(&raster, size)
            }
            None => vec![0; size as usize * size as usize * 3],
        };
        Self { size, rgb }
    }

    #[cfg(test)]
    pub(super) fn from_rgb(size: u32, rgb: Vec<u8>) -> Self {
        Self { size, rgb }
    }

    /// Columns, and rows.
    pub(super) fn size(&self) -> u32 {
        self.size
    }

    pub(super) fn rgb(&self) -> &[u8] {
        &self.rgb
    }
}

/// The square of the picture that a chip shows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Square {
    centre: Point,
    /// Distance from the centre of the first to that of the last pixel along a side.
    extent: f64,
    /// Cosine and sine of its rotation.
    cos: f64,
    sin: f64,
}

impl Square {
    fn around(landmarks: &[Point; 5], size: u32, padding: f64) -> Self {
        let length = f64::from(size);
        let share = |share: f64| (share + padding) / (2.0 * padding + 1.0) * length;
        let reference = REFERENCE.map(|(x, y)| Point::new(share(x), share(y)));
        let transform = Similarity::fit(&reference, landmarks);
        let scale = transform.scale();
        // Landmarks that coincide leave no direction; upright is as good as any.
        let (cos, sin) = if scale > 0.0 { (transform.a / scale, transform.b / scale) } else { (1.0, 0.0) };
        Self {
            centre: transform.apply(Point::new(length / 2.0, length / 2.0)),
            extent: (scale * length - 1.0).max(0.0),
            cos,
            sin,
        }
    }

    /// How often the picture is to be halved: until one more would leave fewer pixels than the chip has.
    fn halvings(&self, size: u32) -> u32 {
        std::iter::successors(Some(self.extent / 2.0), |extent| Some(extent / 2.0))
            .take_while(|extent| extent + 1.0 > f64::from(size))
            .map(|_| 1)
            .sum()
    }

    /// First and last columns and rows of the picture that are needed: left, top, right, bottom. `None` where
    /// the square lies outside. Which pixels are paired by halving depends on where this region begins.
    fn region(&self, halvings: u32, picture: &Picture) -> Option<[u32; 4]> {
        // Halving uses up two pixels at the border.
        let margin = (0..halvings).fold(2.0, |margin, _| margin * 2.0 + 2.0);
        let reach = self.extent / 2.0 * (self.cos.abs() + self.sin.abs()) + margin;
        let clamp = |from: f64, side: u32| {
            let last = f64::from(side) - 1.0;
            let (first, last) = ((from - reach).max(0.0), (from + reach).min(last));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and a side"
            )]
            (first <= last).then(|| ((first + 0.5).floor() as u32, (last + 0.5).floor() as u32))
        };
        let (left, right) = clamp(self.centre.x, picture.width())?;
        let (top, bottom) = clamp(self.centre.y, picture.height())?;
        Some([left, top, right, bottom])
    }

    /// The same square in the halved picture, whose pixel (0, 0) is centred on (2.5, 1.5) of the picture.
    fn halved(self) -> Self {
        let centre = Point::new(self.centre.x / 2.0 - 1.25, self.centre.y / 2.0 - 0.75);
        Self { centre, extent: self.extent / 2.0, ..self }
    }

    fn sample(&self, raster: &Raster, size: u32) -> Vec<u8> {
        let step = self.extent / (f64::from(size) - 1.0);
        let middle = (f64::from(size) - 1.0) / 2.0;
        let (a, b) = (self.cos * step, self.sin * step);
        let mut rgb = Vec::with_capacity(size as usize * size as usize * 3);
        for row in 0..size {
            for column in 0..size {
                let (x, y) = (f64::from(column) - middle, f64::from(row) - middle);
                let at = Point::new(self.centre.x + a * x - b * y, self.centre.y + b * x + a * y);
                rgb.extend(raster.bilinear(at));
            }
        }
        rgb
    }
}

#[cfg(test)]
mod tests;
