//! What is decided for an image, from what was decided for its faces.

use std::cmp::Ordering;

use crate::{FaceDecision, Outcome};

/// What was decided for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageDecision<P> {
    /// At least one face was identified; this is the best of them.
    Identified(P),
    /// Nobody was named.
    Unresolved(Reason),
}

/// Why nobody was named in an image: what is most worth a look is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// No face is in the picture.
    NoFace,
    /// The faces are seen too badly.
    LowQuality,
    /// There is a face of nobody we know.
    UnknownFace,
    /// There is a face that may be somebody's.
    Ambiguous,
}

/// Decides an image from its faces, each given with its area in pixels. A face that a person named comes before every one
/// of the engine's, the larger of them first; else the nearest identified face names the image, the larger one on a tie;
/// without any, it is the reason that is most worth a look.
pub fn decide_image<'a, P: Copy + 'a>(
    faces: impl Iterator<Item = (u64, &'a FaceDecision<P>)> + Clone,
) -> ImageDecision<P> {
    let best = faces
        .clone()
        .filter_map(|(area, face)| face.identified().map(|person| (area, face, person)))
        .min_by(|(area_a, a, _), (area_b, b, _)| a.speaks_before(b).then(area_b.cmp(area_a)));
    match best {
        Some((_, _, person)) => ImageDecision::Identified(person),
        None => {
            let reason = faces.filter_map(|(_, face)| face.reason()).max();
            ImageDecision::Unresolved(reason.unwrap_or(Reason::NoFace))
        }
    }
}

impl<P> FaceDecision<P> {
    /// Which of two identified faces names their image, before their areas are asked for. To a person's word a distance adds
    /// nothing.
    fn speaks_before(&self, other: &Self) -> Ordering {
        let distance = |face: &Self| face.best.as_ref().map_or(f32::INFINITY, |best| best.distance);
        match (&self.named, &other.named) {
            (Some(_), Some(_)) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => distance(self).total_cmp(&distance(other)),
        }
    }

    /// Why it names nobody, if it does not.
    fn reason(&self) -> Option<Reason> {
        match self.outcome {
            Outcome::Identified => None,
            Outcome::Ambiguous => Some(Reason::Ambiguous),
            Outcome::Unknown => Some(Reason::UnknownFace),
            Outcome::LowQuality => Some(Reason::LowQuality),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Candidate;

    fn face(outcome: Outcome, person: char, distance: f32) -> FaceDecision<char> {
        let best = Candidate { person, photo: format!("{person}.jpg"), distance };
        FaceDecision { outcome, named: None, best: Some(best), runner_up: None }
    }

    /// A face that a person named, as far away as the engine finds it.
    fn named(person: char, distance: Option<f32>) -> FaceDecision<char> {
        let best = distance.and_then(|distance| face(Outcome::Identified, person, distance).best);
        FaceDecision { outcome: Outcome::Identified, named: Some(person), best, runner_up: None }
    }

    fn decide(faces: &[(u64, FaceDecision<char>)]) -> ImageDecision<char> {
        decide_image(faces.iter().map(|(area, face)| (*area, face)))
    }

    #[test]
    fn an_image_is_named_by_its_nearest_identified_face() {
        let faces = [
            (100, face(Outcome::Identified, 'a', 0.4)),
            (100, face(Outcome::Identified, 'b', 0.2)),
            (100, face(Outcome::Unknown, 'c', 0.7)),
        ];

        assert_eq!(decide(&faces), ImageDecision::Identified('b'));
    }

    #[test]
    fn the_larger_of_two_equally_near_faces_names_the_image() {
        let (small, large) = (face(Outcome::Identified, 'a', 0.3), face(Outcome::Identified, 'b', 0.3));

        assert_eq!(decide(&[(100, small.clone()), (400, large.clone())]), ImageDecision::Identified('b'));
        assert_eq!(decide(&[(400, large), (100, small)]), ImageDecision::Identified('b'));
    }

    #[test]
    fn a_face_that_a_person_named_comes_before_every_one_of_the_engines() {
        for distance in [None, Some(0.1), Some(0.9)] {
            let faces = [(900, face(Outcome::Identified, 'a', 0.2)), (100, named('b', distance))];
            assert_eq!(decide(&faces), ImageDecision::Identified('b'), "{distance:?}");
        }
    }

    #[test]
    fn the_larger_of_two_faces_that_people_named_names_the_image_however_far_it_is() {
        let (small, large) = (named('a', Some(0.1)), named('b', None));

        assert_eq!(decide(&[(100, small.clone()), (400, large.clone())]), ImageDecision::Identified('b'));
        assert_eq!(decide(&[(400, large), (100, small)]), ImageDecision::Identified('b'));
    }

    #[test]
    fn a_nearer_face_that_is_not_identified_names_nobody() {
        let clear = face(Outcome::Identified, 'a', 0.5);
        for outcome in [Outcome::Ambiguous, Outcome::LowQuality] {
            let faces = [(400, face(outcome, 'b', 0.1)), (100, clear.clone())];
            assert_eq!(decide(&faces), ImageDecision::Identified('a'), "{outcome:?}");
        }
    }

    #[test]
    fn without_an_identified_face_the_strongest_reason_counts() {
        use Outcome::{Ambiguous, LowQuality, Unknown};
        let table: [(&[Outcome], Reason); 5] = [
            (&[], Reason::NoFace),
            (&[LowQuality], Reason::LowQuality),
            (&[Unknown, LowQuality], Reason::UnknownFace),
            (&[LowQuality, Unknown], Reason::UnknownFace),
            (&[Unknown, Ambiguous, LowQuality], Reason::Ambiguous),
        ];
        for (outcomes, reason) in table {
            let faces: Vec<_> = outcomes.iter().map(|outcome| (100, face(*outcome, 'a', 0.58))).collect();
            assert_eq!(decide(&faces), ImageDecision::Unresolved(reason), "{outcomes:?}");
        }
    }
}
