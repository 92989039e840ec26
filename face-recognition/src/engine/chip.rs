//! The aligned face, "chip": turned upright, scaled and cut, so that eyes and nose are always in the same place.
//!
//! Where a chip has fewer pixels than the square it shows, that part of the picture is cropped and halved until it has
//! not; then it is sampled bilinearly. What lies outside the picture is black. The faces that the embedding network was
//! trained with were cut so (dlib's `extract_image_chips`), and networks trained otherwise do not mind.

mod halving;

use halving::Raster;

use super::geometry::{Point, Similarity};
use super::picture::Picture;

/// Where the landmarks lie in an aligned face, across and down, as shares of its side.
pub(super) type Template = [[f64; 2]; 5];

/// A square of RGB pixels.
pub(super) struct Chip {
    size: u32,
    rgb: Vec<u8>,
}

impl Chip {
    /// Cuts a chip of `size` x `size` pixels, in which the landmarks lie as near to the `template` (shares of the side) as
    /// turning, scaling and shifting can bring them.
    pub(super) fn cut(picture: &Picture, landmarks: &[Point; 5], size: u32, template: &Template) -> Self {
        let mut square = Square::around(landmarks, size, template);
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
    fn around(landmarks: &[Point; 5], size: u32, template: &Template) -> Self {
        let length = f64::from(size);
        let reference = template.map(|[x, y]| Point::new(x * length, y * length));
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
