//! A history of requests to a database, and what it answered.

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::Context;
use identification::{Candidate, Outcome, Reason};
use image_processor::{
    decision::{FaceDecision, ImageDecision, Owner},
    message::ImageId,
    recognizer::{Failure, RecognizedFace},
    retry::{Blame, Charge, Fate},
    store::{Claim, Claimed, DecidedFace, Finding, Store},
};
use picture_path::PicturePath;
use receiver::{
    posting::Accept,
    relay::{Outbox, Overdue},
    store::Post,
};
use simulation::chance::Chance;

use super::{Database, STEP, steps};

const PHOTOS: [(&str, &str); 3] = [("ada.jpg", "Ada"), ("ada_2.jpg", "Ada"), ("grace.jpg", "Grace")];
const ALL: usize = 100;

/// What has happened so far.
pub(super) struct History<'a, D> {
    database: &'a D,
    chance: Chance,
    owners: BTreeMap<String, Owner>,
    /// Old ones too.
    claims: Vec<Claim>,
    pub(super) told: Vec<String>,
}

impl<'a, D: Database> History<'a, D> {
    pub(super) async fn begin(database: &'a D, seed: u64) -> anyhow::Result<Self> {
        let named = PHOTOS.map(|(photo, name)| (photo, name.to_owned()));
        database.store().add_known_photos(&named).await?;
        let photos = PHOTOS.iter().map(|(photo, _)| *photo).chain(["nobody.jpg"]).collect();
        let owners: BTreeMap<String, Owner> = database.store().owners(&photos).await?.into_iter().collect();
        let known: Vec<String> =
            owners.iter().map(|(photo, owner)| format!("{photo}: one of {}", owner.photos)).collect();
        let told = vec![known.join(", ")];
        Ok(Self { database, chance: Chance::of(seed), owners, claims: Vec::new(), told })
    }

    /// One request more, and what the tables look like after it.
    pub(super) async fn go_on(&mut self) -> anyhow::Result<()> {
        let said = match self.chance.below(20) {
            0 | 1 => self.post().await?,
            2..5 => self.claim().await?,
            5 => self.claim_due().await?,
            6 => self.renew().await?,
            7 | 8 => self.record().await?,
            9 | 10 => self.fail().await?,
            11 => self.release().await?,
            12 => format!("end leases: {:?}", self.database.store().end_leases().await?),
            13 => format!("begin rounds: {:?}", self.database.store().begin_rounds().await?),
            14 => self.count().await?,
            15 | 16 => self.relay().await?,
            17 => self.announce_lost().await?,
            _ => {
                let time = STEP * u32::try_from(1 + self.chance.below(3))?;
                self.database.advance(time).await?;
                format!("{} minutes pass", time.as_secs() / 60)
            }
        };
        self.told.push(said);
        // Messages keep their place, which no two databases number alike.
        self.told.extend(self.database.images().await?.into_iter().map(|(_, words)| words));
        self.told.extend(self.database.messages().await?.into_iter().map(|(_, words)| words));
        self.told.extend(self.database.faces().await?);
        Ok(())
    }

    async fn post(&mut self) -> anyhow::Result<String> {
        let path = PicturePath::parse(&format!("/{}.jpg", self.chance.below(4)), Path::new("/"))?;
        let rerun = self.chance.percent(50);
        let posts = [Post::new(path.clone(), None, rerun), Post::new(path, None, false)];
        let posted = self.database.receiver().accept_all(&posts).await?;
        // The publisher's time of its own is over before anything else happens.
        self.database.advance(STEP).await?;
        let accepted: Vec<String> = posted
            .accepted
            .iter()
            .map(|accepted| format!("{:?}, created: {}", accepted.status, accepted.created))
            .collect();
        Ok(format!("post: {accepted:?}, {} messages", posted.announcements.len()))
    }

    async fn claim(&mut self) -> anyhow::Result<String> {
        let images = self.database.images().await?;
        let id = match images.len() {
            0 => 1_000,
            count => images[self.chance.below(count)].0,
        };
        Ok(match self.database.store().claim(ImageId(id)).await? {
            Claimed::Yes(claim) => format!("claim: yes, {}", self.keep(claim)),
            Claimed::NotYet(wait) => format!("claim: not yet, {}", in_steps(wait)),
            Claimed::NothingToDo => "claim: nothing to do".to_owned(),
            Claimed::Unknown => "claim: unknown".to_owned(),
        })
    }

    async fn claim_due(&mut self) -> anyhow::Result<String> {
        let last = self.database.store().last_image().await?;
        Ok(match self.database.store().claim_due(last).await? {
            Some(claim) => format!("claim due: yes, {}", self.keep(claim)),
            None => "claim due: none".to_owned(),
        })
    }

    fn keep(&mut self, claim: Claim) -> String {
        let words = format!("{} {:?} token {}", claim.path, claim.history, claim.token);
        self.claims.push(claim);
        words
    }

    /// One of the last claims, most of which are held.
    fn some_claim(&self) -> Option<Claim> {
        let recent = self.claims.len().min(4);
        let place = self.claims.len().checked_sub(1 + self.chance.below(recent.max(1)))?;
        Some(self.claims[place].clone())
    }

    async fn renew(&mut self) -> anyhow::Result<String> {
        let Some(claim) = self.some_claim() else { return Ok("renew: nothing".to_owned()) };
        Ok(format!("renew: {}", self.database.store().renew(&claim).await?))
    }

    async fn record(&mut self) -> anyhow::Result<String> {
        let Some(claim) = self.some_claim() else { return Ok("record: nothing".to_owned()) };
        let finding = self.finding()?;
        Ok(format!("record: {}", self.database.store().record(&claim, finding).await?))
    }

    fn finding(&self) -> anyhow::Result<Finding> {
        let (photo, _) = self.chance.pick(&PHOTOS);
        let owner = self.owners.get(photo).context("each photo has an owner")?;
        let count = self.chance.below(3);
        let decision = match count {
            0 => ImageDecision::Unresolved(Reason::NoFace),
            _ => ImageDecision::Identified(owner.person),
        };
        let best = Candidate { person: owner.person, photo: photo.to_owned(), distance: 0.25 };
        let face = DecidedFace {
            face: RecognizedFace {
                bounds: proto::Box { left: 1, top: 2, width: 30, height: 40 },
                score: 0.5,
                landmarks: Vec::new(),
                quality: proto::Quality::default(),
                embedding: vec![0.5; 2],
                nearest: Vec::new(),
            },
            candidates: vec![best.clone()],
            decision: FaceDecision {
                outcome: Outcome::Identified,
                named: None,
                best: Some(best),
                runner_up: None,
            },
        };
        let (model_id, gallery_revision) = (Some("model".to_owned()), Some("gallery".to_owned()));
        let faces = vec![face; count];
        Ok(Finding { decision, faces, model_id, gallery_revision, size: None, thresholds: None })
    }

    async fn fail(&mut self) -> anyhow::Result<String> {
        let Some(claim) = self.some_claim() else { return Ok("fail: nothing".to_owned()) };
        let fate = self.chance.pick(&[
            Fate::Final,
            Fate::Retryable(STEP),
            Fate::Retryable(STEP),
            Fate::GivenUp,
            Fate::Lost,
        ]);
        let failed = self.database.store().fail(&claim, &failure(), fate, self.charge()).await?;
        Ok(format!("fail: {failed}"))
    }

    async fn release(&mut self) -> anyhow::Result<String> {
        let Some(claim) = self.some_claim() else { return Ok("release: nothing".to_owned()) };
        let after = self.chance.pick(&[Duration::ZERO, STEP]);
        let (failure, charge) = (failure(), self.charge());
        let failed = self.chance.percent(50).then_some((&failure, charge));
        Ok(format!("release: {}", self.database.store().release(&claim, after, failed).await?))
    }

    fn charge(&self) -> Charge {
        Charge { attempt: self.chance.percent(50), loss: self.chance.percent(30) }
    }

    async fn count(&self) -> anyhow::Result<String> {
        let last = self.database.store().last_image().await?;
        let remaining = self.database.store().remaining(last).await?;
        let sweepable = self.database.store().sweepable().await?;
        let backlog = self.database.receiver().backlog().await.map_err(said)?;
        Ok(format!("{remaining:?}, {sweepable:?}, {} due since {}", backlog.due, in_steps(backlog.oldest)))
    }

    /// Leases what is due, and marks, releases, puts aside or forgets it.
    async fn relay(&self) -> anyhow::Result<String> {
        let receiver = self.database.receiver();
        let leased = receiver.lease(ALL, STEP).await.map_err(said)?;
        let ids: Vec<u64> = leased.iter().map(|message| message.id).collect();
        match self.chance.below(5) {
            0 | 1 if !ids.is_empty() => receiver.mark_published(&ids).await.map_err(said)?,
            2 => receiver.release(&ids).await.map_err(said)?,
            3 => {
                for id in &ids {
                    receiver.put_aside(*id, STEP).await.map_err(said)?;
                }
            }
            _ => {}
        }
        // Which of those comes first that are due at one moment is nobody's promise.
        let mut sent: Vec<u32> = leased.iter().map(|message| message.publishes).collect();
        sent.sort_unstable();
        Ok(format!("lease messages: {}, sent before: {sent:?}", ids.len()))
    }

    /// Announces images again that wait too long, and deletes old messages.
    async fn announce_lost(&self) -> anyhow::Result<String> {
        let receiver = self.database.receiver();
        let (mut place, mut lost) = (None, Vec::<Overdue>::new());
        loop {
            let page = receiver.overdue(place.as_ref(), STEP, 2).await.map_err(said)?;
            lost.extend(page.images);
            place = page.next;
            if place.is_none() {
                break;
            }
        }
        if self.chance.percent(50) {
            receiver.announce_again(&lost).await.map_err(said)?;
        }
        let all_gone = receiver.prune(STEP * 4).await.map_err(said)?;
        let messages: Vec<_> = lost
            .iter()
            .map(|image| image.last_message.map(|last| (last.published.map(in_steps), last.publishes)))
            .collect();
        Ok(format!("overdue: {}, their messages: {messages:?}; prune: {all_gone}", lost.len()))
    }
}

fn failure() -> Failure {
    Failure {
        blame: Blame::Attempt,
        code: "engine_failed".to_owned(),
        detail: "why".to_owned(),
        recogniser: None,
    }
}

fn in_steps(time: Duration) -> i64 {
    steps(i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 2))
}

fn said(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}
