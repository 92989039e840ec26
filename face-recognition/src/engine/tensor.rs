//! Pixels as networks take them: one plane per channel, scaled.

use crate::pack::{Channels, Scaling};

/// Where a picture, or some rows of it, lies within the input of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    /// Columns left of the picture.
    pub(super) left: usize,
    /// Rows above it; negative where the input begins within the picture.
    pub(super) top: isize,
    /// Columns of the input.
    pub(super) width: usize,
    /// Rows of the input.
    pub(super) height: usize,
}

/// A buffer of one picture: a plane for each colour. It is used again for the next picture.
pub(super) struct Planes {
    values: Vec<f32>,
    width: usize,
    height: usize,
    /// For each plane the place of its colour in a pixel, and what a pixel value (0 to 255) becomes.
    colours: [(usize, [f32; 256]); 3],
}

impl Planes {
    pub(super) fn new(channels: Channels, scaling: Scaling) -> Self {
        let levels: [u8; 256] = std::array::from_fn(|level| u8::try_from(level).unwrap_or(u8::MAX));
        let order = match channels {
            Channels::Rgb => [0, 1, 2],
            Channels::Bgr => [2, 1, 0],
        };
        let colours = order.map(|colour| {
            (colour, levels.map(|level| (f32::from(level) - scaling.mean[colour]) / scaling.divisor))
        });
        Self { values: Vec::new(), width: 0, height: 0, colours }
    }

    /// Puts `rgb` (`width` columns), or what of it the frame shows, into a frame that has the mean colour: the value 0, with which networks pad, too. Against
    /// black, faces cut by the border score lower and are missed.
    pub(super) fn fill(&mut self, rgb: &[u8], width: usize, frame: Frame) {
        let (pixels, _) = rgb.as_chunks::<3>();
        (self.width, self.height) = (frame.width, frame.height);
        let plane = self.width * self.height;
        self.values.clear();
        for (number, (colour, scaled)) in self.colours.iter().enumerate() {
            // What is not overwritten below stays frame.
            self.values.resize((number + 1) * plane, 0.0);
            let rows = self.values[number * plane..].chunks_exact_mut(self.width);
            let shown = pixels.chunks_exact(width).skip(frame.top.min(0).unsigned_abs());
            for (row, pixels) in rows.skip(frame.top.max(0).unsigned_abs()).zip(shown) {
                for (value, pixel) in row[frame.left..].iter_mut().zip(pixels) {
                    *value = scaled[usize::from(pixel[*colour])];
                }
            }
        }
    }

    /// Batch of one, channels, rows, columns.
    pub(super) fn shape(&self) -> [usize; 4] {
        [1, 3, self.height, self.width]
    }

    pub(super) fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCALING: Scaling = Scaling { mean: [1.0, 2.0, 3.0], divisor: 2.0 };

    #[test]
    fn channels_become_scaled_planes_in_their_order() {
        let frame = Frame { left: 0, top: 0, width: 2, height: 1 };
        for (channels, expected) in
            [(Channels::Rgb, [0.0, 2.0, 0.0, 2.0, 0.0, 2.0]), (Channels::Bgr, [0.5, 2.0, 0.0, 2.0, 0.0, 2.0])]
        {
            let mut planes = Planes::new(channels, SCALING);
            let blue = if channels == Channels::Bgr { 4 } else { 3 };
            planes.fill(&[1, 2, blue, 5, 6, 7], 2, frame);
            assert_eq!(planes.shape(), [1, 3, 1, 2]);
            assert_eq!(planes.values(), expected, "{channels:?}");
        }
    }

    #[test]
    fn a_frame_has_the_mean_colour_also_when_the_buffer_is_used_again() {
        let mut planes = Planes::new(Channels::Rgb, SCALING);
        planes.fill(&[255; 27], 3, Frame { left: 0, top: 0, width: 3, height: 3 });
        planes.fill(&[3, 4, 5], 1, Frame { left: 1, top: 1, width: 4, height: 3 });
        assert_eq!(planes.shape(), [1, 3, 3, 4]);
        let framed = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(planes.values(), framed.repeat(3));
    }

    #[test]
    fn an_input_that_begins_within_the_picture_shows_the_rest_of_it() {
        let mut planes = Planes::new(Channels::Rgb, Scaling { mean: [0.0; 3], divisor: 1.0 });
        let rows = [1, 2, 3].map(|row| [row; 3]).concat();
        planes.fill(&rows, 1, Frame { left: 0, top: -1, width: 1, height: 3 });
        assert_eq!(planes.values(), [2.0, 3.0, 0.0].repeat(3));
    }
}
