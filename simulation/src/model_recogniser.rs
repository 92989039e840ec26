//! [`ModelRecogniser`]: the recogniser as one worker sees it. Its answers follow from the pictures of the plan; it fails,
//! hangs, is busy or away as the plan says, and dies of some pictures.

use std::time::Duration;

use identification::{Neighbour, Thresholds};
use image_processor::{
    recognizer::{Answer, Failure, KnownPhotos, Recognise, Recognition, RecognizedFace},
    retry::Blame,
    sources::Picture,
};
use tokio::time::sleep;

use crate::{
    checker::{CALL, call_of},
    flaw::Flaw,
    line::Line,
    plan::{Absence, PEOPLE, Shows, Trouble},
    trace::Event,
};

/// The worker's deadline for a call.
pub(crate) const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// A picture takes less.
const LOOK: Duration = Duration::from_millis(800);
const PING: Duration = Duration::from_millis(50);
/// Who died is back within this time.
const RESTART: Duration = Duration::from_secs(8);
const REVISION: &str = "the only gallery";

/// The recogniser at the end of a line.
#[derive(Debug, Clone)]
pub struct ModelRecogniser {
    line: Line,
}

/// The name that the known photo of a person bears.
pub(crate) fn person_name(person: usize) -> String {
    ["Ada Lovelace", "Alan Turing", "Grace Hopper"][person % PEOPLE].to_owned()
}

/// The known photo of a person.
fn photo_of(person: usize) -> String {
    format!("{}.jpg", person_name(person).to_lowercase().replace(' ', "_"))
}

/// The path of a picture.
pub(crate) fn path_of(picture: usize) -> String {
    format!("/{picture}.jpg")
}

fn number_of(picture: &Picture) -> usize {
    let Picture::File(path) = picture else { unreachable!("the pictures of the plan are files") };
    let number = path.as_str().trim_start_matches('/').trim_end_matches(".jpg");
    number.parse().expect("only pictures of the plan are posted")
}

impl ModelRecogniser {
    /// At the end of this line.
    #[must_use]
    pub fn new(line: Line) -> Self {
        Self { line }
    }

    /// How calls end now, if nobody is there.
    fn absence(&self) -> Option<Absence> {
        let world = &self.line.world;
        let away = world.suffers(|trouble| match trouble {
            Trouble::RecogniserAway(absence) => Some(absence),
            _ => None,
        });
        let down = world.now() < world.state().down_until;
        away.or(down.then_some(Absence::Refused))
    }

    fn is_well(&self) -> bool {
        self.absence().is_none() && !self.line.world.suffers_from(Trouble::RecogniserUnready)
    }

    async fn look(&self, call: usize, picture: usize) -> Result<Answer, Failure> {
        let Line { world, chance, .. } = &self.line;
        if let Some(absence) = self.absence() {
            return Err(absent(absence, call).await);
        }
        if let Some(failure) = self.trouble(call).await {
            return Err(failure);
        }
        let slow = world.suffers(|trouble| match trouble {
            Trouble::RecogniserSlow(longest) => Some(longest),
            _ => None,
        });
        let took = chance.time(Duration::ZERO..slow.unwrap_or(LOOK));
        sleep(took.min(CALL_TIMEOUT)).await;
        if took >= CALL_TIMEOUT {
            return Err(failed(Blame::Attempt, "deadline_exceeded", call));
        }
        if self.absence().is_some() {
            return Err(failed(Blame::Loss, "recogniser_failed", call));
        }
        self.answer(call, picture)
    }

    /// What a recogniser that is there does not do.
    async fn trouble(&self, call: usize) -> Option<Failure> {
        let Line { world, chance, .. } = &self.line;
        let often = |percent| chance.percent(percent);
        let trouble = world.suffers(|trouble| {
            let met = match trouble {
                Trouble::RecogniserUnready => true,
                Trouble::RecogniserBusy(percent)
                | Trouble::RecogniserHangs(percent)
                | Trouble::RecogniserFails(percent, _) => often(percent),
                _ => false,
            };
            met.then_some(trouble)
        })?;
        let failure = match trouble {
            Trouble::RecogniserUnready => failed(Blame::Unready, "not_ready", call),
            Trouble::RecogniserBusy(_) => failed(Blame::Busy, "recogniser_busy", call),
            Trouble::RecogniserFails(_, blame) => failed(blame, "recogniser_failed", call),
            _ => {
                sleep(CALL_TIMEOUT).await;
                failed(Blame::Attempt, "deadline_exceeded", call)
            }
        };
        Some(failure)
    }

    fn answer(&self, call: usize, picture: usize) -> Result<Answer, Failure> {
        let nearest = match self.line.world.plan.pictures[picture].shows {
            Shows::Known(person) => vec![Neighbour { photo: photo_of(person), distance: 0.3 }],
            Shows::Stranger => vec![Neighbour { photo: photo_of(0), distance: 0.9 }],
            Shows::Nobody => return Ok(faces(Vec::new())),
            Shows::Nothing => return Err(failed(Blame::Image, "not_an_image", call)),
            Shows::Trap => return Err(failed(Blame::Attempt, "engine_failed", call)),
            Shows::Poison => {
                let rest = self.line.chance.time(Duration::ZERO..RESTART);
                self.line.touch(|state, now| state.down_until = now + rest);
                return Err(failed(Blame::Loss, "recogniser_failed", call));
            }
        };
        Ok(faces(nearest))
    }
}

async fn absent(absence: Absence, call: usize) -> Failure {
    match absence {
        Absence::Refused => failed(Blame::Outage, "recogniser_unavailable", call),
        Absence::Cut => failed(Blame::Loss, "recogniser_failed", call),
        Absence::Silent => {
            sleep(CALL_TIMEOUT).await;
            failed(Blame::Attempt, "deadline_exceeded", call)
        }
    }
}

fn failed(blame: Blame, code: &str, call: usize) -> Failure {
    Failure { blame, code: code.to_owned(), detail: format!("{CALL}{call}"), recogniser: None }
}

/// A face that has these neighbours, or no face where nobody is near.
fn faces(nearest: Vec<Neighbour>) -> Answer {
    let face = RecognizedFace {
        bounds: proto::Box { left: 10, top: 10, width: 100, height: 100 },
        score: 0.9,
        landmarks: Vec::new(),
        quality: proto::Quality::default(),
        embedding: vec![0.5; 4],
        nearest,
    };
    let faces = if face.nearest.is_empty() { Vec::new() } else { vec![face] };
    Answer::Faces(Recognition {
        faces,
        thresholds: Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 },
        model_id: "a model".to_owned(),
        gallery_revision: REVISION.to_owned(),
        size: None,
    })
}

impl Recognise for ModelRecogniser {
    async fn recognize(&self, picture: &Picture) -> Result<Answer, Failure> {
        self.line.travel().await;
        let (actor, picture) = (self.line.actor, number_of(picture));
        let call = self.line.touch(|state, now| {
            let call = state.checker.asked();
            state.trace.note(now, Event::Asked { actor, call, picture });
            call
        });
        let answer = self.look(call, picture).await;
        let blame = answer.as_ref().err().map(|failure| failure.blame);
        self.line.touch(|state, now| {
            if let Some(blame) = blame {
                state.checker.failed(call, blame);
            }
            state.trace.note(now, Event::Ended { call, blame });
        });
        self.line.travel().await;
        answer
    }

    async fn known_photos(&self) -> Result<KnownPhotos, Failure> {
        self.line.travel().await;
        if !self.is_well() {
            return Err(failed(Blame::Outage, "recogniser_unavailable", usize::MAX));
        }
        self.line.travel().await;
        Ok(KnownPhotos { gallery_revision: REVISION.to_owned(), names: (0..PEOPLE).map(photo_of).collect() })
    }

    async fn health(&self) -> Result<(), String> {
        self.line.travel().await;
        sleep(self.line.chance.time(Duration::ZERO..PING)).await;
        let well = self.is_well();
        self.line.travel().await;
        if well { Ok(()) } else { Err("the recogniser is not well".to_owned()) }
    }

    async fn is_healthy_after(&self, failure: &Failure) -> bool {
        if self.line.world.flaw == Some(Flaw::ChargedWithoutPing) {
            return true;
        }
        self.line.travel().await;
        sleep(self.line.chance.time(Duration::ZERO..PING)).await;
        let healthy = self.is_well();
        if let Some(call) = call_of(failure) {
            self.line.touch(|state, now| {
                state.checker.pinged(call, healthy);
                state.trace.note(now, Event::Pinged { call, healthy });
            });
        }
        self.line.travel().await;
        healthy
    }
}
