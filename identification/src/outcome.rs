//! What is decided for a face.
//!
//! A face is identified below the model's first threshold, when no other person is nearly as near; unknown from the
//! second threshold on; ambiguous between. One that is seen too badly is not decided, but the people that it is near to
//! are told all the same, so that whoever looks at it sees what it would have been.

use crate::{Candidate, Neighbour, Owner, Thresholds, candidates};

/// What is said of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Surely one of the people we know.
    Identified,
    /// Nobody we know.
    Unknown,
    /// Near somebody, but not surely; or near two people alike.
    Ambiguous,
    /// Seen too badly to decide.
    LowQuality,
}

/// Whether a face is seen well enough for its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quality {
    /// It keeps every limit.
    Sufficient,
    /// It misses one: distances mean little.
    Insufficient,
}

/// What was decided for one face, with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceDecision<P> {
    /// What is said of it.
    pub outcome: Outcome,
    /// The nearest person, whatever the outcome says.
    pub best: Option<Candidate<P>>,
    /// The nearest other person.
    pub runner_up: Option<Candidate<P>>,
}

/// Decides one face. `owner_of` says whose photo it is.
pub fn decide_face<P: Copy + Ord>(
    nearest: &[Neighbour],
    owner_of: impl Fn(&str) -> Option<Owner<P>>,
    thresholds: Thresholds,
    quality: Quality,
) -> FaceDecision<P> {
    let mut candidates = candidates(nearest, owner_of).into_iter();
    let (best, runner_up) = (candidates.next(), candidates.next());
    let outcome = match quality {
        Quality::Sufficient => outcome(best.as_ref(), runner_up.as_ref(), thresholds),
        Quality::Insufficient => Outcome::LowQuality,
    };
    FaceDecision { outcome, best, runner_up }
}

/// Every comparison asks for "near enough": under a threshold that is no number nobody is named.
fn outcome<P>(
    best: Option<&Candidate<P>>,
    runner_up: Option<&Candidate<P>>,
    thresholds: Thresholds,
) -> Outcome {
    match best {
        Some(best) if best.distance < thresholds.accept => match runner_up {
            Some(second) if second.distance < best.distance + thresholds.margin => Outcome::Ambiguous,
            _ => Outcome::Identified,
        },
        Some(best) if best.distance < thresholds.unknown => Outcome::Ambiguous,
        _ => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests;
