//! Non-maximum suppression: many boxes around one face become the best one.

use std::cmp::Ordering;

use super::geometry::{Area, Point};

/// A box that may be a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Candidate {
    pub(super) area: Area,
    pub(super) score: f32,
    /// Where the detector tells them.
    pub(super) landmarks: Option<[Point; 5]>,
}

/// When two boxes are of one face.
#[derive(Debug, Clone, Copy)]
pub(super) struct Overlap {
    /// Intersection over union above this.
    pub(super) iou: f64,
    /// Or intersection over the smaller one above this.
    pub(super) cover: f64,
}

impl Overlap {
    fn same_face(self, one: &Area, other: &Area) -> bool {
        let shared = one.shared(other);
        let (one, other) = (one.size(), other.size());
        shared > self.iou * (one + other - shared) || shared > self.cover * one.min(other)
    }
}

/// How many faces a picture has at most. Each costs time for its landmarks and embedding, and a picture made for
/// it, or a poor network, could have tens of thousands.
pub(super) const MOST_FACES: usize = 256;

/// Keeps the best of boxes that overlap, [`MOST_FACES`] at most; the result is sorted by score, descending (then by
/// place, so that it is the same every time).
pub(super) fn suppress(mut candidates: Vec<Candidate>, overlap: Overlap) -> Vec<Candidate> {
    candidates.sort_by(|a, b| {
        let place = |Area { left, top, right, .. }: Area| [top, left, right];
        let places = place(a.area).into_iter().zip(place(b.area));
        b.score.total_cmp(&a.score).then_with(|| {
            places.map(|(a, b)| a.total_cmp(&b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        })
    });
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if kept.len() == MOST_FACES {
            break;
        }
        if !kept.iter().any(|better| overlap.same_face(&better.area, &candidate.area)) {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
