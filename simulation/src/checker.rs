//! What must be true whatever goes wrong. Every write is looked at, row by row, as it was before and as it is after; the
//! rest when all is quiet. What is checked is said by what a row may become, not by how a store does it.
//!
//! | file | what |
//! |---|---|
//! | `writes` | what an image may become by one write |
//! | `end` | what must be true when all is quiet |

mod end;
mod writes;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use image_processor::{
    message::DeadLetter,
    recognizer::Failure,
    retry::{Blame, Charge},
    store::{Claim, Finding},
};

use crate::tables::{ImageRow, Tables, Time};

/// What somebody has done to the database.
#[derive(Debug, Clone)]
pub enum Deed {
    /// Took pictures in.
    Post,
    /// Took a lease.
    Claim,
    /// Renewed the lease of this claim.
    Renew(u64),
    /// Wrote the result of this claim.
    Record {
        /// The claim's fencing token.
        token: u64,
        /// How many it has.
        faces: usize,
    },
    /// Ended this claim with a failure, for now or for good.
    Fail {
        /// The claim's fencing token.
        token: u64,
        /// What failed.
        call: Option<usize>,
        /// What that costs.
        charge: Charge,
        /// Whether nobody tries again, which the dead letters are told.
        given_up: bool,
    },
    /// Gave this claim back.
    Release {
        /// The claim's fencing token.
        token: u64,
        /// What failed, if something did.
        failed: Option<(usize, Charge)>,
    },
    /// Ended leases that ran out.
    EndLeases,
    /// Began rounds.
    BeginRounds,
    /// Marked messages as published.
    MarkPublished,
    /// Something else about messages.
    Outbox,
    /// Something about people.
    People,
    /// Nothing: it only looked.
    Read,
}

impl Deed {
    pub(crate) fn renew(claim: &Claim) -> Self {
        Self::Renew(claim.token)
    }

    pub(crate) fn record(claim: &Claim, finding: &Finding) -> Self {
        Self::Record { token: claim.token, faces: finding.faces.len() }
    }

    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::Claim => "claim",
            Self::Renew(_) => "renew",
            Self::Record { .. } => "record",
            Self::Fail { .. } => "fail",
            Self::Release { .. } => "release",
            Self::EndLeases => "end leases",
            Self::BeginRounds => "begin rounds",
            Self::MarkPublished => "mark published",
            Self::Outbox => "outbox",
            Self::People => "people",
            Self::Read => "read",
        }
    }
}

/// One call of a recogniser, as the recogniser knows it.
#[derive(Debug, Clone, Copy)]
struct Call {
    blame: Option<Blame>,
    /// What the ping after it was answered, if somebody pinged.
    healthy: Option<bool>,
    charged: bool,
}

/// Knows what was promised and what has happened.
#[derive(Debug, Default)]
pub struct Checker {
    images: BTreeMap<u64, ImageRow>,
    /// Pictures by the ids that were promised for them.
    promised: BTreeMap<u64, usize>,
    /// Posts that were answered.
    answered: usize,
    /// Results since the image was last taken in.
    results: BTreeMap<u64, u32>,
    /// How often each image was given up.
    given_up: BTreeMap<u64, usize>,
    faces: BTreeMap<u64, usize>,
    calls: Vec<Call>,
    /// Bodies that the queue said to have taken, and how often.
    taken: BTreeMap<Bytes, u64>,
    /// Bodies whose rows were marked as published, and how often.
    marked: BTreeMap<Bytes, u64>,
    unpublished: BTreeSet<u64>,
    writes: u64,
    violation: Option<String>,
}

impl Checker {
    /// The first thing that was wrong.
    #[must_use]
    pub fn violation(&self) -> Option<&str> {
        self.violation.as_deref()
    }

    /// Something is wrong; what was wrong first stays.
    pub fn accuse(&mut self, violation: String) {
        self.violation.get_or_insert(violation);
    }

    /// How much was written and asked: the same as before means that nothing happened.
    #[must_use]
    pub fn activity(&self) -> (u64, usize) {
        (self.writes, self.calls.len())
    }

    /// Somebody was told that this picture is taken in.
    pub fn promised(&mut self, image: u64, picture: usize) {
        self.answered += 1;
        if self.promised.insert(image, picture).is_some_and(|other| other != picture) {
            self.accuse(format!("image {image} stands for two pictures"));
        }
    }

    /// The queue says that it has taken a message.
    pub fn taken(&mut self, body: &Bytes) {
        *self.taken.entry(body.clone()).or_default() += 1;
    }

    /// A call of a recogniser begins; its number.
    pub fn asked(&mut self) -> usize {
        self.calls.push(Call { blame: None, healthy: None, charged: false });
        self.calls.len() - 1
    }

    /// A call has failed.
    pub fn failed(&mut self, call: usize, blame: Blame) {
        self.calls[call].blame = Some(blame);
    }

    /// The recogniser was pinged after a call.
    pub fn pinged(&mut self, call: usize, healthy: bool) {
        self.calls[call].healthy = Some(healthy);
    }

    /// Looks at everything that was written.
    pub fn wrote(&mut self, deed: &Deed, tables: &mut Tables, now: Time) -> Vec<u64> {
        let touched = tables.take_touched();
        let mut changed = Vec::new();
        for id in touched.images {
            let after = &tables.images()[&id];
            let before = self.images.insert(id, after.clone());
            if before.as_ref() == Some(after) {
                continue;
            }
            self.writes += 1;
            changed.push(id);
            if let Err(wrong) = self.check_image(id, before.as_ref(), after, deed, now) {
                self.accuse(format!("image {id}, {}: {wrong}\n{before:#?}\n{after:#?}", deed.name()));
            }
        }
        for id in touched.outbox {
            self.check_message(id, tables);
        }
        changed
    }

    fn check_message(&mut self, id: u64, tables: &Tables) {
        let Some(row) = tables.outbox().get(&id) else {
            if self.unpublished.contains(&id) {
                self.accuse(format!("message {id} was deleted before it was published"));
            }
            return;
        };
        if row.published_at.is_none() {
            self.writes += u64::from(self.unpublished.insert(id));
            return;
        }
        if !self.unpublished.remove(&id) {
            return;
        }
        self.writes += 1;
        let marked = self.marked.entry(row.body.clone()).or_default();
        *marked += 1;
        let taken = self.taken.get(&row.body).copied().unwrap_or(0);
        if *marked > taken {
            let marked = *marked;
            self.accuse(format!(
                "message {id} is marked as published; the queue took its like {taken} times, marked were {marked}"
            ));
        }
    }
}

/// The number of the call that failed, which its failure names.
#[must_use]
pub(crate) fn call_of(failure: &Failure) -> Option<usize> {
    failure.detail.strip_prefix(CALL)?.parse().ok()
}

/// Before the number of a call in what its failure tells.
pub(crate) const CALL: &str = "call ";

/// Dead letters of an image that the outbox holds.
fn dead_letters(tables: &Tables, image: u64) -> usize {
    let letters =
        tables.outbox().values().filter(|row| row.topic == DeadLetter::TOPIC && row.image_id == image);
    letters.count()
}
