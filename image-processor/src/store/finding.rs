//! What a claim found: every face of the picture, who each is, and what that comes to.

use std::collections::BTreeSet;

use identification::{Bounds, Outcome, Reason, Thresholds, decide_face, decide_image};

use crate::{
    decision::{Candidate, FaceDecision, ImageDecision, PersonId, Said},
    recognizer::{RecognizedFace, Size},
};

/// The result of one claim.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What is decided for the image.
    pub decision: ImageDecision,
    /// Every face of the picture.
    pub faces: Vec<DecidedFace>,
    /// Whose distances it was decided by; an older recogniser does not say.
    pub model_id: Option<String>,
    /// Of the gallery that was searched, if the recogniser said.
    pub gallery_revision: Option<String>,
    /// Of the picture.
    pub size: Option<Size>,
    /// By which its faces were decided.
    pub thresholds: Option<Thresholds>,
}

/// A face and what was decided for it.
#[derive(Debug, Clone)]
pub struct DecidedFace {
    /// As the recogniser tells it.
    pub face: RecognizedFace,
    /// Who it may be, the nearest first: it is decided by them again when people said something of this face before.
    pub candidates: Vec<Candidate>,
    /// Who it is.
    pub decision: FaceDecision,
}

impl Finding {
    /// A recogniser of the older contract names a photo or nobody, and says nothing of faces.
    pub fn of_older_recogniser(person: Option<PersonId>) -> Self {
        let decision =
            person.map_or(ImageDecision::Unresolved(Reason::UnknownFace), ImageDecision::Identified);
        Self {
            decision,
            faces: Vec::new(),
            model_id: None,
            gallery_revision: None,
            size: None,
            thresholds: None,
        }
    }

    /// Everybody whom it may name.
    pub(crate) fn people(&self) -> BTreeSet<PersonId> {
        self.faces.iter().flat_map(DecidedFace::people).chain(named(self.decision)).collect()
    }

    /// The same where these people do not exist.
    pub(crate) fn without(&self, gone: &BTreeSet<PersonId>) -> Self {
        let faces: Vec<DecidedFace> =
            self.faces.iter().map(|face| face.without(gone, self.thresholds)).collect();
        let decision = if !faces.is_empty() {
            decision_of(&faces)
        } else if named(self.decision).is_some_and(|person| gone.contains(&person)) {
            ImageDecision::Unresolved(Reason::UnknownFace)
        } else {
            self.decision
        };
        Self { decision, faces, ..self.clone() }
    }
}

fn named(decision: ImageDecision) -> Option<PersonId> {
    match decision {
        ImageDecision::Identified(person) => Some(person),
        ImageDecision::Unresolved(_) => None,
    }
}

impl DecidedFace {
    /// Decides a face of which nobody has said anything yet.
    #[must_use]
    pub fn new(face: RecognizedFace, candidates: Vec<Candidate>, thresholds: Thresholds) -> Self {
        let decision = decide_face(&candidates, &Said::nothing(), thresholds, face.sufficiency());
        Self { face, candidates, decision }
    }

    /// Where it is.
    #[must_use]
    pub fn bounds(&self) -> Bounds {
        let proto::Box { left, top, width, height } = self.face.bounds;
        Bounds { left, top, width, height }
    }

    fn people(&self) -> impl Iterator<Item = PersonId> {
        let FaceDecision { best, runner_up, .. } = &self.decision;
        self.candidates.iter().chain(best).chain(runner_up).map(|candidate| candidate.person)
    }

    fn without(&self, gone: &BTreeSet<PersonId>, thresholds: Option<Thresholds>) -> Self {
        if !self.people().any(|person| gone.contains(&person)) {
            return self.clone();
        }
        let stays = |candidate: &&Candidate| !gone.contains(&candidate.person);
        let candidates: Vec<Candidate> = self.candidates.iter().filter(stays).cloned().collect();
        match thresholds {
            Some(thresholds) => Self::new(self.face.clone(), candidates, thresholds),
            // Nothing says how near is near enough.
            None => {
                let decision =
                    FaceDecision { outcome: Outcome::Unknown, named: None, best: None, runner_up: None };
                Self { face: self.face.clone(), candidates, decision }
            }
        }
    }
}

/// What these faces come to.
#[must_use]
pub fn decision_of(faces: &[DecidedFace]) -> ImageDecision {
    decide_image(faces.iter().map(|face| (face.bounds().area(), &face.decision)))
}
