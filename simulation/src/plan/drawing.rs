//! A plan is drawn from its seed.

use std::{num::NonZeroU32, time::Duration};

use image_processor::retry::Blame;

use super::{
    Absence, Actor, End, Manner, Plan, PlannedPicture, PlannedReceiver, PlannedWorker, Shows, Spell, Trouble,
};
use crate::{chance::Chance, tables::Time};

/// Troubles of one plan at most.
const SPELLS: usize = 6;
/// How many known people there are.
pub(crate) const PEOPLE: usize = 3;

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let chance = Chance::of(seed);
        let calm = chance.time(Duration::from_mins(1)..Duration::from_mins(12));
        let workers = 1 + chance.below(3);
        let receivers = 1 + chance.below(2);
        let pictures = 1 + chance.below(6);
        let actors: Vec<Actor> =
            (0..workers).map(Actor::Worker).chain((0..receivers).map(Actor::Receiver)).collect();
        let spells = chance.below(SPELLS + 1);
        let wipes = if chance.percent(30) { 1 + chance.below(2) } else { 0 };
        Self {
            seed,
            pictures: (0..pictures).map(|_| picture(&chance, calm)).collect(),
            workers: (0..workers).map(|_| worker(&chance, calm)).collect(),
            receivers: (0..receivers).map(|_| PlannedReceiver { ends: ends(&chance, calm) }).collect(),
            spells: (0..spells).map(|_| spell(&chance, calm, &actors)).collect(),
            wipes: (0..wipes).map(|_| chance.time(Time::ZERO..calm)).collect(),
            calm,
        }
    }
}

fn picture(chance: &Chance, calm: Time) -> PlannedPicture {
    let shows = match chance.below(20) {
        0..10 => Shows::Known(chance.below(PEOPLE)),
        10..13 => Shows::Stranger,
        13..16 => Shows::Nobody,
        16..18 => Shows::Nothing,
        18 => Shows::Trap,
        _ => Shows::Poison,
    };
    let posted = chance.time(Time::ZERO..calm);
    let again = chance.percent(25).then(|| chance.time(posted..calm + Duration::from_secs(1)));
    PlannedPicture { shows, posted, again }
}

fn worker(chance: &Chance, calm: Time) -> PlannedWorker {
    let concurrency = NonZeroU32::MIN.saturating_add(u32::try_from(chance.below(4)).unwrap_or(0));
    let second = chance.pick(&[1.0, 1.0, 1.0, 0.5, 1.5, 4.0]);
    PlannedWorker { concurrency, second, ends: ends(chance, calm) }
}

fn ends(chance: &Chance, calm: Time) -> Vec<End> {
    let count = chance.pick(&[0, 0, 1, 1, 2, 4]);
    let mut at: Vec<Time> = (0..count).map(|_| chance.time(Time::ZERO..calm)).collect();
    at.sort_unstable();
    at.into_iter()
        .map(|at| End {
            at,
            manner: chance.pick(&[Manner::Crash, Manner::Crash, Manner::Stop]),
            away: chance.time(Duration::ZERO..Duration::from_secs(chance.pick(&[1, 20, 90]))),
        })
        .collect()
}

fn spell(chance: &Chance, calm: Time, actors: &[Actor]) -> Spell {
    let from = chance.time(Time::ZERO..calm);
    let longest = chance.pick(&[Duration::from_secs(5), Duration::from_mins(1), Duration::from_mins(5)]);
    let until = (from + chance.time(Duration::ZERO..longest)).min(calm);
    Spell { from, until, trouble: trouble(chance, actors) }
}

fn trouble(chance: &Chance, actors: &[Actor]) -> Trouble {
    let often = chance.pick(&[5, 30, 100]);
    let long = Duration::from_secs(chance.pick(&[1, 9, 20, 80]));
    match chance.below(19) {
        0 => Trouble::QueueAway,
        1 => Trouble::MessagesDropped(often),
        2 => Trouble::MessagesDoubled(often),
        3 => Trouble::PublishingSlow(long),
        4 => Trouble::MessagesMixed,
        5 => Trouble::PublishesUnknown(often),
        6 => Trouble::StoreAway,
        7 => Trouble::StatementsLost(often),
        8 => Trouble::AnswersLost(often),
        9 => Trouble::StatementsLate(often),
        10 => Trouble::StoreSlow(long),
        11 | 12 => Trouble::RecogniserAway(chance.pick(&[Absence::Refused, Absence::Cut, Absence::Silent])),
        13 => Trouble::RecogniserBusy(often),
        14 => Trouble::RecogniserUnready,
        15 => Trouble::RecogniserFails(often, chance.pick(&[Blame::Attempt, Blame::Loss, Blame::Outage])),
        16 => Trouble::RecogniserHangs(often),
        17 => Trouble::RecogniserSlow(long),
        _ => Trouble::Frozen(chance.pick(actors)),
    }
}
