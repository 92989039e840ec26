//! What is said of a picture.

use std::path::Path;

use identification::{Candidate, FaceDecision, Neighbour, Outcome, Quality, Said, candidates, decide_face};
use serde::Serialize;

use super::people::{People, Person};
use crate::commands::columns::columns;
use crate::engine::{Bounds, Face};
use crate::recogniser::Recogniser;
use crate::workers::Sighting;

/// Everything that is known of a picture.
#[derive(Debug, Serialize)]
pub(super) struct Answer {
    width: u32,
    height: u32,
    model_id: String,
    gallery_revision: String,
    pub(super) faces: Vec<FaceAnswer>,
}

/// Everything that is known of a face.
#[derive(Debug, Serialize)]
pub(super) struct FaceAnswer {
    #[serde(rename = "box")]
    pub(super) bounds: BoxAnswer,
    score: f32,
    landmarks: Vec<[f64; 2]>,
    quality: QualityAnswer,
    pub(super) outcome: &'static str,
    /// The nearest person, whatever the outcome says.
    pub(super) best: Option<PersonAnswer>,
    runner_up: Option<PersonAnswer>,
}

#[derive(Debug, Serialize)]
pub(super) struct BoxAnswer {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

#[derive(Debug, Serialize)]
struct QualityAnswer {
    size: u32,
    sharpness: f32,
    brightness: f32,
    roll: f32,
    yaw: f32,
    /// In words.
    missed: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct PersonAnswer {
    pub(super) name: String,
    /// By all photos of the person.
    pub(super) distance: f32,
    /// The nearest of them.
    photo: String,
}

impl Answer {
    pub(super) fn new(sighting: &Sighting, recogniser: &Recogniser, people: &People) -> Self {
        Self {
            width: sighting.width,
            height: sighting.height,
            model_id: recogniser.model_id.clone(),
            gallery_revision: people.gallery().revision().to_owned(),
            faces: sighting.faces.iter().map(|face| FaceAnswer::new(face, recogniser, people)).collect(),
        }
    }
}

impl FaceAnswer {
    fn new(face: &Face, recogniser: &Recogniser, people: &People) -> Self {
        let near = recogniser.nearest(&face.embedding, people.gallery()).into_iter();
        let near: Vec<Neighbour> =
            near.map(|near| Neighbour { photo: near.photo.to_owned(), distance: near.distance }).collect();
        let missed = face.quality.shortcomings(&recogniser.quality_limits);
        let FaceDecision { outcome, best, runner_up, .. } = decide_face(
            &candidates(&near, |photo| people.owner_of(photo)),
            &Said::nothing(),
            recogniser.thresholds,
            if missed.is_empty() { Quality::Sufficient } else { Quality::Insufficient },
        );
        let Bounds { left, top, width, height } = face.bounds;
        let quality = face.quality;
        Self {
            bounds: BoxAnswer { left, top, width, height },
            score: face.score,
            landmarks: face.landmarks.iter().map(|point| [point.x, point.y]).collect(),
            quality: QualityAnswer {
                size: quality.size,
                sharpness: quality.sharpness,
                brightness: quality.brightness,
                roll: quality.roll,
                yaw: quality.yaw,
                missed: missed.iter().map(ToString::to_string).collect(),
            },
            outcome: word(outcome),
            best: best.map(|best| PersonAnswer::new(best, people)),
            runner_up: runner_up.map(|second| PersonAnswer::new(second, people)),
        }
    }

    /// A row of the table, behind the file.
    fn cells(&self) -> [String; 6] {
        let BoxAnswer { left, top, width, height } = self.bounds;
        let why = match self.outcome {
            "low_quality" => format!("low quality: {}", self.quality.missed.join(", ")),
            outcome => outcome.to_owned(),
        };
        [
            format!("{width}x{height} at {left},{top}"),
            why,
            self.best.as_ref().map_or_else(String::new, |best| best.name.clone()),
            self.best.as_ref().map_or_else(String::new, |best| format!("{:.3}", best.distance)),
            self.best.as_ref().map_or_else(String::new, |best| best.photo.clone()),
            self.runner_up
                .as_ref()
                .map_or_else(String::new, |second| format!("{} {:.3}", second.name, second.distance)),
        ]
    }
}

impl PersonAnswer {
    fn new(candidate: Candidate<Person>, people: &People) -> Self {
        let Candidate { person, photo, distance } = candidate;
        Self { name: people.name(person).to_owned(), distance, photo }
    }
}

/// As in the database.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Identified => "identified",
        Outcome::Unknown => "unknown",
        Outcome::Ambiguous => "ambiguous",
        Outcome::LowQuality => "low_quality",
    }
}

/// A line for each face, or for a picture without.
pub(super) fn table(answers: &[(&Path, Result<Answer, String>)]) -> String {
    let head = ["PICTURE", "FACE", "OUTCOME", "NEAREST", "DISTANCE", "PHOTO", "RUNNER-UP"];
    let mut rows = vec![head.map(str::to_owned)];
    for (file, outcome) in answers {
        let row = |[face, why, name, distance, photo, second]: [String; 6]| {
            [file.display().to_string(), face, why, name, distance, photo, second]
        };
        let alone = |words: String| {
            row([String::new(), words, String::new(), String::new(), String::new(), String::new()])
        };
        match outcome {
            Ok(answer) if answer.faces.is_empty() => rows.push(alone("no face".to_owned())),
            Ok(answer) => rows.extend(answer.faces.iter().map(|face| row(face.cells()))),
            Err(reason) => rows.push(alone(reason.clone())),
        }
    }
    columns(&rows)
}

/// Everything, for programs.
pub(super) fn json(answers: &[(&Path, Result<Answer, String>)]) -> serde_json::Result<String> {
    #[derive(Serialize)]
    struct Entry<'a> {
        file: String,
        #[serde(flatten)]
        answer: Option<&'a Answer>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<&'a str>,
    }
    let entries: Vec<Entry<'_>> = answers
        .iter()
        .map(|(file, outcome)| Entry {
            file: file.display().to_string(),
            answer: outcome.as_ref().ok(),
            error: outcome.as_ref().err().map(String::as_str),
        })
        .collect();
    Ok(serde_json::to_string_pretty(&entries)? + "\n")
}
