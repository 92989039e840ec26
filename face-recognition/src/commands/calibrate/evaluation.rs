//! The searches for all photos, what they found, and the thresholds that follow.

use std::collections::BTreeSet;

use identification::{
    Thresholds,
    calibration::{Grid, Probe, Rates, Recommendation, Standing, Trials, WantedRate},
};
use thiserror::Error;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{album::Shown, looking::Seen, percent};
use crate::calibration::{Calibration, FORMAT, Measured, MeasuredRates};

/// Photos that are nearest to a wrong person, as many as somebody looks at.
const MISTAKES: usize = 5;

/// Why there are no figures, or none that are to be kept.
#[derive(Debug, Clone, PartialEq, Error)]
pub(super) enum NotMeasured {
    #[error("2 people with usable photos are needed at least, each in a folder of their own; here is {0}")]
    TooFewPeople(usize),
    #[error("nobody has two usable photos: how often known people are missed cannot be measured")]
    NobodyTwice,
    #[error("no distance between the photos is a number")]
    NoDistance,
    #[error(
        "no threshold keeps the rate: a photo of a stranger is as near to a known one as if it were the same"
    )]
    NoThreshold,
    #[error(
        "not written: accept {accept} names more than the model pack's {of_pack}, and {probes} searches for strangers are too \
         few to show {wanted}; add photos of strangers until there are {needed}, or choose a rate with --rate"
    )]
    NotShown { accept: f32, of_pack: f32, probes: u32, wanted: String, needed: u32 },
}

/// A photo that is near to somebody whom it does not show.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mistake {
    pub(super) photo: String,
    pub(super) person: String,
    pub(super) distance: f32,
}

/// Everything that was measured.
#[derive(Debug, Clone)]
pub(super) struct Evaluation {
    pub(super) model_id: String,
    pub(super) wanted: WantedRate,
    pub(super) people: usize,
    pub(super) photos: usize,
    pub(super) strangers: usize,
    pub(super) of_pack: Thresholds,
    pub(super) trials: Trials<usize>,
    pub(super) grid: Grid,
    /// `None` when no threshold keeps the rate.
    pub(super) recommendation: Option<Recommendation>,
    /// The nearest first.
    pub(super) mistakes: Vec<Mistake>,
}

impl Evaluation {
    /// Searches for all photos under the margin of the model pack. `people` are the names, by number.
    pub(super) fn of(
        people: &[String],
        seen: &[Seen],
        model_id: String,
        of_pack: Thresholds,
        wanted: WantedRate,
    ) -> Result<Self, NotMeasured> {
        let (known, owners): (Vec<&Seen>, Vec<usize>) = seen
            .iter()
            .filter_map(|seen| match seen.shows {
                Shown::Person(person) => Some((seen, person)),
                Shown::Stranger => None,
            })
            .unzip();
        let strangers: Vec<&Seen> = seen.iter().filter(|seen| seen.shows == Shown::Stranger).collect();
        let with_photos = owners.iter().collect::<BTreeSet<_>>().len();
        if with_photos < 2 {
            return Err(NotMeasured::TooFewPeople(with_photos));
        }
        if with_photos == owners.len() {
            return Err(NotMeasured::NobodyTwice);
        }
        let photo = |probe| match probe {
            Probe::Known(number) => known[number],
            Probe::Stranger(number) => strangers[number],
        };
        let distance = |probe, number: usize| photo(probe).face.distance(&known[number].face);
        let trials = Trials::run(&owners, strangers.len(), of_pack.margin, distance);
        let (nearest, farthest) = trials.extent().ok_or(NotMeasured::NoDistance)?;
        let grid = Grid::over(nearest, farthest);
        Ok(Self {
            model_id,
            wanted,
            people: with_photos,
            photos: known.len(),
            strangers: strangers.len(),
            of_pack,
            recommendation: Recommendation::of(&trials, grid, wanted),
            mistakes: mistakes(&trials, |probe| photo(probe).path.clone(), people),
            trials,
            grid,
        })
    }

    /// Searches for people who were not to be found.
    pub(super) fn non_mated(&self) -> u32 {
        self.trials.rates(0.0).falsely_named.of
    }

    /// Whether there are enough of these for the wanted rate.
    pub(super) fn shows_wanted_rate(&self) -> bool {
        self.non_mated() >= self.wanted.probes_needed()
    }

    /// What is to be kept. Few photos may make the service stricter, and not laxer.
    pub(super) fn calibration(&self) -> Result<Calibration, NotMeasured> {
        let recommendation = self.recommendation.ok_or(NotMeasured::NoThreshold)?;
        let Recommendation { thresholds, at_accept, at_unknown } = recommendation;
        if thresholds.accept > self.of_pack.accept && !self.shows_wanted_rate() {
            return Err(NotMeasured::NotShown {
                accept: thresholds.accept,
                of_pack: self.of_pack.accept,
                probes: self.non_mated(),
                wanted: percent::wanted(self.wanted),
                needed: self.wanted.probes_needed(),
            });
        }
        Ok(Calibration {
            format: FORMAT,
            model_id: self.model_id.clone(),
            date: now(),
            thresholds,
            measured: Measured {
                wanted_rate: self.wanted.rate(),
                people: self.people,
                photos: self.photos,
                strangers: self.strangers,
                mated_probes: at_accept.missed.of,
                non_mated_probes: at_accept.falsely_named.of,
                at_accept: measured(at_accept),
                at_unknown: measured(at_unknown),
            },
        })
    }
}

/// Each photo once.
fn mistakes(trials: &Trials<usize>, path: impl Fn(Probe) -> String, people: &[String]) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = trials
        .trials
        .iter()
        // Whoever is found instead of the right person is found without that person, too.
        .filter(|trial| trial.shows.is_none())
        .filter_map(|trial| Some((trial.probe, trial.nearest?)))
        .filter(|(_, nearest)| nearest.standing == Standing::Alone)
        .map(|(probe, nearest)| Mistake {
            photo: path(probe),
            person: people[nearest.person].clone(),
            distance: nearest.distance,
        })
        .collect();
    mistakes.sort_by(|one, other| one.distance.total_cmp(&other.distance));
    mistakes.truncate(MISTAKES);
    mistakes
}

fn measured(Rates { falsely_named, missed, misnamed }: Rates) -> MeasuredRates {
    MeasuredRates { falsely_named: falsely_named.rate(), missed: missed.rate(), misnamed: misnamed.rate() }
}

#[expect(
    clippy::disallowed_methods,
    reason = "it tells a person when they calibrated; no database is asked here"
)]
fn now() -> toml::value::Datetime {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let text = now.format(&Rfc3339).expect("the year of the clock has four digits");
    text.parse().expect("TOML has the dates of RFC 3339")
}

#[cfg(test)]
pub(super) mod tests;
