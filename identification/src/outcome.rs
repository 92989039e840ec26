//! What is decided for a face.
//!
//! A face is identified below the model's first threshold, when no other person is nearly as near; unknown from the
//! second threshold on; ambiguous between. One that is seen too badly is not decided, but the people that it is near to
//! are told all the same, so that whoever looks at it sees what it would have been.
//!
//! What people said of the face comes before all of that: whom they named it is, however far away and however badly seen;
//! whom they ruled out it is not, not even nearly.

use crate::{Candidate, Said, Thresholds};

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
    /// Whom a person named. The outcome is [`Outcome::Identified`] then; it is the engine's word without.
    pub named: Option<P>,
    /// The nearest person, whatever the outcome says; where a person named somebody it is that one, if any distance to
    /// them is known.
    pub best: Option<Candidate<P>>,
    /// The nearest other person.
    pub runner_up: Option<Candidate<P>>,
}

impl<P: Copy> FaceDecision<P> {
    /// Who it is or may be, whatever the outcome says.
    pub fn person(&self) -> Option<P> {
        self.named.or_else(|| self.best.as_ref().map(|best| best.person))
    }

    /// Who it surely is.
    pub fn identified(&self) -> Option<P> {
        self.person().filter(|_| self.outcome == Outcome::Identified)
    }
}

/// Decides one face by the people that it may be, the nearest first ([`candidates`](crate::candidates)), and by what people
/// said of it.
pub fn decide_face<P: Copy + Ord>(
    candidates: &[Candidate<P>],
    said: &Said<P>,
    thresholds: Thresholds,
    quality: Quality,
) -> FaceDecision<P> {
    if let Some(person) = said.is {
        let other = |candidate: &&Candidate<P>| candidate.person != person && said.admits(&candidate.person);
        return FaceDecision {
            outcome: Outcome::Identified,
            named: Some(person),
            best: candidates.iter().find(|candidate| candidate.person == person).cloned(),
            runner_up: candidates.iter().find(other).cloned(),
        };
    }
    let mut admitted = candidates.iter().filter(|candidate| said.admits(&candidate.person));
    let (best, runner_up) = (admitted.next().cloned(), admitted.next().cloned());
    let outcome = match quality {
        Quality::Sufficient => outcome(best.as_ref(), runner_up.as_ref(), thresholds),
        Quality::Insufficient => Outcome::LowQuality,
    };
    FaceDecision { outcome, named: None, best, runner_up }
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
