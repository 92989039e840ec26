//! Who is in the picture. Pure: distances to known photos and the people on them go in, outcomes come out.
//!
//! A person is as near as the nearest of their photos. A face is identified below the model's first threshold, when
//! no other person is nearly as near; unknown from the second threshold on; ambiguous between.

use std::collections::HashMap;

use migrations::{FaceOutcome, UnresolvedReason};

/// The id of a row of `person`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PersonId(pub(crate) u64);

/// What distances mean under one model. All are distances between embeddings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Thresholds {
    /// Nearer than this: the same person.
    pub(crate) accept: f32,
    /// From here on: nobody we know.
    pub(crate) unknown: f32,
    /// A second person nearer than best + margin makes the face ambiguous.
    pub(crate) margin: f32,
}

/// A known photo and how far the face is from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Neighbour {
    pub(crate) photo: String,
    pub(crate) distance: f32,
}

/// A person and how far the face is from the nearest of their photos.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) person: PersonId,
    pub(crate) photo: String,
    pub(crate) distance: f32,
}

/// What was decided for one face, with what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FaceDecision {
    pub(crate) outcome: FaceOutcome,
    pub(crate) best: Option<Candidate>,
    pub(crate) runner_up: Option<Candidate>,
}

/// What was decided for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageDecision {
    /// At least one face was identified; this is the best of them.
    Processed(PersonId),
    /// Nobody was named.
    Unresolved(UnresolvedReason),
}

/// Decides one face. `owners` says whose photo it is; a photo of nobody is passed over.
pub(crate) fn decide_face(
    nearest: &[Neighbour],
    owners: &HashMap<String, PersonId>,
    thresholds: Thresholds,
) -> FaceDecision {
    let mut candidates = candidates(nearest, owners).into_iter();
    let (best, runner_up) = (candidates.next(), candidates.next());
    // Every comparison asks for "near enough": a distance that is no number is near to nobody.
    let outcome = match &best {
        Some(best) if best.distance < thresholds.accept => match &runner_up {
            Some(second) if second.distance < best.distance + thresholds.margin => FaceOutcome::Ambiguous,
            _ => FaceOutcome::Identified,
        },
        Some(best) if best.distance < thresholds.unknown => FaceOutcome::Ambiguous,
        _ => FaceOutcome::Unknown,
    };
    FaceDecision { outcome, best, runner_up }
}

/// One candidate a person, nearest first.
fn candidates(nearest: &[Neighbour], owners: &HashMap<String, PersonId>) -> Vec<Candidate> {
    let mut sorted: Vec<&Neighbour> = nearest.iter().collect();
    sorted.sort_by(|a, b| a.distance.total_cmp(&b.distance));
    let mut candidates: Vec<Candidate> = Vec::new();
    for Neighbour { photo, distance } in sorted {
        let Some(&person) = owners.get(photo) else { continue };
        if candidates.iter().all(|candidate| candidate.person != person) {
            candidates.push(Candidate { person, photo: photo.clone(), distance: *distance });
        }
    }
    candidates
}

/// Decides an image from its faces, each given with its area in pixels: the nearest identified face names it, the
/// larger one on a tie; without any, the reason that is most worth a look.
pub(crate) fn decide_image<'a>(
    faces: impl Iterator<Item = (u64, &'a FaceDecision)> + Clone,
) -> ImageDecision {
    let best = faces
        .clone()
        .filter(|(_, face)| face.outcome == FaceOutcome::Identified)
        .filter_map(|(area, face)| face.best.as_ref().map(|best| (area, best)))
        .min_by(|(area_a, a), (area_b, b)| a.distance.total_cmp(&b.distance).then(area_b.cmp(area_a)));
    match best {
        Some((_, candidate)) => ImageDecision::Processed(candidate.person),
        None => ImageDecision::Unresolved(strongest_reason(faces.map(|(_, face)| face.outcome))),
    }
}

fn strongest_reason(outcomes: impl Iterator<Item = FaceOutcome>) -> UnresolvedReason {
    outcomes
        .map(|outcome| match outcome {
            FaceOutcome::Ambiguous => UnresolvedReason::Ambiguous,
            FaceOutcome::Unknown => UnresolvedReason::UnknownFace,
            FaceOutcome::LowQuality => UnresolvedReason::LowQuality,
            FaceOutcome::Identified => unreachable!("an image with an identified face is processed"),
        })
        .max_by_key(|reason| match reason {
            UnresolvedReason::NoFace => 0,
            UnresolvedReason::LowQuality => 1,
            UnresolvedReason::UnknownFace => 2,
            UnresolvedReason::Ambiguous => 3,
        })
        .unwrap_or(UnresolvedReason::NoFace)
}

#[cfg(test)]
mod tests;
