//! What is decided for an image, from what was decided for its faces.

use crate::{Candidate, FaceDecision, Outcome};

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

/// Decides an image from its faces, each given with its area in pixels: the nearest identified face names it, the
/// larger one on a tie; without any, the reason that is most worth a look.
pub fn decide_image<'a, P: Copy + 'a>(
    faces: impl Iterator<Item = (u64, &'a FaceDecision<P>)> + Clone,
) -> ImageDecision<P> {
    let best = faces
        .clone()
        .filter_map(|(area, face)| face.identified().map(|best| (area, best)))
        .min_by(|(area_a, a), (area_b, b)| a.distance.total_cmp(&b.distance).then(area_b.cmp(area_a)));
    match best {
        Some((_, candidate)) => ImageDecision::Identified(candidate.person),
        None => {
            let reason = faces.filter_map(|(_, face)| face.reason()).max();
            ImageDecision::Unresolved(reason.unwrap_or(Reason::NoFace))
        }
    }
}

impl<P> FaceDecision<P> {
    /// Who the face surely is.
    fn identified(&self) -> Option<&Candidate<P>> {
        self.best.as_ref().filter(|_| self.outcome == Outcome::Identified)
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

    fn face(outcome: Outcome, person: char, distance: f32) -> FaceDecision<char> {
        let best = Candidate { person, photo: format!("{person}.jpg"), distance };
        FaceDecision { outcome, best: Some(best), runner_up: None }
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
