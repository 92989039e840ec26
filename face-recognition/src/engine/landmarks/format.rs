//! The landmark file of a pack. All numbers are little-endian; `u32` and `f32`.
//!
//! ```text
//! "RCLM"  version = 1  stages  features per stage  trees per stage  splits per tree
//! mean shape: 10 floats
//! for each stage:
//!     for each feature:  anchor (u32)  dx  dy
//!     for each tree:     for each split: first (u32)  second (u32)  threshold
//!                        for each leaf (splits + 1): 10 floats
//! ```
//! The header determines the length of the file, so a file cut short is refused before anything is built.

use super::{Cascade, Feature, Shape, Split, Stage, Tree};

const MAGIC: [u8; 4] = *b"RCLM";
const VERSION: u32 = 1;

/// Why bytes are not a landmark cascade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CascadeError {
    /// The first bytes are not those of a landmark file of a known version.
    #[error("it is not a landmark file of version 1")]
    Unknown,
    /// The length is not what the header says.
    #[error("it is cut short or too long")]
    Length,
    /// There are no stages, or stages without features or trees.
    #[error("it has no stages, features or trees")]
    Empty,
    /// Stages or trees differ in size, or a tree is not complete.
    #[error("its stages or trees are uneven")]
    Uneven,
    /// A feature or landmark is referred to that does not exist.
    #[error("it refers to something that does not exist")]
    Index,
    /// A number is infinite or not a number.
    #[error("it holds a number that is not finite")]
    NotFinite,
}

impl Cascade {
    /// Writes the landmark file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let splits = self.stages[0].trees[0].splits.len();
        let mut bytes = MAGIC.to_vec();
        let mut word = |word: [u8; 4]| bytes.extend_from_slice(&word);
        let length = |length: usize| u32::try_from(length).expect("a cascade is far smaller").to_le_bytes();

        word(VERSION.to_le_bytes());
        let sizes = [self.stages.len(), self.stages[0].features.len(), self.stages[0].trees.len(), splits];
        sizes.into_iter().map(length).for_each(&mut word);
        self.mean.iter().for_each(|value| word(value.to_le_bytes()));
        for stage in &self.stages {
            for Feature { anchor, dx, dy } in &stage.features {
                [anchor.to_le_bytes(), dx.to_le_bytes(), dy.to_le_bytes()].into_iter().for_each(&mut word);
            }
            for tree in &stage.trees {
                for Split { first, second, threshold } in &tree.splits {
                    let split = [first.to_le_bytes(), second.to_le_bytes(), threshold.to_le_bytes()];
                    split.into_iter().for_each(&mut word);
                }
                tree.leaves.iter().flatten().for_each(|value| word(value.to_le_bytes()));
            }
        }
        bytes
    }

    /// Reads a landmark file.
    ///
    /// # Errors
    /// It is not one, is damaged, or contradicts itself.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CascadeError> {
        let words = bytes.strip_prefix(&MAGIC).ok_or(CascadeError::Unknown)?;
        let (words, []) = words.as_chunks::<4>() else {
            return Err(CascadeError::Length);
        };
        let mut words = Words(words.iter());
        if words.0.len() < 5 {
            return Err(CascadeError::Length);
        }
        if words.index() != VERSION {
            return Err(CascadeError::Unknown);
        }
        let [stages, features, trees, splits] = std::array::from_fn(|_| words.index() as usize);
        // With these, a stage has a length of its own, and the file bounds how many there are.
        if features == 0 || trees == 0 {
            return Err(CascadeError::Empty);
        }
        if expected_words(stages, features, trees, splits) != Some(words.0.len()) {
            return Err(CascadeError::Length);
        }

        let mean = words.shape();
        let stages = (0..stages).map(|_| Stage {
            features: (0..features).map(|_| words.feature()).collect(),
            trees: (0..trees)
                .map(|_| Tree {
                    splits: (0..splits).map(|_| words.split()).collect(),
                    leaves: (0..=splits).map(|_| words.shape()).collect(),
                })
                .collect(),
        });
        Self::new(mean, stages.collect())
    }
}

/// Words after the header; `None` where it would not even be countable.
fn expected_words(stages: usize, features: usize, trees: usize, splits: usize) -> Option<usize> {
    let shape = Shape::default().len();
    let tree = splits.checked_mul(3)?.checked_add(splits.checked_add(1)?.checked_mul(shape)?)?;
    let stage = features.checked_mul(3)?.checked_add(trees.checked_mul(tree)?)?;
    stages.checked_mul(stage)?.checked_add(shape)
}

/// The words of a file that is known to be long enough.
struct Words<'a>(std::slice::Iter<'a, [u8; 4]>);

impl Words<'_> {
    fn next(&mut self) -> [u8; 4] {
        *self.0.next().expect("the length was checked")
    }

    fn index(&mut self) -> u32 {
        u32::from_le_bytes(self.next())
    }

    fn float(&mut self) -> f32 {
        f32::from_le_bytes(self.next())
    }

    fn shape(&mut self) -> Shape {
        std::array::from_fn(|_| self.float())
    }

    fn feature(&mut self) -> Feature {
        Feature { anchor: self.index(), dx: self.float(), dy: self.float() }
    }

    fn split(&mut self) -> Split {
        Split { first: self.index(), second: self.index(), threshold: self.float() }
    }
}
