//! Several photos of a person, shown on SYNTHETIC embeddings: points that are drawn at random stand for faces, so the
//! figures say how the rules compare, and nothing of a real model.
//!
//! A threshold is calibrated on a gallery with one photo a person, so that one stranger in a hundred is named (the
//! false-positive identification rate). Then every tenth person has 20 photos, and other strangers come, and the known
//! people themselves. Ambiguity is left out: a face is named when the best person is below the threshold.

mod generator;
mod population;

use std::sync::LazyLock;

use identification::candidates;

use crate::{
    generator::Generator,
    population::{Embedding, Gallery, Person},
};

const SEED: u64 = 1;
const PEOPLE: usize = 500;
const STRANGERS: usize = 8_000;
const VISITS: usize = 4_000;
/// A threshold names one stranger in so many.
const ONE_STRANGER_IN: usize = 100;
const MANY: u32 = 20;

/// Every tenth person has.
fn has_many_photos(person: usize) -> bool {
    person.is_multiple_of(10)
}

/// Whom a rule finds nearest, and how near.
struct Found {
    person: usize,
    distance: f32,
}

/// How a person's distance comes about.
#[derive(Clone, Copy)]
enum Rule {
    NearestPhoto,
    PowerMean,
}

/// Under one rule and one gallery, whom the faces of strangers and of known people are nearest to.
struct Trial {
    strangers: Vec<Found>,
    /// Each with whom the face really shows.
    known: Vec<(usize, Found)>,
}

impl Rule {
    fn find(self, gallery: &Gallery, face: &Embedding) -> Found {
        let nearest = gallery.nearest(face);
        let candidates = candidates(&nearest, |photo| gallery.owner_of(photo));
        match self {
            Self::PowerMean => Found { person: candidates[0].person, distance: candidates[0].distance },
            Self::NearestPhoto => {
                let owner = gallery.owner_of(&nearest[0].photo).expect("every photo has one");
                Found { person: owner.person, distance: nearest[0].distance }
            }
        }
    }
}

impl Trial {
    fn run(rule: Rule, gallery: &Gallery, strangers: &[Embedding], known: &[(usize, Embedding)]) -> Self {
        Self {
            strangers: strangers.iter().map(|face| rule.find(gallery, face)).collect(),
            known: known.iter().map(|(person, face)| (*person, rule.find(gallery, face))).collect(),
        }
    }

    /// Under which threshold so few of the strangers are named.
    fn calibrated_threshold(&self) -> f32 {
        let mut distances: Vec<f32> = self.strangers.iter().map(|found| found.distance).collect();
        distances.sort_by(f32::total_cmp);
        distances[distances.len() / ONE_STRANGER_IN]
    }

    /// The share of strangers who are named.
    fn false_positive_rate(&self, threshold: f32) -> f64 {
        let named = self.strangers.iter().filter(|found| found.distance < threshold).count();
        share(named, self.strangers.len())
    }

    /// The share of known people who are not named, or by another name.
    fn miss_rate(&self, threshold: f32) -> f64 {
        self.miss_rate_among(threshold, |_| true)
    }

    /// The same of some of the people only.
    fn miss_rate_among(&self, threshold: f32, among: impl Fn(usize) -> bool) -> f64 {
        let of_these: Vec<_> = self.known.iter().filter(|(person, _)| among(*person)).collect();
        let named =
            of_these.iter().filter(|(person, found)| found.distance < threshold && found.person == *person);
        1.0 - share(named.count(), of_these.len())
    }
}

fn share(part: usize, of: usize) -> f64 {
    let number = |count: usize| f64::from(u32::try_from(count).expect("few"));
    number(part) / number(of)
}

/// What the tests look at.
struct Comparison {
    /// Calibrated on other strangers than those of the trials.
    threshold: f32,
    one_photo: Trial,
    nearest_photo: Trial,
    power_mean: Trial,
}

static COMPARISON: LazyLock<Comparison> = LazyLock::new(|| {
    let mut generator = Generator::new(SEED);
    let people: Vec<Person> = (0..PEOPLE).map(|_| Person::new(&mut generator)).collect();
    let mut strangers =
        || (0..STRANGERS).map(|_| Person::new(&mut generator).photo(&mut generator)).collect::<Vec<_>>();
    let (first, second) = (strangers(), strangers());
    let known: Vec<(usize, Embedding)> = (0..VISITS)
        .map(|_| {
            let person = generator.index(PEOPLE);
            (person, people[person].photo(&mut generator))
        })
        .collect();
    let plain = Gallery::of(&people, &mut generator);
    let mut mixed = plain.clone();
    for (number, person) in people.iter().enumerate().filter(|(number, _)| has_many_photos(*number)) {
        mixed.add_photos(number, person, MANY - 1, &mut generator);
    }
    Comparison {
        threshold: Trial::run(Rule::NearestPhoto, &plain, &first, &[]).calibrated_threshold(),
        one_photo: Trial::run(Rule::PowerMean, &plain, &second, &known),
        nearest_photo: Trial::run(Rule::NearestPhoto, &mixed, &second, &known),
        power_mean: Trial::run(Rule::PowerMean, &mixed, &second, &known),
    }
});

#[test]
fn by_the_nearest_photo_alone_strangers_are_named_more_often() {
    let Comparison { threshold, one_photo, nearest_photo, .. } = &*COMPARISON;

    let (before, after) =
        (one_photo.false_positive_rate(*threshold), nearest_photo.false_positive_rate(*threshold));

    assert!((0.007..0.013).contains(&before), "one photo each: {before}");
    assert!(after > 1.5 * before, "one photo each: {before}, many of some: {after}");
}

#[test]
fn by_the_power_mean_strangers_are_named_as_rarely_as_before() {
    let Comparison { threshold, one_photo, power_mean, .. } = &*COMPARISON;

    let (before, after) =
        (one_photo.false_positive_rate(*threshold), power_mean.false_positive_rate(*threshold));

    assert!((0.007..0.013).contains(&after), "one photo each: {before}, many of some: {after}");
}

#[test]
fn known_people_with_more_photos_are_missed_less_often() {
    let Comparison { threshold, one_photo, power_mean, .. } = &*COMPARISON;

    let (before, after) = (one_photo.miss_rate(*threshold), power_mean.miss_rate(*threshold));
    assert!(after < before, "one photo each: {before}, many of some: {after}");

    let (before, after) = (
        one_photo.miss_rate_among(*threshold, has_many_photos),
        power_mean.miss_rate_among(*threshold, has_many_photos),
    );
    assert!(after < before / 2.0, "of those with many: one photo each {before}, many {after}");
}

#[test]
fn where_both_name_one_stranger_in_a_hundred_the_power_mean_misses_fewer() {
    let Comparison { nearest_photo, power_mean, .. } = &*COMPARISON;
    let missed = |trial: &Trial| trial.miss_rate(trial.calibrated_threshold());

    let (nearest, mean) = (missed(nearest_photo), missed(power_mean));

    assert!(mean < nearest - 0.02, "nearest photo: {nearest}, power mean: {mean}");
}

#[test]
fn under_one_threshold_the_power_mean_misses_hardly_more_than_the_nearest_photo() {
    let Comparison { threshold, nearest_photo, power_mean, .. } = &*COMPARISON;

    let (nearest, mean) = (nearest_photo.miss_rate(*threshold), power_mean.miss_rate(*threshold));

    assert!(mean < nearest + 0.01, "nearest photo: {nearest}, power mean: {mean}");
}
