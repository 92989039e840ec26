//! The exact nearest neighbours of a face among very many. Pure.
//!
//! Every known embedding is compared with the probe twice at most: first all of them in int8, which bounds each distance
//! from below and above, then those that can still be among the nearest in f32. Nothing is left out by chance, and there is
//! no index that could go stale.
//!
//! | module | what |
//! |---|---|
//! | `quantised` | an embedding in int8, and how far it is from the real one |
//! | `kernel` | the dot products of all rows with one: where the time goes |

mod kernel;
mod quantised;

use std::collections::BinaryHeap;

use self::quantised::{Quantised, padded};
use crate::engine::Embedding;

/// No number of an embedding is as large. Squares of such numbers, and sums of them, are finite.
const LARGEST: f32 = 1e9;
/// Rows that are bounded at a time: their products stay in the first-level cache.
const BLOCK: usize = 2048;

/// Embeddings of one model, each by the number of its row, in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Numbers of an embedding; that of the first one.
    dimension: usize,
    /// Row after row, filled up to whole vectors of the processor.
    coarse: Vec<i8>,
    bounds: Vec<RowBounds>,
    /// Row after row.
    exact: Vec<f32>,
}

/// What the int8 row does not tell of its embedding.
#[derive(Debug, Clone, Copy)]
struct RowBounds {
    /// What its integers are multiplied with.
    scale: f32,
    /// Length of the embedding.
    length: f32,
    /// Length of what is lost.
    error: f32,
}

/// How many neighbours are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    /// At least, where there are as many.
    pub(crate) at_least: usize,
    /// And all that are less than this farther away than the nearest ...
    pub(crate) margin: f32,
    /// ... but no more than this.
    pub(crate) at_most: usize,
}

/// A row and its distance from the probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Hit {
    pub(crate) row: usize,
    pub(crate) distance: f32,
}

/// The square of a distance that can be ordered.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Square(f32);

impl Eq for Square {}

impl Ord for Square {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Square {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Index {
    /// Adds a row. One of another dimension than the first, or with a number that no embedding has, comes from another
    /// model: it is never near, and only holds its place.
    pub(crate) fn push(&mut self, embedding: &Embedding) {
        let values = embedding.as_slice();
        if self.bounds.is_empty() {
            self.dimension = values.len();
        }
        if self.is_comparable(values) {
            let quantised = Quantised::new(values);
            self.coarse.extend_from_slice(&quantised.values);
            self.bounds.push(quantised.bounds);
            self.exact.extend_from_slice(values);
        } else {
            self.coarse.resize(self.coarse.len() + padded(self.dimension), 0);
            self.bounds.push(RowBounds { scale: 0.0, length: f32::INFINITY, error: 0.0 });
            self.exact.resize(self.exact.len() + self.dimension, f32::INFINITY);
        }
    }

    fn is_comparable(&self, values: &[f32]) -> bool {
        // A number that is none is not below anything.
        values.len() == self.dimension && values.iter().all(|value| value.abs() < LARGEST)
    }

    /// The numbers of a row, as they came. Those of a row that only holds its place are infinite.
    pub(crate) fn embedding(&self, row: usize) -> &[f32] {
        &self.exact[row * self.dimension..(row + 1) * self.dimension]
    }

    /// The nearest rows, nearest first; of those at the same distance the earlier row first.
    pub(crate) fn nearest(&self, probe: &Embedding, wanted: Wanted) -> Vec<Hit> {
        let values = probe.as_slice();
        if !self.is_comparable(values) {
            return Vec::new();
        }
        let mut hits: Vec<Hit> = self
            .candidates(values, wanted)
            .into_iter()
            .map(|row| Hit { row, distance: self.distance(values, row) })
            .filter(|hit| hit.distance.is_finite())
            .collect();
        hits.sort_by(|a, b| a.distance.total_cmp(&b.distance).then(a.row.cmp(&b.row)));
        let limit = hits.first().map_or(0.0, |nearest| nearest.distance + wanted.margin);
        let within_margin = hits.partition_point(|hit| hit.distance < limit);
        hits.truncate(within_margin.clamp(wanted.at_least, wanted.at_most));
        hits
    }

    /// Every row that can be among those that are wanted, in the order of the rows.
    fn candidates(&self, probe: &[f32], wanted: Wanted) -> Vec<usize> {
        let quantised = Quantised::new(probe);
        let width = padded(self.dimension);
        let mut reach = Reach::new(wanted);
        let mut candidates = Vec::new();
        let mut products = [0; BLOCK];
        for (block, bounds) in self.bounds.chunks(BLOCK).enumerate() {
            let first = block * BLOCK;
            let rows = &self.coarse[first * width..(first + bounds.len()) * width];
            let products = &mut products[..bounds.len()];
            kernel::dot_products(rows, &quantised.values, products);
            for (row, (bounds, product)) in (first..).zip(bounds.iter().zip(products.iter())) {
                let (nearest, farthest) = quantised.square_of_distance(bounds, *product);
                if nearest <= reach.square() {
                    candidates.push((row, nearest));
                    reach.sees(farthest);
                }
            }
        }
        let square = reach.square();
        candidates.into_iter().filter(|(_, nearest)| *nearest <= square).map(|(row, _)| row).collect()
    }

    fn distance(&self, probe: &[f32], row: usize) -> f32 {
        probe.iter().zip(self.embedding(row)).map(|(a, b)| (a - b) * (a - b)).sum::<f32>().sqrt()
    }
}

/// How far away a row may be and still be wanted, as far as the rows before tell.
struct Reach {
    wanted: Wanted,
    /// The farthest that each of the `at_least` nearest rows so far can be; the largest on top.
    upper: BinaryHeap<Square>,
    /// The farthest that the nearest row so far can be.
    nearest: f32,
}

impl Reach {
    fn new(wanted: Wanted) -> Self {
        Self { wanted, upper: BinaryHeap::with_capacity(wanted.at_least + 1), nearest: f32::INFINITY }
    }

    fn sees(&mut self, farthest: f32) {
        self.nearest = self.nearest.min(farthest);
        if self.upper.len() < self.wanted.at_least {
            self.upper.push(Square(farthest));
        } else if self.upper.peek().is_some_and(|top| Square(farthest) < *top) {
            self.upper.pop();
            self.upper.push(Square(farthest));
        }
    }

    fn square(&self) -> f32 {
        if self.upper.len() < self.wanted.at_least {
            return f32::INFINITY;
        }
        let least = self.upper.peek().map_or(0.0, |top| top.0);
        let with_margin = self.nearest.max(0.0).sqrt() + self.wanted.margin;
        least.max(with_margin * with_margin)
    }
}

#[cfg(test)]
mod tests;
