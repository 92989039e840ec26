//! Reads the output of a detector that scores windows of one size (max-margin object detection, King 2015).
//!
//! A large level is looked at in strips, which bounds the memory of a look. A strip is seen with so many rows beyond its own
//! that the windows in it score as they would in the whole.

use super::{Mapping, Strip};
use crate::engine::geometry::Area;
use crate::engine::pyramid::Level;
use crate::engine::runtime::Outputs;
use crate::engine::suppression::Candidate;
use crate::engine::tensor::Frame;

/// Pixels of one look: a network needs about 60 bytes for each.
const MOST_PIXELS: usize = 2_000_000;

/// The windows of the cells, in pixels of the input.
pub(super) struct Windows {
    side: f64,
    stride: usize,
    /// The pixel in the middle of the first window.
    middle: usize,
    /// From the beginning of that pixel to the edge of the window.
    to_edge: f64,
    /// Half a window around each level, so that a face cut by the border is seen whole.
    padding: u32,
    /// Rows beyond those of a strip, a multiple of the stride. The score of a window depends on what is in it and, little,
    /// on its surroundings.
    context: usize,
}

impl Windows {
    pub(super) fn new(window: u32, stride: u32, offset: u32) -> Self {
        let side = f64::from(window);
        let context = (window + window / 4).next_multiple_of(stride) as usize;
        let (stride, middle) = (stride as usize, offset as usize);
        Self { side, stride, middle, to_edge: 0.5 - side / 2.0, padding: window / 2, context }
    }

    pub(super) fn frame_room(&self) -> u32 {
        2 * self.padding
    }

    pub(super) fn frame(&self, level: Level) -> Frame {
        let padded = |side: u32| (side + 2 * self.padding) as usize;
        let left = self.padding as usize;
        Frame { left, top: left.cast_signed(), width: padded(level.width), height: padded(level.height) }
    }

    /// The level in strips of about the same height, from the top, each from a cell of the whole. A window belongs to the strip
    /// that its middle is in.
    pub(super) fn strips(&self, level: Level) -> impl Iterator<Item = Strip> {
        let whole = self.frame(level);
        let count = (whole.width * whole.height).div_ceil(MOST_PIXELS);
        let height = whole.height.div_ceil(count).next_multiple_of(self.stride);
        (0..whole.height).step_by(height).map(move |first| {
            let own = first..(first + height).min(whole.height);
            let seen = first.saturating_sub(self.context)..(own.end + self.context).min(whole.height);
            let frame = Frame { top: whole.top - seen.start.cast_signed(), height: seen.len(), ..whole };
            Strip { frame, own: own.start - seen.start..own.end - seen.start }
        })
    }

    /// The strip's own cells that score above the threshold. `None` where the output is no map of scores.
    pub(super) fn read(
        &self,
        outputs: &Outputs,
        strip: &Strip,
        threshold: f32,
        mapping: &Mapping,
    ) -> Option<Vec<Candidate>> {
        let (&[1, 1, _, columns], scores) = outputs.get("output")? else { return None };
        Some(self.faces(scores, usize::try_from(columns).ok()?, strip, threshold, mapping).collect())
    }

    fn faces(
        &self,
        scores: &[f32],
        columns: usize,
        strip: &Strip,
        threshold: f32,
        mapping: &Mapping,
    ) -> impl Iterator<Item = Candidate> {
        let is_own = |row: usize| strip.own.contains(&(self.middle + self.stride * row));
        let rows = scores.chunks_exact(columns).enumerate().filter(move |(row, _)| is_own(*row));
        rows.flat_map(move |(row, scores)| {
            let above = scores.iter().enumerate().filter(move |(_, score)| **score > threshold);
            above.map(move |(column, score)| {
                let area = self.area(column, row, mapping);
                Candidate { area, score: *score, landmarks: None }
            })
        })
    }

    fn area(&self, column: usize, row: usize, mapping: &Mapping) -> Area {
        #[expect(clippy::cast_precision_loss, reason = "pictures are far smaller than 2^52")]
        let [left, top] = [column, row].map(|cell| (self.middle + self.stride * cell) as f64 + self.to_edge);
        Area {
            left: mapping.x(left),
            top: mapping.y(top),
            right: mapping.x(left + self.side),
            bottom: mapping.y(top + self.side),
        }
    }
}

#[cfg(test)]
mod tests;
