//! Finds faces: a network that scores windows, run over a pyramid of sizes (max-margin object detection, King
//! 2015).

use std::borrow::Cow;

use super::geometry::Area;
use super::picture::Picture;
use super::pyramid::{Level, levels};
use super::resize::resize;
use super::runtime::{Library, Network, RuntimeError};
use super::suppression::{Candidate, Overlap, suppress};
use super::tensor::Planes;
use super::{EngineError, ensure_wanted};
use crate::pack::DetectorSpec;

pub(super) struct Detector {
    network: Network,
    spec: DetectorSpec,
    planes: Planes,
}

impl Detector {
    pub(super) fn load(library: &Library, model: &[u8], spec: &DetectorSpec) -> Result<Self, RuntimeError> {
        let network = Network::load(library, "detector", model)?;
        Ok(Self { network, spec: spec.clone(), planes: Planes::new(spec.scaling) })
    }

    /// The faces of a picture, the highest score first; before each level it is asked whether they are still `wanted`.
    pub(super) fn detect(
        &mut self,
        picture: &Picture,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Candidate>, EngineError> {
        let padding = self.spec.window / 2;
        let mut candidates = Vec::new();
        let mut source = Cow::Borrowed(picture);
        for level in levels(picture.width(), picture.height(), self.spec.window) {
            ensure_wanted(wanted)?;
            // Small levels are made from a halved picture: the same pixels at a fraction of the time.
            while let Some(half) = half_above(&source, level) {
                source = Cow::Owned(resize(&source, half)?);
            }
            let resized = resize(&source, level)?;
            self.planes.fill(resized.rgb(), level.width as usize, padding as usize);
            let windows = Windows::new(&self.spec, picture, level, padding);
            let threshold = self.spec.score_threshold;
            let read = |shape: &[i64], scores: &[f32]| {
                let &[1, 1, _, columns] = shape else { return None };
                candidates.extend(faces(scores, usize::try_from(columns).ok()?, threshold, &windows));
                Some(())
            };
            self.network.run(self.planes.shape(), self.planes.values(), read)?;
        }
        let overlap = Overlap { iou: self.spec.overlap_iou.into(), cover: self.spec.overlap_cover.into() };
        Ok(suppress(candidates, overlap))
    }
}

/// Half the size of `source`, if that is no smaller than `level`.
fn half_above(source: &Picture, level: Level) -> Option<Level> {
    let half = Level { width: source.width() / 2, height: source.height() / 2 };
    (half.width >= level.width && half.height >= level.height).then_some(half)
}

/// The cells of one level that score above the threshold.
fn faces(
    scores: &[f32],
    columns: usize,
    threshold: f32,
    windows: &Windows,
) -> impl Iterator<Item = Candidate> {
    scores.iter().enumerate().filter(move |(_, score)| **score > threshold).map(move |(cell, score)| {
        Candidate { area: windows.area(cell % columns, cell / columns), score: *score }
    })
}

/// Where the windows of one level lie in the picture.
struct Windows {
    stride: f64,
    /// Edge of the first window in the level, negative: it begins in the padding.
    first: f64,
    side: f64,
    /// Picture pixels per level pixel.
    across: f64,
    down: f64,
}

impl Windows {
    fn new(spec: &DetectorSpec, picture: &Picture, level: Level, padding: u32) -> Self {
        let side = f64::from(spec.window);
        Self {
            stride: spec.stride.into(),
            // The first cell is centred on the middle of the pixel at the offset.
            first: f64::from(spec.offset) + 0.5 - side / 2.0 - f64::from(padding),
            side,
            // The sides of a level are rounded, each in its own way.
            across: f64::from(picture.width()) / f64::from(level.width),
            down: f64::from(picture.height()) / f64::from(level.height),
        }
    }

    fn area(&self, column: usize, row: usize) -> Area {
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer cells than 2^52")]
        let [left, top] = [column, row].map(|cell| self.first + self.stride * cell as f64);
        Area {
            left: left * self.across,
            top: top * self.down,
            right: (left + self.side) * self.across,
            bottom: (top + self.side) * self.down,
        }
    }
}

#[cfg(test)]
mod tests;
