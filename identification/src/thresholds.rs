//! What distances mean under one model.

use serde::{Deserialize, Serialize};

/// All are distances between embeddings of that model. So written in model packs and calibrations, where an unknown key is
/// refused: a setting that is not understood must not be passed over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Nearer than this: the same person.
    pub accept: f32,
    /// From here on: nobody we know. Between the two: not sure.
    pub unknown: f32,
    /// A second person nearer than best + margin makes the face ambiguous.
    pub margin: f32,
}

impl Thresholds {
    /// Whether anything can be decided by them.
    #[must_use]
    pub fn are_possible(&self) -> bool {
        let Self { accept, unknown, margin } = *self;
        0.0 < accept && accept <= unknown && unknown.is_finite() && (0.0..f32::INFINITY).contains(&margin)
    }
}
