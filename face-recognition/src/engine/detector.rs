//! Finds faces: a network that is run over a pyramid of sizes, and boxes that overlap become one.

mod points;
mod windows;

use std::borrow::Cow;
use std::num::NonZeroUsize;

use points::Points;
use windows::Windows;

use super::min_face::MinFace;
use super::picture::Picture;
use super::pyramid::{Level, levels};
use super::resize::resize;
use super::runtime::{Library, Network, RuntimeError};
use super::suppression::{Candidate, Overlap, suppress};
use super::tensor::{Frame, Planes};
use super::{EngineError, ensure_wanted};
use crate::pack::{DetectorOutput, DetectorSpec};

pub(super) struct Detector {
    network: Network,
    reading: Reading,
    spec: DetectorSpec,
    min_face: MinFace,
    planes: Planes,
}

/// How the network's output is read.
enum Reading {
    Windows(Windows),
    Points(Points),
}

/// From the pixels of a network's input to those of the picture.
#[derive(Debug, Clone, Copy)]
struct Mapping {
    /// Pixels of the input before the first of the level.
    before: f64,
    /// Picture pixels per level pixel; the sides of a level are rounded, each in its own way.
    across: f64,
    down: f64,
}

impl Detector {
    pub(super) fn load(
        library: &Library,
        model: &[u8],
        spec: &DetectorSpec,
        min_face: MinFace,
        threads: NonZeroUsize,
    ) -> Result<Self, RuntimeError> {
        let network = Network::load(library, "detector", model, threads)?;
        let reading = match &spec.output {
            DetectorOutput::Windows { window, stride, offset } => {
                Reading::Windows(Windows::new(*window, *stride, *offset))
            }
            DetectorOutput::Points { strides } => Reading::Points(Points::new(strides)),
        };
        let planes = Planes::new(spec.channels, spec.scaling);
        Ok(Self { network, reading, spec: spec.clone(), min_face, planes })
    }

    /// The faces of a picture, the highest score first; before each level it is asked whether they are still `wanted`.
    pub(super) fn detect(
        &mut self,
        picture: &Picture,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Candidate>, EngineError> {
        let (width, height) = (picture.width(), picture.height());
        let smallest = self.min_face.within(width, height);
        let mut candidates = Vec::new();
        let mut source = Cow::Borrowed(picture);
        for level in levels(width, height, self.spec.faces, smallest, self.reading.frame_room()) {
            ensure_wanted(wanted)?;
            // Small levels are made from a halved picture: the same pixels at a fraction of the time.
            while let Some(half) = half_above(&source, level) {
                source = Cow::Owned(resize(&source, half)?);
            }
            let frame = self.reading.frame(level);
            self.planes.fill(resize(&source, level)?.rgb(), level.width as usize, frame);
            let mapping = Mapping::new(picture, level, frame);
            let threshold = self.spec.score_threshold;
            let found = self.network.run(self.planes.shape(), self.planes.values(), |outputs| match &self
                .reading
            {
                Reading::Windows(windows) => windows.read(outputs, threshold, &mapping),
                Reading::Points(points) => points.read(outputs, frame, threshold, &mapping),
            })?;
            candidates.extend(found);
        }
        let overlap = Overlap { iou: self.spec.overlap_iou.into(), cover: self.spec.overlap_cover.into() };
        Ok(suppress(candidates, overlap))
    }

    /// Gives back memory, by a look at nothing.
    pub(super) fn rest(&mut self) -> Result<(), RuntimeError> {
        let nothing = Level { width: 1, height: 1 };
        self.planes = Planes::new(self.spec.channels, self.spec.scaling);
        self.planes.fill(&[0; 3], 1, self.reading.frame(nothing));
        self.network.run_and_shrink(self.planes.shape(), self.planes.values())
    }
}

impl Reading {
    /// How much larger than a level, in columns and in rows, the network's input is at most.
    fn frame_room(&self) -> u32 {
        match self {
            Self::Windows(windows) => windows.frame_room(),
            Self::Points(points) => points.frame_room(),
        }
    }

    /// Where a level lies in the network's input.
    fn frame(&self, level: Level) -> Frame {
        match self {
            Self::Windows(windows) => windows.frame(level),
            Self::Points(points) => points.frame(level),
        }
    }
}

impl Mapping {
    fn new(picture: &Picture, level: Level, frame: Frame) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a frame is far smaller than 2^52")]
        let before = frame.before as f64;
        Self {
            before,
            across: f64::from(picture.width()) / f64::from(level.width),
            down: f64::from(picture.height()) / f64::from(level.height),
        }
    }

    /// Where an edge at this column of the input lies in the picture.
    fn x(&self, column: f64) -> f64 {
        (column - self.before) * self.across
    }

    /// The same for a row.
    fn y(&self, row: f64) -> f64 {
        (row - self.before) * self.down
    }
}

/// Half the size of `source`, if that is no smaller than `level`.
fn half_above(source: &Picture, level: Level) -> Option<Level> {
    let half = Level { width: source.width() / 2, height: source.height() / 2 };
    (half.width >= level.width && half.height >= level.height).then_some(half)
}

#[cfg(test)]
mod tests;
