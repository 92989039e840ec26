//! Finds faces: a network that is run over a pyramid of sizes, and boxes that overlap become one.

mod points;
mod windows;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{iter, thread};

use points::Points;
use windows::Windows;

use super::min_face::MinFace;
use super::picture::Picture;
use super::pyramid::{Level, levels};
use super::resize::resize;
use super::runtime::{Library, Network, Outputs, RuntimeError};
use super::suppression::{Candidate, Overlap, suppress};
use super::tensor::{Frame, Planes};
use super::{EngineError, Wanted, ensure_wanted};
use crate::pack::{DetectorOutput, DetectorSpec};

pub(super) struct Detector {
    /// One at least.
    lanes: Vec<Lane>,
    reading: Reading,
    spec: DetectorSpec,
    min_face: MinFace,
}

/// What looks at one level at a time. Lanes work side by side, each on a thread: a network alone gains little from a second
/// thread, but the first level of a picture costs about as much as all others.
struct Lane {
    network: Network,
    planes: Planes,
}

/// How the network's output is read.
enum Reading {
    Windows(Windows),
    Points(Points),
}

/// Some rows of a level, and what is seen of the level for them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Strip {
    frame: Frame,
    /// The rows of the input whose faces are the strip's own.
    own: Range<usize>,
}

/// From the pixels of a network's input to those of the picture.
#[derive(Debug, Clone, Copy)]
struct Mapping {
    /// Columns of the input left of the level, and rows above it.
    left: f64,
    top: f64,
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
        let lane = || {
            let network = Network::load(library, "detector", model, NonZeroUsize::MIN)?;
            Ok(Lane { network, planes: Planes::new(spec.channels, spec.scaling) })
        };
        let lanes = (0..threads.get()).map(|_| lane()).collect::<Result<_, _>>()?;
        let reading = match &spec.output {
            DetectorOutput::Windows { window, stride, offset } => {
                Reading::Windows(Windows::new(*window, *stride, *offset))
            }
            DetectorOutput::Points { strides } => Reading::Points(Points::new(strides)),
        };
        Ok(Self { lanes, reading, spec: spec.clone(), min_face })
    }

    /// The faces of a picture, the highest score first; before each level it is asked whether they are still `wanted`.
    pub(super) fn detect(
        &mut self,
        picture: &Picture,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Candidate>, EngineError> {
        let Self { lanes, reading, spec, min_face } = self;
        let (width, height) = (picture.width(), picture.height());
        let levels = levels(width, height, spec.faces, min_face.within(width, height), reading.frame_room());
        let halves = halves(picture, levels.last().copied())?;
        let search = Search { picture, halves: &halves, reading, threshold: spec.score_threshold };
        let next = AtomicUsize::new(0);
        let work = |lane: &mut Lane| {
            let mut candidates = Vec::new();
            while let Some(level) = levels.get(next.fetch_add(1, Ordering::Relaxed)) {
                ensure_wanted(wanted)?;
                candidates.extend(lane.look(&search, *level)?);
            }
            Ok::<_, EngineError>(candidates)
        };
        let needed = lanes.len().min(levels.len());
        let found: Vec<_> = match &mut lanes[..needed] {
            [] => Vec::new(),
            [only] => vec![work(only)],
            [first, others @ ..] => thread::scope(|scope| {
                let others: Vec<_> = others.iter_mut().map(|lane| scope.spawn(|| work(lane))).collect();
                let first = work(first);
                let joined = others.into_iter().map(|lane| lane.join().expect("a look that panics is a bug"));
                iter::once(first).chain(joined).collect()
            }),
        };
        let candidates: Vec<Vec<Candidate>> = found.into_iter().collect::<Result<_, _>>()?;
        let overlap = Overlap { iou: spec.overlap_iou.into(), cover: spec.overlap_cover.into() };
        Ok(suppress(candidates.concat(), overlap))
    }

    /// Gives back memory, by a look at nothing.
    pub(super) fn rest(&mut self) -> Result<(), RuntimeError> {
        let nothing = Level { width: 1, height: 1 };
        for lane in &mut self.lanes {
            lane.planes = Planes::new(self.spec.channels, self.spec.scaling);
            for strip in self.reading.strips(nothing) {
                lane.planes.fill(&[0; 3], 1, strip.frame);
                lane.network.run_and_shrink(lane.planes.shape(), lane.planes.values())?;
            }
        }
        Ok(())
    }
}

/// What all lanes look at.
struct Search<'a> {
    picture: &'a Picture,
    /// The picture in half its size, in a quarter, and so on.
    halves: &'a [Picture],
    reading: &'a Reading,
    threshold: f32,
}

impl Lane {
    fn look(&mut self, search: &Search<'_>, level: Level) -> Result<Vec<Candidate>, EngineError> {
        let Search { picture, halves, reading, threshold } = *search;
        // Small levels are made from a halved picture: the same pixels at a fraction of the time.
        let source = halves.iter().rfind(|half| holds(half, level)).unwrap_or(picture);
        let resized = resize(source, level)?;
        let mut found = Vec::new();
        for strip in reading.strips(level) {
            self.planes.fill(resized.rgb(), level.width as usize, strip.frame);
            let mapping = Mapping::new(picture, level, strip.frame);
            let read = |outputs: &Outputs| match reading {
                Reading::Windows(windows) => windows.read(outputs, &strip, threshold, &mapping),
                Reading::Points(points) => points.read(outputs, strip.frame, threshold, &mapping),
            };
            found.extend(self.network.run(self.planes.shape(), self.planes.values(), read)?);
        }
        Ok(found)
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

    /// How a level is looked at.
    fn strips(&self, level: Level) -> Vec<Strip> {
        match self {
            Self::Windows(windows) => windows.strips(level).collect(),
            Self::Points(points) => vec![Strip::whole(points.frame(level))],
        }
    }
}

impl Strip {
    fn whole(frame: Frame) -> Self {
        Self { frame, own: 0..frame.height }
    }
}

impl Mapping {
    fn new(picture: &Picture, level: Level, frame: Frame) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "a frame is far smaller than 2^52")]
        let (left, top) = (frame.left as f64, frame.top as f64);
        let across = f64::from(picture.width()) / f64::from(level.width);
        let down = f64::from(picture.height()) / f64::from(level.height);
        Self { left, top, across, down }
    }

    /// Where an edge at this column of the input lies in the picture.
    fn x(&self, column: f64) -> f64 {
        (column - self.left) * self.across
    }

    /// The same for a row.
    fn y(&self, row: f64) -> f64 {
        (row - self.top) * self.down
    }
}

/// The picture in half its size, and so on, as long as the smallest level fits in.
fn halves(picture: &Picture, smallest: Option<Level>) -> Result<Vec<Picture>, opencv::Error> {
    let mut halves: Vec<Picture> = Vec::new();
    let Some(smallest) = smallest else { return Ok(halves) };
    loop {
        let source = halves.last().unwrap_or(picture);
        let half = Level { width: source.width() / 2, height: source.height() / 2 };
        if half.width < smallest.width || half.height < smallest.height {
            return Ok(halves);
        }
        let half = resize(source, half)?;
        halves.push(half);
    }
}

/// Whether a level is no larger than a picture.
fn holds(picture: &Picture, level: Level) -> bool {
    level.width <= picture.width() && level.height <= picture.height()
}

#[cfg(test)]
mod tests;
