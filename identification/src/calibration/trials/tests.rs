//! Searches by table, and against galleries that are really made without what is left out.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{Neighbour, Outcome, Owner, Quality, Said, Thresholds, candidates, decide_face};

const MARGIN: f32 = 0.05;

/// A photo as a point on a line.
#[derive(Debug, Clone)]
struct Album {
    owners: Vec<u8>,
    known: Vec<f32>,
    strangers: Vec<f32>,
}

impl Album {
    fn new(known: &[(u8, f32)], strangers: &[f32]) -> Self {
        let (owners, known) = known.iter().copied().unzip();
        Self { owners, known, strangers: strangers.to_vec() }
    }

    fn distance(&self, probe: Probe, photo: usize) -> f32 {
        let place = match probe {
            Probe::Known(number) => self.known[number],
            Probe::Stranger(number) => self.strangers[number],
        };
        (place - self.known[photo]).abs()
    }

    fn trials(&self, margin: f32) -> Trials<u8> {
        Trials::run(&self.owners, self.strangers.len(), margin, |probe, photo| self.distance(probe, photo))
    }

    /// Decided in a gallery that has only the photos that `is_in` it, without the machinery above.
    fn decided(
        &self,
        probe: Probe,
        is_in: impl Fn(usize) -> bool,
        accept: f32,
        margin: f32,
    ) -> (Outcome, Option<u8>) {
        let photos: Vec<usize> = (0..self.known.len()).filter(|photo| is_in(*photo)).collect();
        let neighbours: Vec<Neighbour> = photos
            .iter()
            .map(|photo| Neighbour { photo: photo.to_string(), distance: self.distance(probe, *photo) })
            .collect();
        let owner_of = |photo: &str| {
            let person = self.owners[photo.parse::<usize>().expect("a number")];
            let count = photos.iter().filter(|photo| self.owners[**photo] == person).count();
            Some(Owner { person, photos: u32::try_from(count).expect("a few") })
        };
        let thresholds = Thresholds { accept, unknown: accept, margin };
        let near = candidates(&neighbours, owner_of);
        let decision = decide_face(&near, &Said::nothing(), thresholds, Quality::Sufficient);
        (decision.outcome, decision.best.map(|best| best.person))
    }
}

fn albums() -> impl Strategy<Value = Album> {
    let place = || (0_u16..400).prop_map(|hundredths| f32::from(hundredths) / 100.0);
    (vec((0_u8..5, place()), 0..12), vec(place(), 0..6))
        .prop_map(|(known, strangers)| Album::new(&known, &strangers))
}

fn share(part: u32, of: u32) -> Share {
    Share { part, of }
}

#[test]
fn who_has_one_photo_is_searched_for_as_a_stranger_only() {
    let trials = Album::new(&[(0, 0.0), (0, 0.25), (1, 2.0)], &[4.0]).trials(MARGIN);

    let probes: Vec<(Probe, Option<u8>)> =
        trials.trials.iter().map(|trial| (trial.probe, trial.shows)).collect();
    let (known, stranger) = (Probe::Known, Probe::Stranger(0));
    let expected = [
        (known(0), Some(0)),
        (known(0), None),
        (known(1), Some(0)),
        (known(1), None),
        (known(2), None),
        (stranger, None),
    ];
    assert_eq!(probes, expected);
    assert_eq!((trials.mated().count(), trials.non_mated().count()), (2, 4));
    assert_eq!(trials.extent(), Some((0.25, 2.0_f32.max(trials.trials[5].nearest.expect("found").distance))));
}

#[test]
fn the_threshold_decides_who_is_missed_and_who_is_named() {
    // The photos of 0 find each other; the first one of 2 is nearer to 0 than to the other one of 2.
    let album = Album::new(&[(0, 0.0), (0, 0.25), (2, 0.75), (2, 3.0)], &[3.5]);
    let trials = album.trials(MARGIN);
    let table = [
        (0.2, share(0, 5), share(4, 4), share(0, 4)),
        (0.3, share(0, 5), share(2, 4), share(0, 4)),
        (0.6, share(3, 5), share(2, 4), share(1, 4)),
        (9.0, share(5, 5), share(1, 4), share(1, 4)),
    ];
    for (accept, falsely_named, missed, misnamed) in table {
        assert_eq!(trials.rates(accept), Rates { falsely_named, missed, misnamed }, "at {accept}");
    }
}

#[test]
fn a_second_person_within_the_margin_keeps_the_probe_from_every_name() {
    let trials = Album::new(&[(0, 1.0), (1, 1.5)], &[1.26]).trials(0.05);

    let stranger = trials.trials.last().expect("the stranger is last");
    assert_eq!(stranger.nearest.map(|nearest| nearest.standing), Some(Standing::Contested));
    assert_eq!(stranger.named(f32::INFINITY), None);
}

#[test]
fn nobody_is_named_at_the_threshold_itself() {
    let trials = Album::new(&[(0, 1.0)], &[1.5]).trials(MARGIN);

    let stranger = trials.trials.last().expect("the stranger is last");
    assert_eq!((stranger.named(0.5), stranger.named(0.501)), (None, Some(0)));
}

#[test]
fn with_nobody_to_find_nobody_is_named() {
    let trials = Album::new(&[(0, 1.0)], &[]).trials(MARGIN);

    assert_eq!(trials.trials.len(), 1);
    assert_eq!((trials.trials[0].nearest, trials.extent()), (None, None));
    assert_eq!(trials.rates(f32::INFINITY).falsely_named, share(0, 1));
}

#[test]
fn a_distance_that_is_no_number_is_near_to_nobody() {
    let trials = Trials::run(&[0, 1], 1, MARGIN, |_, photo| if photo == 0 { f32::NAN } else { 0.5 });

    let found: Vec<Option<u8>> = trials.trials.iter().map(|trial| trial.named(1.0)).collect();
    assert_eq!(found, [Some(1), None, Some(1)]);
}

proptest! {
    #[test]
    fn a_search_finds_what_a_gallery_without_the_left_out_photos_has(
        album in albums(), accept in 0.0_f32..4.0, margin in 0.0_f32..0.5,
    ) {
        for trial in album.trials(margin).trials {
            let (outcome, best) = match (trial.probe, trial.shows) {
                (Probe::Known(number), Some(_)) => {
                    album.decided(trial.probe, |photo| photo != number, accept, margin)
                }
                (Probe::Known(number), None) => {
                    let person = album.owners[number];
                    album.decided(trial.probe, |photo| album.owners[photo] != person, accept, margin)
                }
                (Probe::Stranger(_), _) => album.decided(trial.probe, |_| true, accept, margin),
            };
            let named = best.filter(|_| outcome == Outcome::Identified);
            prop_assert_eq!(trial.nearest.map(|nearest| nearest.person), best);
            prop_assert_eq!(trial.named(accept), named);
        }
    }

    #[test]
    fn a_higher_threshold_names_more_strangers_and_misses_fewer_known_people(
        album in albums(), a in 0.0_f32..4.0, b in 0.0_f32..4.0, margin in 0.0_f32..0.5,
    ) {
        let trials = album.trials(margin);
        let (low, high) = (trials.rates(a.min(b)), trials.rates(a.max(b)));

        prop_assert!(low.falsely_named.part <= high.falsely_named.part);
        prop_assert!(low.misnamed.part <= high.misnamed.part);
        prop_assert!(low.missed.part >= high.missed.part);
        prop_assert!(high.misnamed.part <= high.missed.part);
    }

    #[test]
    fn a_wider_margin_names_nobody_more(
        album in albums(), accept in 0.0_f32..4.0, a in 0.0_f32..0.5, b in 0.0_f32..0.5,
    ) {
        let (narrow, wide) = (album.trials(a.min(b)).rates(accept), album.trials(a.max(b)).rates(accept));

        prop_assert!(wide.falsely_named.part <= narrow.falsely_named.part);
        prop_assert!(wide.misnamed.part <= narrow.misnamed.part);
        prop_assert!(wide.missed.part >= narrow.missed.part);
    }
}
