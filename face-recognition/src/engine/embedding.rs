//! Embeddings: what faces are compared by.

/// A point in the model's space; faces of one person lie close together.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Box<[f32]>);

impl Embedding {
    /// Takes the numbers that the model with this dimension gave.
    #[must_use]
    pub fn new(values: impl Into<Box<[f32]>>) -> Self {
        Self(values.into())
    }

    /// The numbers.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// Euclidean distance. Embeddings of different dimensions come from different models and are infinitely far
    /// apart.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f32 {
        if self.0.len() != other.0.len() {
            return f32::INFINITY;
        }
        self.0.iter().zip(&other.0).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_is_the_length_of_the_difference() {
        let (origin, point) = (Embedding::new([0.0, 0.0]), Embedding::new([3.0, 4.0]));
        assert!((origin.distance(&point) - 5.0).abs() < f32::EPSILON);
    }

    #[test]
    fn embeddings_of_different_models_are_never_near() {
        let (short, long) = (Embedding::new([0.0]), Embedding::new([0.0, 0.0]));
        assert!(short.distance(&long).is_infinite());
    }
}
