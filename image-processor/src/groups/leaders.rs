//! Which group a face belongs to: that of the nearest leader, where one is near enough, else one of its own, which it
//! leads (leader clustering; Hartigan, "Clustering Algorithms", 1975). A pure function of the order of the faces.

use std::collections::VecDeque;

use crate::store::{Embedding, Likeness, Ungrouped};

/// Numbers that are compared before it is asked whether a face is too far away already.
const STEP: usize = 32;

/// The first faces of groups, the oldest group first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Leaders {
    most: usize,
    leaders: VecDeque<Leader>,
}

#[derive(Debug, Clone, PartialEq)]
struct Leader {
    group: u64,
    model_id: String,
    embedding: Embedding,
}

impl Leaders {
    /// None yet, and never more than so many: then the oldest go.
    pub(super) fn new(most: usize) -> Self {
        Self { most, leaders: VecDeque::new() }
    }

    /// Adds a group that is older than all others; `false` when there is no place for it.
    pub(super) fn add_older(&mut self, group: u64, face: Likeness) -> bool {
        let place = self.leaders.len() < self.most;
        if place {
            self.leaders.push_front(Leader { group, model_id: face.model_id, embedding: face.embedding });
        }
        place
    }

    /// The group of a face.
    pub(super) fn group_of(&mut self, face: Ungrouped) -> u64 {
        let Ungrouped { face: Likeness { id, model_id, embedding }, accept_below } = face;
        // Without a threshold only what is the same is alike.
        let accept_below = accept_below.unwrap_or(0.0);
        if let Some(group) = self.nearest(&model_id, &embedding, accept_below) {
            return group;
        }
        if self.leaders.len() >= self.most {
            self.leaders.pop_front();
        }
        self.leaders.push_back(Leader { group: id, model_id, embedding });
        id
    }

    /// Of equally near ones the older group.
    fn nearest(&self, model_id: &str, embedding: &Embedding, accept_below: f32) -> Option<u64> {
        let mut limit = accept_below * accept_below;
        let mut nearest = None;
        for leader in self.leaders.iter().filter(|leader| leader.model_id == model_id) {
            let Some(distance) = squared_distance(&leader.embedding, embedding, limit) else { continue };
            if distance < limit || distance <= 0.0 && nearest.is_none() {
                (limit, nearest) = (distance, Some(leader.group));
            }
        }
        nearest
    }
}

/// None where it is beyond the limit, or where nothing can be compared.
fn squared_distance(a: &Embedding, b: &Embedding, limit: f32) -> Option<f32> {
    if a.0.len() != b.0.len() || a.0.is_empty() {
        return None;
    }
    let mut sum = 0.0;
    for (a, b) in a.0.chunks(STEP).zip(b.0.chunks(STEP)) {
        sum += a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f32>();
        if sum > limit {
            return None;
        }
    }
    Some(sum)
}

#[cfg(test)]
mod tests;
