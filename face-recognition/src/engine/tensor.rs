//! Pixels as networks take them: one plane per channel, scaled.

use crate::pack::Scaling;

/// A buffer of one picture: red plane, green plane, blue plane. It is used again for the next picture.
pub(super) struct Planes {
    values: Vec<f32>,
    width: usize,
    height: usize,
    /// What each pixel value (0 to 255) becomes, per channel.
    scaled: [[f32; 256]; 3],
}

impl Planes {
    pub(super) fn new(scaling: Scaling) -> Self {
        let levels: [u8; 256] = std::array::from_fn(|level| u8::try_from(level).unwrap_or(u8::MAX));
        let scaled = scaling.mean.map(|mean| levels.map(|level| (f32::from(level) - mean) / scaling.divisor));
        Self { values: Vec::new(), width: 0, height: 0, scaled }
    }

    /// Puts `rgb` (`width` columns) in the middle of a frame of `padding` pixels, which have the mean colour: the
    /// value 0, with which networks pad, too. Against black, faces cut by the border score lower and are missed.
    pub(super) fn fill(&mut self, rgb: &[u8], width: usize, padding: usize) {
        let (pixels, _) = rgb.as_chunks::<3>();
        let height = pixels.len() / width;
        (self.width, self.height) = (width + 2 * padding, height + 2 * padding);
        let plane = self.width * self.height;
        self.values.clear();
        for (channel, scaled) in self.scaled.iter().enumerate() {
            // What is not overwritten below stays frame.
            self.values.resize((channel + 1) * plane, 0.0);
            let rows = self.values[channel * plane..].chunks_exact_mut(self.width).skip(padding);
            for (row, pixels) in rows.zip(pixels.chunks_exact(width)) {
                for (value, pixel) in row[padding..].iter_mut().zip(pixels) {
                    *value = scaled[usize::from(pixel[channel])];
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
    fn channels_become_scaled_planes() {
        let mut planes = Planes::new(SCALING);
        planes.fill(&[1, 2, 3, 5, 6, 7], 2, 0);
        assert_eq!(planes.shape(), [1, 3, 1, 2]);
        assert_eq!(planes.values(), [0.0, 2.0, 0.0, 2.0, 0.0, 2.0]);
    }

    #[test]
    fn padding_has_the_mean_colour_also_when_the_buffer_is_used_again() {
        let mut planes = Planes::new(SCALING);
        planes.fill(&[255; 27], 3, 0);
        planes.fill(&[3, 4, 5], 1, 1);
        assert_eq!(planes.shape(), [1, 3, 3, 3]);
        let framed = [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(planes.values(), framed.repeat(3));
    }
}
