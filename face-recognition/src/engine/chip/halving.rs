//! A part of a picture, its halving and its sampling.

use crate::engine::geometry::Point;
use crate::engine::picture::Picture;

/// RGB pixels, row by row.
pub(super) struct Raster {
    width: usize,
    height: usize,
    pixels: Vec<[u8; 3]>,
}

/// Binomial approximation of a Gaussian; the sum of its products is 256, so that sums of bytes fit.
const KERNEL: [u16; 5] = [1, 4, 6, 4, 1];

impl Raster {
    /// Columns `left` to `right` and rows `top` to `bottom`, both included.
    pub(super) fn crop(picture: &Picture, left: u32, top: u32, right: u32, bottom: u32) -> Self {
        let (pixels, _) = picture.rgb().as_chunks::<3>();
        let columns = left as usize..=right as usize;
        let rows = pixels.chunks_exact(picture.width() as usize);
        let rows = rows.skip(top as usize).take((bottom - top + 1) as usize);
        let pixels: Vec<_> = rows.flat_map(|row| &row[columns.clone()]).copied().collect();
        Self { width: (right - left + 1) as usize, height: (bottom - top + 1) as usize, pixels }
    }

    /// Smooths and drops every second pixel; a frame of two pixels is used up.
    pub(super) fn halved(&self) -> Self {
        let [width, height] = [self.width, self.height].map(|side| side.saturating_sub(3) / 2);
        // Rows first, kept in full precision.
        let mut across = Vec::with_capacity(width * self.height);
        for row in self.pixels.chunks_exact(self.width.max(1)) {
            across.extend((0..width).map(|column| weighted(|tap| row[2 * column + tap].map(u16::from))));
        }
        let mut pixels = Vec::with_capacity(width * height);
        for row in 0..height {
            pixels.extend((0..width).map(|column| {
                let sum = weighted(|tap| across[(2 * row + tap) * width + column]);
                sum.map(|sum| (sum / 256) as u8)
            }));
        }
        Self { width, height, pixels }
    }

    /// The value between four pixels, rounded down; black where one of them is missing.
    pub(super) fn bilinear(&self, at: Point) -> [u8; 3] {
        let (left, top) = (at.x.floor(), at.y.floor());
        #[expect(clippy::cast_precision_loss, reason = "sides are far smaller than 2^52")]
        let inside =
            left >= 0.0 && top >= 0.0 && left + 1.0 < self.width as f64 && top + 1.0 < self.height as f64;
        if !inside {
            return [0; 3];
        }
        let (x, y) = (at.x - left, at.y - top);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the raster")]
        let first = top as usize * self.width + left as usize;
        let (above, below) = (&self.pixels[first..], &self.pixels[first + self.width..]);
        std::array::from_fn(|channel| {
            let mix =
                |row: &[[u8; 3]]| f64::from(row[0][channel]) * (1.0 - x) + f64::from(row[1][channel]) * x;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a mean of bytes")]
            let value = (mix(above) * (1.0 - y) + mix(below) * y) as u8;
            value
        })
    }
}

fn weighted(pixel: impl Fn(usize) -> [u16; 3]) -> [u16; 3] {
    KERNEL.iter().enumerate().fold([0; 3], |sum, (tap, weight)| {
        let pixel = pixel(tap);
        std::array::from_fn(|channel| sum[channel] + weight * pixel[channel])
    })
}
