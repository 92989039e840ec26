//! The known photos, without those that a search must not find.

use std::collections::BTreeMap;

use super::trials::{Nearest, Standing};
use crate::{Neighbour, Outcome, Owner, Quality, Said, Thresholds, candidates, decide_face};

/// What a search must not find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LeftOut<P> {
    /// Nothing: the probe is not in the gallery.
    Nothing,
    /// The photo with this number: the probe itself.
    Photo(usize),
    /// All photos of a person, who is a stranger then.
    Person(P),
}

/// Known photos by number, and how far one probe is from each. One for all searches: its size is that of the gallery.
pub(super) struct Gallery<'a, P> {
    owners: &'a [P],
    /// How many photos there are of the person on each photo.
    counts: Vec<u32>,
    neighbours: Vec<Neighbour>,
}

impl<'a, P: Copy + Ord> Gallery<'a, P> {
    /// Of photos with these people on them.
    pub(super) fn new(owners: &'a [P]) -> Self {
        let mut photos: BTreeMap<P, u32> = BTreeMap::new();
        for owner in owners {
            *photos.entry(*owner).or_default() += 1;
        }
        let neighbour = |number: usize| Neighbour { photo: number.to_string(), distance: f32::INFINITY };
        Self {
            owners,
            counts: owners.iter().map(|owner| photos[owner]).collect(),
            neighbours: (0..owners.len()).map(neighbour).collect(),
        }
    }

    /// Whether the person on a photo has others, too.
    pub(super) fn has_others(&self, photo: usize) -> bool {
        self.counts[photo] > 1
    }

    /// Takes the distances of the next probe.
    pub(super) fn measure(&mut self, distance: impl Fn(usize) -> f32) {
        for (number, neighbour) in self.neighbours.iter_mut().enumerate() {
            neighbour.distance = distance(number);
        }
    }

    /// Who is nearest to the probe whose distances were taken last, and whether another one is within `margin`.
    pub(super) fn search(&self, left_out: LeftOut<P>, margin: f32) -> Option<Nearest<P>> {
        // Whoever is nearest is near enough: what is left to decide is whether they are so alone.
        let thresholds = Thresholds { accept: f32::INFINITY, unknown: f32::INFINITY, margin };
        let near = candidates(&self.neighbours, |photo| self.owner(photo, left_out));
        let decision = decide_face(&near, &Said::nothing(), thresholds, Quality::Sufficient);
        let standing = match decision.outcome {
            Outcome::Identified => Standing::Alone,
            Outcome::Ambiguous | Outcome::Unknown | Outcome::LowQuality => Standing::Contested,
        };
        let best = decision.best?;
        Some(Nearest { person: best.person, distance: best.distance, standing })
    }

    fn owner(&self, photo: &str, left_out: LeftOut<P>) -> Option<Owner<P>> {
        let number: usize = photo.parse().ok()?;
        let (person, photos) = (self.owners[number], self.counts[number]);
        match left_out {
            LeftOut::Photo(left_out) if left_out == number => None,
            LeftOut::Photo(left_out) if self.owners[left_out] == person => {
                Some(Owner { person, photos: photos - 1 })
            }
            LeftOut::Person(left_out) if left_out == person => None,
            LeftOut::Nothing | LeftOut::Photo(_) | LeftOut::Person(_) => Some(Owner { person, photos }),
        }
    }
}
