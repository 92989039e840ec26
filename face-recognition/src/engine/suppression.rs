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
    let mut kept: Vec<Kept> = Vec::new();
    for candidate in candidates {
        match kept.iter().position(|kept| overlap.same_face(&kept.best.area, &candidate.area)) {
            Some(same) => kept[same].mean.add(&candidate),
            None if kept.len() < MOST_FACES => kept.push(Kept::new(candidate)),
            None => {}
        }
    }
    kept.into_iter().map(Kept::face).collect()
}

/// The best box around a face, and all of them.
struct Kept {
    best: Candidate,
    mean: Mean,
}

impl Kept {
    fn new(best: Candidate) -> Self {
        let mut mean = Mean::default();
        mean.add(&best);
        Self { best, mean }
    }

    /// Windows of fixed size and place are near the face all around it: their mean is nearer than the best of them. Boxes
    /// that come with landmarks were made for the face.
    fn face(self) -> Candidate {
        match self.best.landmarks {
            None => Candidate { area: self.mean.area(), ..self.best },
            Some(_) => self.best,
        }
    }
}

/// Of boxes, each with its score as weight.
#[derive(Default)]
struct Mean {
    weight: f64,
    edges: [f64; 4],
}

impl Mean {
    fn add(&mut self, Candidate { area, score, .. }: &Candidate) {
        let weight = f64::from(score.max(f32::MIN_POSITIVE));
        self.weight += weight;
        let edges = [area.left, area.top, area.right, area.bottom];
        self.edges.iter_mut().zip(edges).for_each(|(sum, edge)| *sum += weight * edge);
    }

    fn area(&self) -> Area {
        let [left, top, right, bottom] = self.edges.map(|sum| sum / self.weight);
        Area { left, top, right, bottom }
    }
}

#[cfg(test)]
mod tests;
