//! Reads the output of an anchor-free detector with landmarks (Wu, Peng and Yu, "`YuNet`: a tiny millisecond-level
//! face detector", 2023).
//!
//! For each stride there is a grid of cells. Each tells a class score and an objectness, whose geometric mean is the score,
//! a box as shift of its centre and logarithms of its sides, and five points as shifts, all in cells.

use super::Mapping;
use crate::engine::geometry::{Area, Point};
use crate::engine::pyramid::Level;
use crate::engine::runtime::Outputs;
use crate::engine::suppression::Candidate;
use crate::engine::tensor::Frame;

/// Eye on the right of the face's owner, left one, tip of the nose, right and left corner of the mouth: the left of the picture
/// comes first, as in [`LandmarksSpec::Detector`](crate::pack::LandmarksSpec).
const LANDMARKS: usize = 5;

pub(super) struct Points {
    grids: Vec<GridOutputs>,
    largest_stride: u32,
}

/// The names of one grid's outputs.
struct GridOutputs {
    stride: u32,
    class: String,
    object: String,
    shape: String,
    points: String,
}

/// What one grid tells: for each cell one score each, four numbers and ten.
struct Grid<'a> {
    stride: u32,
    columns: usize,
    class: &'a [f32],
    object: &'a [f32],
    shape: &'a [[f32; 4]],
    points: &'a [[f32; 2 * LANDMARKS]],
}

impl Points {
    pub(super) fn new(strides: &[u32]) -> Self {
        let grids = strides
            .iter()
            .map(|stride| GridOutputs {
                stride: *stride,
                class: format!("cls_{stride}"),
                object: format!("obj_{stride}"),
                shape: format!("bbox_{stride}"),
                points: format!("kps_{stride}"),
            })
            .collect();
        Self { grids, largest_stride: strides.iter().copied().max().unwrap_or(1) }
    }

    pub(super) fn frame_room(&self) -> u32 {
        self.largest_stride - 1
    }

    /// Sides are whole numbers of the largest cells.
    pub(super) fn frame(&self, level: Level) -> Frame {
        let whole = |side: u32| side.next_multiple_of(self.largest_stride) as usize;
        Frame { left: 0, top: 0, width: whole(level.width), height: whole(level.height) }
    }

    /// What scores above the threshold. `None` where an output is missing or does not fit the input.
    pub(super) fn read(
        &self,
        outputs: &Outputs,
        frame: Frame,
        threshold: f32,
        mapping: &Mapping,
    ) -> Option<Vec<Candidate>> {
        let mut found = Vec::new();
        for names in &self.grids {
            let (columns, rows) = (frame.width / names.stride as usize, frame.height / names.stride as usize);
            let grid = Grid {
                stride: names.stride,
                columns,
                class: outputs.get(&names.class)?.1,
                object: outputs.get(&names.object)?.1,
                shape: cells(outputs.get(&names.shape)?.1)?,
                points: cells(outputs.get(&names.points)?.1)?,
            };
            let sizes = [grid.class.len(), grid.object.len(), grid.shape.len(), grid.points.len()];
            if sizes != [columns * rows; 4] {
                return None;
            }
            found.extend(grid.faces(threshold, mapping));
        }
        Some(found)
    }
}

/// The numbers of each cell. `None` where they are not a whole number of cells.
fn cells<const N: usize>(values: &[f32]) -> Option<&[[f32; N]]> {
    let (cells, rest) = values.as_chunks();
    rest.is_empty().then_some(cells)
}

impl Grid<'_> {
    fn faces(&self, threshold: f32, mapping: &Mapping) -> Vec<Candidate> {
        let scores = self.class.iter().zip(self.object).map(|(class, object)| {
            let [class, object] = [class, object].map(|score| score.clamp(0.0, 1.0));
            (class * object).sqrt()
        });
        scores
            .enumerate()
            .filter(|(_, score)| *score > threshold)
            .filter_map(|(cell, score)| self.face(cell, score, mapping))
            .collect()
    }

    /// `None` where its numbers are none: an exponential can be infinite.
    fn face(&self, cell: usize, score: f32, mapping: &Mapping) -> Option<Candidate> {
        let stride = f64::from(self.stride);
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer cells than 2^52")]
        let (column, row) = ((cell % self.columns) as f64, (cell / self.columns) as f64);
        let place = |dx: f32, dy: f32| ((column + f64::from(dx)) * stride, (row + f64::from(dy)) * stride);
        let [dx, dy, width, height] = self.shape[cell];
        let (x, y) = place(dx, dy);
        let [half_width, half_height] = [width, height].map(|side| f64::from(side).exp() * stride / 2.0);
        let area = Area {
            left: mapping.x(x - half_width),
            top: mapping.y(y - half_height),
            right: mapping.x(x + half_width),
            bottom: mapping.y(y + half_height),
        };
        let (points, _) = self.points[cell].as_chunks::<2>();
        let landmarks: [Point; LANDMARKS] = std::array::from_fn(|number| {
            let (x, y) = place(points[number][0], points[number][1]);
            Point::new(mapping.x(x), mapping.y(y))
        });
        let numbers = [area.left, area.top, area.right, area.bottom];
        let places = landmarks.iter().flat_map(|point| [point.x, point.y]);
        numbers
            .into_iter()
            .chain(places)
            .all(|number| number.abs() < f64::from(i32::MAX))
            .then_some(Candidate { area, score, landmarks: Some(landmarks) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: Mapping = Mapping { left: 0.0, top: 0.0, across: 2.0, down: 2.0 };

    /// Two columns and one row of cells of 8 pixels, the second of which is a face.
    fn grid<'a>(shape: &'a [[f32; 4]; 2], points: &'a [[f32; 10]; 2], class: &'a [f32; 2]) -> Grid<'a> {
        Grid { stride: 8, columns: 2, class, object: &[0.0, 0.25], shape, points }
    }

    #[test]
    fn a_cell_tells_box_score_and_points_of_a_face() {
        let mut points = [[0.0; 10]; 2];
        points[1] = [0.5, 0.25, -0.5, 0.25, 0.0, 0.5, 0.25, 1.0, -0.25, 1.0];
        let shape = [[0.0; 4], [0.5, 0.5, 0.0, 0.0]];

        let found = grid(&shape, &points, &[1.0, 1.0]).faces(0.4, &MAPPING);

        // The cell begins at 8; its centre is shifted by half a cell to 12; the box has the size of the cell.
        let area = Area { left: 16.0, top: 0.0, right: 32.0, bottom: 16.0 };
        let expected = [(24.0, 4.0), (8.0, 4.0), (16.0, 8.0), (20.0, 16.0), (12.0, 16.0)];
        let landmarks = Some(expected.map(|(x, y)| Point::new(x, y)));
        assert_eq!(found, [Candidate { area, score: 0.5, landmarks }]);
    }

    #[test]
    fn what_scores_too_little_or_has_no_size_is_no_face() {
        let points = [[0.0; 10]; 2];
        let small = [[0.0; 4]; 2];
        for (class, shape) in [
            (0.5, small),
            (f32::NAN, small),
            (1.0, [[0.0, 0.0, 1000.0, 0.0]; 2]),
            (1.0, [[f32::NAN, 0.0, 0.0, 0.0]; 2]),
        ] {
            let found = grid(&shape, &points, &[0.0, class]).faces(0.4, &MAPPING);
            assert_eq!(found, [], "{class} {shape:?}");
        }
    }

    #[test]
    fn the_input_is_a_whole_number_of_the_largest_cells() {
        let points = Points::new(&[8, 16, 32]);
        let frame = points.frame(Level { width: 100, height: 64 });
        assert_eq!(frame, Frame { left: 0, top: 0, width: 128, height: 64 });
    }
}
