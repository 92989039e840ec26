//! What is said of one face. Pure.

use migrations::FaceOutcome;

use super::{
    decisions::Decisions,
    scale::{Scale, Thresholds},
};
use crate::{
    store::{FaceDetails, Verdict},
    view::address_of_person,
};

/// A face of the page.
pub(super) struct Face {
    pub(super) number: usize,
    pub(super) id: u64,
    pub(super) outcome: &'static str,
    pub(super) title: String,
    pub(super) why: String,
    /// Where its pictures are, of somebody who was identified.
    pub(super) person_address: Option<String>,
    pub(super) matched_photo: Option<String>,
    pub(super) nearest: Option<Distance>,
    pub(super) runner_up: Option<Distance>,
    pub(super) scale: Option<Scale>,
    pub(super) quality: String,
    pub(super) decisions: Decisions,
}

/// How far a face is from somebody.
pub(super) struct Distance {
    pub(super) name: String,
    pub(super) distance: String,
}

impl Distance {
    fn new(name: Option<&String>, distance: Option<f32>) -> Option<Self> {
        let name = name.cloned().unwrap_or_else(|| "somebody who was deleted".to_owned());
        Some(Self { name, distance: format!("{:.2}", distance?) })
    }
}

impl Face {
    /// `said` is what people said of the faces of the image.
    pub(super) fn new(number: usize, face: &FaceDetails, said: &[Verdict], thresholds: Thresholds) -> Self {
        let decisions = Decisions::new(face, said, thresholds);
        // What a person said counts at once; the row follows a moment later.
        let outcome = if decisions.is_said() { FaceOutcome::Identified } else { face.outcome };
        let known =
            decisions.said_name().or(face.person.as_deref().filter(|_| outcome == FaceOutcome::Identified));
        Self {
            number,
            id: face.id,
            outcome: outcome.name(),
            title: known.map_or_else(|| title(face), str::to_owned),
            why: why(face, decisions.is_said(), thresholds),
            person_address: known.map(address_of_person),
            matched_photo: face.matched_photo.clone(),
            nearest: Distance::new(face.person.as_ref(), face.distance),
            runner_up: Distance::new(face.runner_up.as_ref(), face.runner_up_distance),
            scale: face.distance.map(|best| thresholds.scale(best, face.runner_up_distance)),
            quality: quality(&face.quality.0),
            decisions,
        }
    }
}

fn title(face: &FaceDetails) -> String {
    match (face.outcome, &face.person) {
        (FaceOutcome::Identified, Some(name)) => name.clone(),
        (FaceOutcome::Ambiguous, Some(name)) => format!("Perhaps {name}"),
        (FaceOutcome::Identified | FaceOutcome::Ambiguous, None) => "Somebody".to_owned(),
        (FaceOutcome::Unknown, _) => "Nobody we know".to_owned(),
        (FaceOutcome::LowQuality, _) => "Not clear enough to tell".to_owned(),
    }
}

fn why(face: &FaceDetails, is_said: bool, Thresholds { accept, unknown, margin, .. }: Thresholds) -> String {
    if is_said || face.source == "person" {
        return "A person said so.".to_owned();
    }
    let Some(distance) = face.distance else {
        return "No known photo was there to compare it with.".to_owned();
    };
    let is_close = face.runner_up_distance.is_some_and(|second| second < distance + margin);
    match face.outcome {
        FaceOutcome::Identified => format!("Nearer than {accept:.2}, and nobody else is as near."),
        FaceOutcome::Ambiguous if distance < accept && is_close => {
            let second = face.runner_up.as_deref().unwrap_or("Somebody else");
            format!("{second} is nearly as near: less than {margin:.2} farther away.")
        }
        FaceOutcome::Ambiguous => {
            format!("Between {accept:.2} and {unknown:.2}: near, and not surely the same person.")
        }
        FaceOutcome::Unknown => format!("Everybody known is {unknown:.2} away or farther."),
        FaceOutcome::LowQuality => {
            "What a face needs to be compared surely is missing: see below.".to_owned()
        }
    }
}

/// What was measured, and which limits it misses.
fn quality(quality: &serde_json::Value) -> String {
    let missed: Vec<&str> = quality["missed"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|word| word.as_str())
        .map(shortcoming)
        .collect();
    let seen = if missed.is_empty() { "Seen well".to_owned() } else { capitalised(&missed.join(", ")) };
    match quality["size"].as_u64() {
        Some(size) => format!("{seen}; {size} pixels."),
        None => format!("{seen}."),
    }
}

fn shortcoming(limit: &str) -> &'static str {
    match limit {
        "size" => "too small",
        "sharpness" => "not sharp",
        "too_dark" => "too dark",
        "too_bright" => "too bright",
        "roll" => "tilted too far",
        "yaw" => "turned too far to the side",
        _ => "missing something else",
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    first + characters.as_str()
}

#[cfg(test)]
mod tests {
    use migrations::FaceVerdict;
    use serde_json::json;
    use sqlx::types::Json;

    use super::*;

    const THRESHOLDS: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05, are_own: true };

    fn face(outcome: FaceOutcome, distance: Option<f32>, second: Option<f32>) -> FaceDetails {
        FaceDetails {
            id: 7,
            box_left: 0,
            box_top: 0,
            box_width: 10,
            box_height: 10,
            quality: Json(json!({ "size": 10, "missed": ["size", "too_dark"] })),
            outcome,
            person_id: Some(1),
            person: Some("John Doe".to_owned()),
            matched_photo: Some("john_doe.jpg".to_owned()),
            distance,
            runner_up_id: second.map(|_| 2),
            runner_up: second.map(|_| "Jane Doe".to_owned()),
            runner_up_distance: second,
            source: "engine".to_owned(),
            group_id: None,
        }
    }

    #[test]
    fn what_a_person_said_is_shown_before_the_row_follows() {
        let said = [Verdict { face_id: 7, said: FaceVerdict::Is, person_id: 3, name: "Ann".to_owned() }];

        let face = Face::new(1, &face(FaceOutcome::Unknown, Some(0.7), None), &said, THRESHOLDS);

        assert_eq!((face.title.as_str(), face.outcome), ("Ann", "identified"));
        assert_eq!(face.person_address.as_deref(), Some("/?person=Ann"));
        assert_eq!(face.why, "A person said so.");
    }

    #[test]
    fn each_outcome_says_why() {
        use FaceOutcome::{Ambiguous, Identified, LowQuality, Unknown};
        let table = [
            (face(Identified, Some(0.3), Some(0.8)), "John Doe", "Nearer than 0.55"),
            (face(Ambiguous, Some(0.5), Some(0.52)), "Perhaps John Doe", "Jane Doe is nearly as near"),
            (face(Ambiguous, Some(0.57), None), "Perhaps John Doe", "Between 0.55 and 0.60"),
            (face(Unknown, Some(0.7), None), "Nobody we know", "0.60 away or farther"),
            (face(Unknown, None, None), "Nobody we know", "No known photo"),
            (face(LowQuality, Some(0.3), None), "Not clear enough", "is missing"),
            (
                FaceDetails { source: "person".to_owned(), ..face(Identified, None, None) },
                "John Doe",
                "A person said so",
            ),
        ];
        for (face, title, why) in table {
            let said = Face::new(1, &face, &[], THRESHOLDS);
            assert!(said.title.starts_with(title), "{}", said.title);
            assert!(said.why.contains(why), "{}", said.why);
        }
    }

    #[test]
    fn the_quality_is_told_in_words() {
        assert_eq!(
            quality(&json!({ "size": 10, "missed": ["size", "too_dark"] })),
            "Too small, too dark; 10 pixels."
        );
        assert_eq!(quality(&json!({ "size": 99, "missed": [] })), "Seen well; 99 pixels.");
        assert_eq!(quality(&json!({})), "Seen well.");
    }
}
