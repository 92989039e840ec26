//! What a scripted recogniser says: the knobs that a test turns while it runs.

use std::time::Duration;

use proto::{KnownPhoto, Neighbour, RecognizeResponse};
use tonic::Code;

use super::answers::{GALLERY_REVISION, MODEL_ID, no_face, one_face};

/// What `Recognize` does, each time.
#[derive(Debug, Clone)]
pub enum Recognize {
    /// It answers this, whatever the picture.
    Answers(RecognizeResponse),
    /// It fails with this status.
    Fails(Code),
    /// It does not answer until the script says something else.
    Hangs,
}

/// What `Match` does, each time.
#[derive(Debug, Clone)]
pub enum Match {
    /// Every embedding is near to these.
    Answers(Vec<Neighbour>),
    /// It fails with this status.
    Fails(Code),
}

impl Match {
    /// Every embedding is this far from each of these known photos, the nearest first.
    #[must_use]
    pub fn near(nearest: &[(&str, f32)]) -> Self {
        let neighbour =
            |(photo, distance): &(&str, f32)| Neighbour { photo: (*photo).to_owned(), distance: *distance };
        Self::Answers(nearest.iter().map(neighbour).collect())
    }
}

/// What the recogniser says.
#[derive(Debug, Clone)]
pub struct Script {
    /// What `Recognize` does.
    pub recognize: Recognize,
    /// A picture that ends the recogniser: a call about this path is counted as a death and never answered. Whoever runs
    /// the recogniser has it go away then, and come back as a platform would start it again.
    pub fatal_path: Option<String>,
    /// How long each call of `Recognize` takes before it does that.
    pub delay: Duration,
    /// The answer of `HealthCheck`.
    pub healthy: bool,
    /// `HealthCheck` does not answer until the script says something else.
    pub health_hangs: bool,
    /// The answer of `Identify`; `None` where it is not implemented.
    pub best_photo: Option<String>,
    /// The answer of `List`; `None` where it is not implemented.
    pub photos: Option<Vec<KnownPhoto>>,
    /// `List` does not answer until the script says something else.
    pub list_hangs: bool,
    /// What `Match` does, for embeddings of [`model_id`](Self::model_id).
    pub matches: Match,
    /// Of `List` and `Match`.
    pub gallery_revision: String,
    /// Of `List`; `Match` refuses embeddings of another one.
    pub model_id: String,
}

impl Script {
    /// `Recognize` does this at once; the recogniser is healthy, knows nobody, has no `Identify`, and `Match` finds nobody.
    #[must_use]
    pub fn new(recognize: Recognize) -> Self {
        Self {
            recognize,
            fatal_path: None,
            delay: Duration::ZERO,
            healthy: true,
            health_hangs: false,
            best_photo: None,
            photos: Some(Vec::new()),
            list_hangs: false,
            matches: Match::near(&[]),
            gallery_revision: GALLERY_REVISION.to_owned(),
            model_id: MODEL_ID.to_owned(),
        }
    }

    /// Every picture shows one face, which is the one of this known photo.
    #[must_use]
    pub fn identifies(photo: &str) -> Self {
        let known =
            KnownPhoto { photo: photo.to_owned(), content_hash: vec![7; 32], ..KnownPhoto::default() };
        let answer = one_face(&[(photo, 0.3)]);
        Self { photos: Some(vec![known]), ..Self::new(Recognize::Answers(answer)) }
    }

    /// No picture shows a face.
    #[must_use]
    pub fn finds_nobody() -> Self {
        Self::new(Recognize::Answers(no_face()))
    }
}
