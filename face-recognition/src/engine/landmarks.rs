//! Five landmarks in a known face box: a cascade of regression-tree ensembles (Kazemi and Sullivan, "One
//! millisecond face alignment with an ensemble of regression trees", 2014).
//!
//! It starts from the mean shape. Each stage samples grey values at places tied to the present shape, walks its
//! trees with their differences, and adds the shape steps of the leaves it arrives at. A sample that falls
//! outside the picture is black.

mod format;

pub use format::CascadeError;

use super::geometry::{Bounds, Point, Similarity};
use super::picture::Picture;

/// How many landmarks there are.
pub const POINTS: usize = 5;

/// x, y of each landmark in turn, as shares of the face box.
pub type Shape = [f32; 2 * POINTS];

/// A place to sample: near a landmark, moved by a share of the box as seen in the mean shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Feature {
    /// The landmark.
    pub anchor: u32,
    /// To the right.
    pub dx: f32,
    /// Down.
    pub dy: f32,
}

/// A question: is the first feature brighter than the second by more than the threshold?
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Split {
    /// A feature of the stage.
    pub first: u32,
    /// A feature of the stage.
    pub second: u32,
    /// In grey values, 0 to 255.
    pub threshold: f32,
}

/// A complete binary tree: split `i` leads to `2i + 1` when the answer is yes, to `2i + 2` when it is no.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Level by level.
    pub splits: Vec<Split>,
    /// What is added to the shape; one more than there are splits.
    pub leaves: Vec<Shape>,
}

/// One step of the cascade.
#[derive(Debug, Clone, PartialEq)]
pub struct Stage {
    /// Where to sample.
    pub features: Vec<Feature>,
    /// Their leaves are added up.
    pub trees: Vec<Tree>,
}

/// A landmark predictor whose stages are not empty and whose indices are in range.
#[derive(Debug, Clone, PartialEq)]
pub struct Cascade {
    mean: Shape,
    stages: Vec<Stage>,
}

impl Cascade {
    /// Checks that stages have the same sizes (not 0), trees are complete, indices exist and numbers are finite.
    ///
    /// # Errors
    /// What does not hold.
    pub fn new(mean: Shape, stages: Vec<Stage>) -> Result<Self, CascadeError> {
        let sizes = |stage: &Stage| (stage.features.len(), stage.trees.len());
        if stages.is_empty() || stages[0].features.is_empty() || stages[0].trees.is_empty() {
            return Err(CascadeError::Empty);
        }
        if stages.iter().any(|stage| sizes(stage) != sizes(&stages[0])) {
            return Err(CascadeError::Uneven);
        }
        if !mean.iter().chain(stages.iter().flat_map(Stage::numbers)).all(|number| number.is_finite()) {
            return Err(CascadeError::NotFinite);
        }
        let splits = stages[0].trees[0].splits.len();
        for stage in &stages {
            let complete = |tree: &Tree| tree.splits.len() == splits && tree.leaves.len() == splits + 1;
            if !(splits + 1).is_power_of_two() || !stage.trees.iter().all(complete) {
                return Err(CascadeError::Uneven);
            }
            let sampled = |feature: u32| (feature as usize) < stage.features.len();
            let mut asked = stage.trees.iter().flat_map(|tree| &tree.splits);
            if !stage.features.iter().all(|feature| (feature.anchor as usize) < POINTS)
                || !asked.all(|split| sampled(split.first) && sampled(split.second))
            {
                return Err(CascadeError::Index);
            }
        }
        Ok(Self { mean, stages })
    }

    /// The landmarks of the face in `bounds`, in picture pixels.
    #[must_use]
    pub fn locate(&self, picture: &Picture, bounds: Bounds) -> [Point; POINTS] {
        // The box is measured from the centre of its first to that of its last pixel.
        let corner = Point::new(f64::from(bounds.left), f64::from(bounds.top));
        let size = Point::new(f64::from(bounds.width - 1), f64::from(bounds.height - 1));
        let place = |share: Point| Point::new(share.x * size.x + corner.x, share.y * size.y + corner.y);

        let mean = points(&self.mean);
        let mut shape = self.mean;
        let mut greys = Vec::new();
        for stage in &self.stages {
            let present = points(&shape);
            let turn = Similarity { shift: Point::default(), ..Similarity::fit(&mean, &present) };
            greys.clear();
            greys.extend(stage.features.iter().map(|feature| {
                let moved = turn.apply(Point::new(f64::from(feature.dx), f64::from(feature.dy)));
                let anchor = present[feature.anchor as usize];
                grey(picture, place(Point::new(moved.x + anchor.x, moved.y + anchor.y)))
            }));
            for tree in &stage.trees {
                let step = tree.leaf(&greys);
                shape.iter_mut().zip(step).for_each(|(value, step)| *value += step);
            }
        }
        points(&shape).map(place)
    }
}

impl Stage {
    /// All its numbers that are not indices.
    fn numbers(&self) -> impl Iterator<Item = &f32> {
        let places = self.features.iter().flat_map(|feature| [&feature.dx, &feature.dy]);
        let trees = self.trees.iter().flat_map(|tree| {
            let thresholds = tree.splits.iter().map(|split| &split.threshold);
            thresholds.chain(tree.leaves.iter().flatten())
        });
        places.chain(trees)
    }
}

impl Tree {
    fn leaf(&self, greys: &[f32]) -> &Shape {
        let mut node = 0;
        while let Some(split) = self.splits.get(node) {
            let difference = greys[split.first as usize] - greys[split.second as usize];
            node = 2 * node + if difference > split.threshold { 1 } else { 2 };
        }
        &self.leaves[node - self.splits.len()]
    }
}

fn points(shape: &Shape) -> [Point; POINTS] {
    std::array::from_fn(|i| Point::new(f64::from(shape[2 * i]), f64::from(shape[2 * i + 1])))
}

/// Grey value (mean of the channels, rounded down, as the cascade was trained) of the nearest pixel.
fn grey(picture: &Picture, point: Point) -> f32 {
    #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates; that is outside, too")]
    let (column, row) = ((point.x + 0.5).floor() as i64, (point.y + 0.5).floor() as i64);
    picture.pixel(column, row).map_or(0.0, |pixel| {
        let sum: u16 = pixel.iter().map(|value| u16::from(*value)).sum();
        f32::from(sum / 3)
    })
}

#[cfg(test)]
mod tests;
