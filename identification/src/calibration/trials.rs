//! Searches whose right answer is known, and what they found.

use super::{
    gallery::{Gallery, LeftOut},
    share::Share,
};

/// A photo that is searched for, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// One of the known photos.
    Known(usize),
    /// One of a person of whom there is no known photo.
    Stranger(usize),
}

/// Whether anybody else is about as near.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody is within the margin.
    Alone,
    /// Somebody is: the probe is ambiguous under every threshold.
    Contested,
}

/// The person who is nearest to a probe.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Nearest<P> {
    /// Who.
    pub person: P,
    /// How far, by all of their photos.
    pub distance: f32,
    /// Whether somebody else is about as near.
    pub standing: Standing,
}

/// One search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial<P> {
    /// What was searched for.
    pub probe: Probe,
    /// Whom the probe shows, if photos of them were searched (mated); `None` when they were not (non-mated).
    pub shows: Option<P>,
    /// What was found; `None` when there was nothing to find.
    pub nearest: Option<Nearest<P>>,
}

impl<P: Copy + PartialEq> Trial<P> {
    /// Whom the probe is taken for under this threshold.
    pub fn named(&self, accept: f32) -> Option<P> {
        self.nearest
            .filter(|nearest| nearest.standing == Standing::Alone && nearest.distance < accept)
            .map(|nearest| nearest.person)
    }
}

/// What happens under one threshold. Each share rises, or falls, with the threshold and never turns, because whether
/// somebody else is within the margin does not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Of the non-mated probes, those that are named (false-positive identification rate, FPIR).
    pub falsely_named: Share,
    /// Of the mated probes, those that are not named by the right name (false-negative identification rate, FNIR).
    pub missed: Share,
    /// Of the mated probes, those that are named by another name; they are missed, too.
    pub misnamed: Share,
}

/// All searches under one margin.
#[derive(Debug, Clone, PartialEq)]
pub struct Trials<P> {
    /// In the order of the known photos, then of the strangers' photos.
    pub trials: Vec<Trial<P>>,
    /// How far a second person must be from the nearest one.
    pub margin: f32,
}

impl<P: Copy + Ord> Trials<P> {
    /// Searches for every photo. `owners` says whom each known photo shows, and `distance` how far a probe is from a known
    /// photo.
    ///
    /// A known photo is searched for twice: among all others, if there is another one of the same person, and among those
    /// of other people, where it is a stranger's. Photos of strangers are searched for among all.
    ///
    /// Distances are asked for one probe at a time, so that memory grows with the photos and not with their square. A
    /// recogniser tells only the nearest photos of all these, so that its distances to people are the same or a little
    /// larger (see [`score`](crate::score())).
    pub fn run(owners: &[P], strangers: usize, margin: f32, distance: impl Fn(Probe, usize) -> f32) -> Self {
        let mut gallery = Gallery::new(owners);
        let mut trials = Vec::with_capacity(2 * owners.len() + strangers);
        for (number, owner) in owners.iter().enumerate() {
            let probe = Probe::Known(number);
            gallery.measure(|photo| distance(probe, photo));
            let mut search = |shows, left_out| {
                trials.push(Trial { probe, shows, nearest: gallery.search(left_out, margin) });
            };
            if gallery.has_others(number) {
                search(Some(*owner), LeftOut::Photo(number));
            }
            search(None, LeftOut::Person(*owner));
        }
        for probe in (0..strangers).map(Probe::Stranger) {
            gallery.measure(|photo| distance(probe, photo));
            let nearest = gallery.search(LeftOut::Nothing, margin);
            trials.push(Trial { probe, shows: None, nearest });
        }
        Self { trials, margin }
    }
}

impl<P: Copy + PartialEq> Trials<P> {
    /// What happens under this threshold.
    #[must_use]
    pub fn rates(&self, accept: f32) -> Rates {
        let is_misnamed = |trial: &Trial<P>| {
            let named = trial.named(accept);
            named.is_some() && named != trial.shows
        };
        Rates {
            falsely_named: self.non_mated().map(|trial| trial.named(accept).is_some()).collect(),
            missed: self.mated().map(|trial| trial.named(accept) != trial.shows).collect(),
            misnamed: self.mated().map(is_misnamed).collect(),
        }
    }

    /// Searches whose answer was among the photos.
    pub fn mated(&self) -> impl Iterator<Item = &Trial<P>> {
        self.trials.iter().filter(|trial| trial.shows.is_some())
    }

    /// Searches whose answer was not.
    pub fn non_mated(&self) -> impl Iterator<Item = &Trial<P>> {
        self.trials.iter().filter(|trial| trial.shows.is_none())
    }

    /// The nearest and the farthest that any search found.
    #[must_use]
    pub fn extent(&self) -> Option<(f32, f32)> {
        let found = self.trials.iter().filter_map(|trial| Some(trial.nearest?.distance));
        found.fold(None, |extent, distance| {
            let (nearest, farthest) = extent.unwrap_or((distance, distance));
            Some((distance.min(nearest), distance.max(farthest)))
        })
    }
}

#[cfg(test)]
mod tests;
