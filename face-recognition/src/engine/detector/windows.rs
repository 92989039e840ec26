//! Reads the output of a detector that scores windows of one size (max-margin object detection, King 2015).

use super::Mapping;
use crate::engine::geometry::Area;
use crate::engine::pyramid::Level;
use crate::engine::runtime::Outputs;
use crate::engine::suppression::Candidate;
use crate::engine::tensor::Frame;

/// The windows of the cells, in pixels of the input.
pub(super) struct Windows {
    side: f64,
    stride: f64,
    /// Edge of the first window.
    first: f64,
    /// Half a window around each level, so that a face cut by the border is seen whole.
    padding: u32,
}

impl Windows {
    pub(super) fn new(window: u32, stride: u32, offset: u32) -> Self {
        let side = f64::from(window);
        // The first cell is centred on the middle of the pixel at the offset.
        let first = f64::from(offset) + 0.5 - side / 2.0;
        Self { side, stride: stride.into(), first, padding: window / 2 }
    }

    pub(super) fn frame_room(&self) -> u32 {
        2 * self.padding
    }

    pub(super) fn frame(&self, level: Level) -> Frame {
        let padded = |side: u32| (side + 2 * self.padding) as usize;
        Frame { before: self.padding as usize, width: padded(level.width), height: padded(level.height) }
    }

    /// The cells that score above the threshold. `None` where the output is no map of scores.
    pub(super) fn read(
        &self,
        outputs: &Outputs,
        threshold: f32,
        mapping: &Mapping,
    ) -> Option<Vec<Candidate>> {
        let (&[1, 1, _, columns], scores) = outputs.get("output")? else { return None };
        Some(self.faces(scores, usize::try_from(columns).ok()?, threshold, mapping).collect())
    }

    fn faces(
        &self,
        scores: &[f32],
        columns: usize,
        threshold: f32,
        mapping: &Mapping,
    ) -> impl Iterator<Item = Candidate> {
        scores.iter().enumerate().filter(move |(_, score)| **score > threshold).map(move |(cell, score)| {
            let area = self.area(cell % columns, cell / columns, mapping);
            Candidate { area, score: *score, landmarks: None }
        })
    }

    fn area(&self, column: usize, row: usize, mapping: &Mapping) -> Area {
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer cells than 2^52")]
        let [left, top] = [column, row].map(|cell| self.first + self.stride * cell as f64);
        Area {
            left: mapping.x(left),
            top: mapping.y(top),
            right: mapping.x(left + self.side),
            bottom: mapping.y(top + self.side),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::float_cmp, reason = "halves are exact")]

    use super::*;

    const WINDOWS: (u32, u32, u32) = (80, 8, 14);

    fn windows() -> Windows {
        Windows::new(WINDOWS.0, WINDOWS.1, WINDOWS.2)
    }

    #[test]
    fn a_cell_is_mapped_back_over_stride_padding_and_scale() {
        let mapping = Mapping { before: 40.0, across: 2.0, down: 3.0 };
        // Centred on pixel 14 of the padded level, which is pixel -26 of the level: from -65.5 to 14.5.
        let first = windows().area(0, 0, &mapping);
        assert_eq!(first, Area { left: -131.0, top: -196.5, right: 29.0, bottom: 43.5 });
        // Ten cells are 80 pixels of the level.
        assert_eq!(windows().area(10, 0, &mapping).left, -131.0 + 160.0);
        assert_eq!(windows().area(0, 10, &mapping).top, -196.5 + 240.0);
    }

    #[test]
    fn cells_above_the_threshold_are_faces_and_others_are_not() {
        let mapping = Mapping { before: 40.0, across: 1.0, down: 1.0 };
        let scores = [-1.0, 0.5, 0.25, f32::NAN, 1.0, 0.75];

        let found: Vec<Candidate> = windows().faces(&scores, 3, 0.5, &mapping).collect();

        let expected = [(1, 1, 1.0), (2, 1, 0.75)].map(|(column, row, score)| Candidate {
            area: windows().area(column, row, &mapping),
            score,
            landmarks: None,
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn a_level_has_half_a_window_on_all_sides() {
        let frame = windows().frame(Level { width: 100, height: 60 });
        assert_eq!(frame, Frame { before: 40, width: 180, height: 140 });
    }
}
