//! What a person can say of a face, and what was said. Pure.

use migrations::{FaceOutcome, FaceVerdict};

use super::scale::Thresholds;
use crate::store::{FaceDetails, Verdict};

/// Somebody whom a button names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) id: u64,
    pub(super) name: String,
}

/// The buttons of a face.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Decisions {
    /// Who it may be.
    pub(super) perhaps: Vec<Choice>,
    /// Who it may be said not to be.
    pub(super) deniable: Option<Choice>,
    /// Who it is, whose known photo it may become.
    pub(super) known: Option<Choice>,
    /// Who it is, as a person said.
    pub(super) is: Option<Choice>,
    /// Who it is not.
    pub(super) is_not: Vec<Choice>,
    /// The faces that look like it, of an unknown one.
    pub(super) group: Option<u64>,
}

/// Somebody is offered for an unknown face up to this share of the distance from which on it is unknown.
const NEAR: f32 = 1.25;

impl Decisions {
    /// `said` is what people said of the faces of the image.
    pub(super) fn new(face: &FaceDetails, said: &[Verdict], thresholds: Thresholds) -> Self {
        let choices = |kind| {
            let of_kind =
                said.iter().filter(move |verdict| verdict.face_id == face.id && verdict.said == kind);
            of_kind.map(|said| Choice { id: said.person_id, name: said.name.clone() })
        };
        let is = choices(FaceVerdict::Is).next();
        let is_not: Vec<Choice> = choices(FaceVerdict::IsNot).collect();
        if is.is_some() {
            return Self { known: is.clone(), is, is_not, ..Self::default() };
        }
        let best = choice(face.person_id, face.person.as_ref());
        let second = choice(face.runner_up_id, face.runner_up.as_ref());
        let denied = |choice: &Choice| is_not.iter().any(|not| not.name == choice.name);
        let is_near =
            |distance: Option<f32>| distance.is_some_and(|distance| distance < thresholds.unknown * NEAR);
        let perhaps: Vec<Choice> = match face.outcome {
            FaceOutcome::Identified => Vec::new(),
            FaceOutcome::Ambiguous | FaceOutcome::Unknown | FaceOutcome::LowQuality => {
                let best = best.clone().filter(|_| is_near(face.distance));
                let second = second.filter(|_| is_near(face.runner_up_distance));
                best.into_iter().chain(second).filter(|choice| !denied(choice)).collect()
            }
        };
        let is_named = matches!(face.outcome, FaceOutcome::Identified | FaceOutcome::Ambiguous);
        let is_identified = face.outcome == FaceOutcome::Identified;
        Self {
            perhaps,
            deniable: best.clone().filter(|best| is_named && !denied(best)),
            known: best.filter(|_| is_identified),
            is: None,
            is_not,
            group: face.group_id.filter(|_| face.outcome == FaceOutcome::Unknown),
        }
    }

    /// Whether a person said who it is.
    pub(super) const fn is_said(&self) -> bool {
        self.is.is_some()
    }

    pub(super) fn said_name(&self) -> Option<&str> {
        self.is.as_ref().map(|person| person.name.as_str())
    }
}

fn choice(id: Option<u64>, name: Option<&String>) -> Option<Choice> {
    let (id, name) = id.zip(name)?;
    Some(Choice { id, name: name.clone() })
}

#[cfg(test)]
mod tests {
    use sqlx::types::Json;

    use super::*;

    const THRESHOLDS: Thresholds = Thresholds { accept: 0.5, unknown: 0.6, margin: 0.1, are_own: true };

    fn face(outcome: FaceOutcome, distance: f32, second: f32) -> FaceDetails {
        FaceDetails {
            id: 7,
            box_left: 0,
            box_top: 0,
            box_width: 1,
            box_height: 1,
            quality: Json(serde_json::Value::Null),
            outcome,
            person_id: Some(1),
            person: Some("Ann".to_owned()),
            matched_photo: None,
            distance: Some(distance),
            runner_up_id: Some(2),
            runner_up: Some("Bob".to_owned()),
            runner_up_distance: Some(second),
            source: "engine".to_owned(),
            group_id: Some(5),
        }
    }

    fn said(said: FaceVerdict, person_id: u64, name: &str) -> Verdict {
        Verdict { face_id: 7, said, person_id, name: name.to_owned() }
    }

    fn names(choices: &[Choice]) -> Vec<&str> {
        choices.iter().map(|choice| choice.name.as_str()).collect()
    }

    #[test]
    fn who_is_near_is_offered_and_who_is_named_may_be_denied() {
        use FaceOutcome::{Ambiguous, Identified, LowQuality, Unknown};
        let table: [(FaceDetails, &[&str], bool, bool); 6] = [
            (face(Identified, 0.3, 0.55), &[], true, true),
            (face(Ambiguous, 0.45, 0.5), &["Ann", "Bob"], true, false),
            (face(Ambiguous, 0.55, 0.9), &["Ann"], true, false),
            (face(Unknown, 0.7, 0.74), &["Ann", "Bob"], false, false),
            (face(Unknown, 0.8, 0.9), &[], false, false),
            (face(LowQuality, 0.3, 0.9), &["Ann"], false, false),
        ];
        for (face, offered, deniable, known) in table {
            let decisions = Decisions::new(&face, &[], THRESHOLDS);
            assert_eq!(names(&decisions.perhaps), offered, "{face:?}");
            assert_eq!(
                (decisions.deniable.is_some(), decisions.known.is_some()),
                (deniable, known),
                "{face:?}"
            );
            assert_eq!(decisions.group.is_some(), face.outcome == Unknown);
        }
    }

    #[test]
    fn what_was_said_of_another_face_is_of_no_account() {
        let other = [Verdict { face_id: 8, ..said(FaceVerdict::Is, 3, "Cy") }];

        let decisions = Decisions::new(&face(FaceOutcome::Unknown, 0.9, 0.9), &other, THRESHOLDS);

        assert!(!decisions.is_said());
    }

    #[test]
    fn who_was_denied_is_neither_offered_nor_denied_again() {
        let denied = [said(FaceVerdict::IsNot, 1, "Ann")];

        let decisions = Decisions::new(&face(FaceOutcome::Ambiguous, 0.45, 0.5), &denied, THRESHOLDS);

        assert_eq!(names(&decisions.perhaps), ["Bob"]);
        assert_eq!((decisions.deniable, names(&decisions.is_not)), (None, vec!["Ann"]));
    }

    #[test]
    fn once_it_is_said_who_it_is_only_that_can_be_taken_back() {
        let verdicts = [said(FaceVerdict::IsNot, 1, "Ann"), said(FaceVerdict::Is, 3, "Cy")];

        let decisions = Decisions::new(&face(FaceOutcome::Ambiguous, 0.45, 0.5), &verdicts, THRESHOLDS);

        assert_eq!((decisions.said_name(), names(&decisions.is_not)), (Some("Cy"), vec!["Ann"]));
        assert_eq!(decisions.known, decisions.is);
        assert!(decisions.perhaps.is_empty() && decisions.deniable.is_none() && decisions.group.is_none());
    }
}
