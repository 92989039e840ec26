//! How well a face can be seen: numbers from its box, its landmarks and its aligned cut, and which limits they miss.

use std::fmt;

use super::chip::Chip;
use super::geometry::{Bounds, Point};
use crate::pack::QualityLimits;

/// Measures of one face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Quality {
    /// Shorter side of the box, in picture pixels.
    pub size: u32,
    /// Variance of the Laplacian over the grey aligned face. Sharp photos have some hundreds,
    /// blurred or enlarged faces a few tens or less.
    pub sharpness: f32,
    /// Mean grey value of the aligned face, 0 (black) to 255.
    pub brightness: f32,
    /// In degrees, -180 to 180; positive when the head is turned clockwise in the picture.
    pub roll: f32,
    /// In degrees, -90 to 90; positive when the face looks to the right in the picture. A coarse estimate.
    pub yaw: f32,
}

/// What a face lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortcoming {
    /// It has too few pixels.
    Small,
    /// It is blurred, or enlarged from fewer pixels.
    Blurred,
    /// It is too dark.
    Dark,
    /// It is too bright.
    Bright,
    /// The head lies on its side, or upside down.
    Rolled,
    /// It looks to the side.
    Averted,
}

impl fmt::Display for Shortcoming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Small => "too small",
            Self::Blurred => "blurred",
            Self::Dark => "too dark",
            Self::Bright => "too bright",
            Self::Rolled => "tilted too far",
            Self::Averted => "turned too far to the side",
        })
    }
}

impl Quality {
    /// The limits that the face misses. A number that is none misses its limit.
    #[must_use]
    pub fn shortcomings(&self, limits: &QualityLimits) -> Vec<Shortcoming> {
        let checks = [
            (self.size >= limits.size, Shortcoming::Small),
            (self.sharpness >= limits.sharpness, Shortcoming::Blurred),
            (self.brightness >= limits.darkest, Shortcoming::Dark),
            (self.brightness <= limits.brightest, Shortcoming::Bright),
            (self.roll.abs() <= limits.roll, Shortcoming::Rolled),
            (self.yaw.abs() <= limits.yaw, Shortcoming::Averted),
        ];
        checks.into_iter().filter(|(holds, _)| !holds).map(|(_, shortcoming)| shortcoming).collect()
    }
}

/// What the five landmarks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Points {
    /// Outer and inner corners of both eyes, base of the nose.
    EyeCorners,
    /// Centres of both eyes, tip of the nose, corners of the mouth.
    EyesAndMouth,
}

impl Points {
    /// How far the nose lies in front of the two outermost points of the eyes, in half their distance. Rough: heads differ.
    fn nose_depth(self) -> f64 {
        match self {
            Self::EyeCorners => 0.7,
            Self::EyesAndMouth => 1.2,
        }
    }
}

pub(super) fn measure(bounds: Bounds, points: Points, landmarks: &[Point; 5], chip: &Chip) -> Quality {
    let grey = grey(chip);
    let (roll, yaw) = pose(points, landmarks);
    Quality {
        size: u32::try_from(bounds.width.min(bounds.height)).unwrap_or(0),
        sharpness: sharpness(&grey, chip.size() as usize),
        brightness: mean(grey.iter().copied()),
        roll,
        yaw,
    }
}

/// Luma of ITU-R BT.601.
fn grey(chip: &Chip) -> Vec<f32> {
    let (pixels, _) = chip.rgb().as_chunks::<3>();
    let luma = |[red, green, blue]: &[u8; 3]| {
        0.299 * f32::from(*red) + 0.587 * f32::from(*green) + 0.114 * f32::from(*blue)
    };
    pixels.iter().map(luma).collect()
}

/// Variance of (above + below + left + right - 4 x the pixel), over all pixels with four neighbours.
fn sharpness(grey: &[f32], width: usize) -> f32 {
    let rows: Vec<&[f32]> = grey.chunks_exact(width).collect();
    let laplacian: Vec<f32> = rows
        .windows(3)
        .flat_map(|rows| {
            (1..width.saturating_sub(1))
                .map(|x| rows[0][x] + rows[2][x] + rows[1][x - 1] + rows[1][x + 1] - 4.0 * rows[1][x])
        })
        .collect();
    let middle = mean(laplacian.iter().copied());
    mean(laplacian.iter().map(|value| (value - middle) * (value - middle)))
}

/// 0 for no values.
fn mean(values: impl ExactSizeIterator<Item = f32>) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a chip has fewer pixels than 2^23")]
    let count = values.len().max(1) as f32;
    values.sum::<f32>() / count
}

/// Roll is the slope of the line through the eyes. Yaw comes from how far the nose has moved along that line from the middle
/// between two points left and right of it: at an angle `y` by `depth sin y`, while these stay `cos y` from the middle.
fn pose(points: Points, landmarks: &[Point; 5]) -> (f32, f32) {
    let [a, b, c, d, _] = *landmarks;
    // Eyes as they are seen on the left and on the right of the picture, and the outermost points of them.
    let ([left, right], [outer_left, outer_right], nose) = match points {
        Points::EyeCorners => ([c.middle(d), a.middle(b)], [c, a], landmarks[4]),
        Points::EyesAndMouth => ([a, b], [a, b], c),
    };
    let roll = (right.y - left.y).atan2(right.x - left.x);

    let along = |point: Point| point.x * roll.cos() + point.y * roll.sin();
    let half = (along(outer_right) - along(outer_left)) / 2.0;
    let moved = along(nose) - along(outer_left.middle(outer_right));
    let yaw = moved.atan2(half * points.nose_depth());
    #[expect(clippy::cast_possible_truncation, reason = "degrees need no more precision")]
    let degrees = (roll.to_degrees() as f32, yaw.to_degrees().clamp(-90.0, 90.0) as f32);
    degrees
}

#[cfg(test)]
mod tests;
