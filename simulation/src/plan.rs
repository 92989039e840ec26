//! What happens in one simulation, all of it from one seed: the pictures, the processes, and what goes wrong and when.
//! After [`Plan::calm`] nothing goes wrong any more.

mod drawing;

pub(crate) use drawing::PEOPLE;

use std::{num::NonZeroU32, time::Duration};

use image_processor::retry::Blame;

use crate::tables::Time;

/// One simulation.
#[derive(Debug, Clone)]
pub struct Plan {
    /// That it was drawn from.
    pub seed: u64,
    /// By their numbers, which are their paths.
    pub pictures: Vec<PlannedPicture>,
    /// Processes.
    pub workers: Vec<PlannedWorker>,
    /// Processes.
    pub receivers: Vec<PlannedReceiver>,
    /// What goes wrong for a while.
    pub spells: Vec<Spell>,
    /// When the queue loses all that it holds.
    pub wipes: Vec<Time>,
    /// The end of all trouble.
    pub calm: Time,
}

/// A picture and when it is posted.
#[derive(Debug, Clone, Copy)]
pub struct PlannedPicture {
    /// What a recogniser makes of it.
    pub shows: Shows,
    /// For the first time.
    pub posted: Time,
    /// When somebody asks for another look.
    pub again: Option<Time>,
}

/// What a recogniser makes of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// This known person.
    Known(usize),
    /// Somebody whom nobody knows.
    Stranger,
    /// Nobody.
    Nobody,
    /// It is no picture.
    Nothing,
    /// The engine fails at it every time.
    Trap,
    /// The recogniser dies of it every time.
    Poison,
}

/// A worker process.
#[derive(Debug, Clone)]
pub struct PlannedWorker {
    /// Images in work at once.
    pub concurrency: NonZeroU32,
    /// How long a second of its own clock takes: it renews its leases, pings and sweeps by that.
    pub second: f64,
    /// Of its lives, one after the other; after the last end it lives on.
    pub ends: Vec<End>,
}

/// A receiver process.
#[derive(Debug, Clone)]
pub struct PlannedReceiver {
    /// Of its lives, one after the other; after the last end it lives on.
    pub ends: Vec<End>,
}

/// How a process ends and when it is back.
#[derive(Debug, Clone, Copy)]
pub struct End {
    /// When.
    pub at: Time,
    /// In what way.
    pub manner: Manner,
    /// How long it is away.
    pub away: Duration,
}

/// In what way a process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// At once, wherever it is: SIGKILL, or the power is gone.
    Crash,
    /// It is told to stop, and finishes what it has begun: SIGTERM.
    Stop,
}

/// Something goes wrong for a while.
#[derive(Debug, Clone, Copy)]
pub struct Spell {
    /// Its beginning.
    pub from: Time,
    /// Its end.
    pub until: Time,
    /// What goes wrong.
    pub trouble: Trouble,
}

/// A process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// By its place in the plan.
    Worker(usize),
    /// By its place in the plan.
    Receiver(usize),
}

/// What goes wrong. Numbers are percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The queue takes and brings nothing.
    QueueAway,
    /// Messages are taken and never come.
    MessagesDropped(u8),
    /// Messages come twice.
    MessagesDoubled(u8),
    /// Publishing takes up to this long.
    PublishingSlow(Duration),
    /// Messages come in any order.
    MessagesMixed,
    /// A publish does not say how it ended; the message was taken, or not.
    PublishesUnknown(u8),
    /// The database does nothing.
    StoreAway,
    /// A statement is not done, and its caller hears of an error.
    StatementsLost(u8),
    /// A statement is done, and its caller hears of an error.
    AnswersLost(u8),
    /// A statement is done after its caller has heard of an error.
    StatementsLate(u8),
    /// Statements take up to this long.
    StoreSlow(Duration),
    /// The recogniser is not there; calls end like this, and pings are not answered.
    RecogniserAway(Absence),
    /// It says that it has too much to do.
    RecogniserBusy(u8),
    /// It says that it is not ready, and is not healthy.
    RecogniserUnready,
    /// It fails like this, and is healthy.
    RecogniserFails(u8, Blame),
    /// It does not answer in time, and is healthy.
    RecogniserHangs(u8),
    /// It takes up to this long.
    RecogniserSlow(Duration),
    /// A process does nothing, and goes on later as if nothing had been: SIGSTOP and SIGCONT.
    Frozen(Actor),
}

/// How calls end of a recogniser that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// Refused.
    Refused,
    /// Lost after sending.
    Cut,
    /// Not answered in time.
    Silent,
}

impl Plan {
    /// Nothing goes wrong and nobody is there: for the models by themselves.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            seed: 0,
            pictures: Vec::new(),
            workers: Vec::new(),
            receivers: Vec::new(),
            spells: Vec::new(),
            wipes: Vec::new(),
            calm: Duration::ZERO,
        }
    }

    /// What is wrong at this time.
    pub fn troubles(&self, now: Time) -> impl Iterator<Item = Trouble> {
        let spells = if now < self.calm { self.spells.as_slice() } else { &[] };
        spells.iter().filter(move |spell| spell.from <= now && now < spell.until).map(|spell| spell.trouble)
    }

    /// How many times somebody posts.
    #[must_use]
    pub fn posts(&self) -> usize {
        self.pictures.iter().map(|picture| 1 + usize::from(picture.again.is_some())).sum()
    }

    /// Until when a process is frozen, if it is.
    #[must_use]
    pub fn frozen_until(&self, actor: Actor, now: Time) -> Option<Time> {
        let frozen = self.spells.iter().filter(|spell| spell.trouble == Trouble::Frozen(actor));
        frozen.filter(|spell| spell.from <= now && now < spell.until).map(|spell| spell.until).max()
    }
}
