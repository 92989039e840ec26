//! What distances mean under one model.

/// All are distances between embeddings of that model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// Nearer than this: the same person.
    pub accept: f32,
    /// From here on: nobody we know.
    pub unknown: f32,
    /// A second person nearer than best + margin makes the face ambiguous.
    pub margin: f32,
}
