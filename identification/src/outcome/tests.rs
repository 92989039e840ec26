//! Decisions by table, with the thresholds of dlib's model.

use proptest::prelude::*;

use super::*;
use crate::{Neighbour, Owner, candidates};

const DLIB: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };

fn owner_of(photo: &str) -> Option<Owner<&'static str>> {
    match photo {
        "obama_1.jpg" | "obama_2.jpg" => Some(Owner { person: "Obama", photos: 2 }),
        "biden.jpg" => Some(Owner { person: "Biden", photos: 1 }),
        "merkel.jpg" => Some(Owner { person: "Merkel", photos: 1 }),
        _ => None,
    }
}

type Name = &'static str;

fn near(nearest: &[(&str, f32)]) -> Vec<Candidate<Name>> {
    let nearest: Vec<Neighbour> = nearest
        .iter()
        .map(|(photo, distance)| Neighbour { photo: (*photo).to_owned(), distance: *distance })
        .collect();
    candidates(&nearest, owner_of)
}

fn decide_seen(nearest: &[(&str, f32)], quality: Quality) -> FaceDecision<Name> {
    decide_face(&near(nearest), &Said::nothing(), DLIB, quality)
}

fn decide(nearest: &[(&str, f32)]) -> FaceDecision<Name> {
    decide_seen(nearest, Quality::Sufficient)
}

fn said(is: Option<Name>, is_not: &[Name]) -> Said<Name> {
    Said { is, is_not: is_not.iter().copied().collect() }
}

#[test]
fn distances_and_people_decide_the_outcome() {
    type Case = (&'static str, &'static [(&'static str, f32)], Outcome);
    let table: [Case; 14] = [
        ("an empty gallery", &[], Outcome::Unknown),
        ("surely near", &[("biden.jpg", 0.30), ("merkel.jpg", 0.80)], Outcome::Identified),
        ("just below accept", &[("biden.jpg", 0.549)], Outcome::Identified),
        ("at accept", &[("biden.jpg", 0.55)], Outcome::Ambiguous),
        ("just below unknown", &[("biden.jpg", 0.599)], Outcome::Ambiguous),
        ("at unknown", &[("biden.jpg", 0.60)], Outcome::Unknown),
        (
            "another person within the margin",
            &[("biden.jpg", 0.40), ("merkel.jpg", 0.44)],
            Outcome::Ambiguous,
        ),
        (
            "another person outside the margin",
            &[("biden.jpg", 0.40), ("merkel.jpg", 0.46)],
            Outcome::Identified,
        ),
        (
            "the same person within the margin",
            &[("obama_1.jpg", 0.40), ("obama_2.jpg", 0.41)],
            Outcome::Identified,
        ),
        ("both photos below accept", &[("obama_1.jpg", 0.54), ("obama_2.jpg", 0.545)], Outcome::Identified),
        (
            "one of two photos below accept, the other one far away",
            &[("obama_1.jpg", 0.54), ("obama_2.jpg", 0.80)],
            Outcome::Ambiguous,
        ),
        (
            "one of two photos below accept, the other one not told",
            &[("obama_1.jpg", 0.54)],
            Outcome::Ambiguous,
        ),
        ("a distance that is no number", &[("biden.jpg", f32::NAN)], Outcome::Unknown),
        ("a photo of nobody", &[("stranger.jpg", 0.10)], Outcome::Unknown),
    ];
    for (case, nearest, outcome) in table {
        assert_eq!(decide(nearest).outcome, outcome, "{case}");
    }
}

#[test]
fn the_runner_up_is_the_best_of_another_person() {
    let face = decide(&[("obama_2.jpg", 0.35), ("biden.jpg", 0.70), ("obama_1.jpg", 0.30)]);

    assert_eq!(face.best.map(|best| best.photo), Some("obama_1.jpg".to_owned()));
    assert_eq!(face.runner_up.map(|second| second.person), Some("Biden"));
}

#[test]
fn a_face_that_is_seen_badly_is_not_decided_and_tells_what_it_would_have_been() {
    for nearest in [
        &[("biden.jpg", 0.10), ("merkel.jpg", 0.70)][..],
        &[("biden.jpg", 0.40), ("merkel.jpg", 0.41)],
        &[("biden.jpg", 0.90)],
        &[],
    ] {
        let face = decide_seen(nearest, Quality::Insufficient);

        assert_eq!(face.outcome, Outcome::LowQuality, "{nearest:?}");
        let seen_well = decide(nearest);
        assert_eq!((face.best, face.runner_up), (seen_well.best, seen_well.runner_up), "{nearest:?}");
    }
}

#[test]
fn nobody_is_named_under_thresholds_that_are_no_numbers() {
    let nearest = near(&[("biden.jpg", 0.1)]);
    let thresholds = Thresholds { accept: f32::NAN, unknown: f32::NAN, margin: f32::NAN };

    let face = decide_face(&nearest, &Said::nothing(), thresholds, Quality::Sufficient);

    assert_eq!(face.outcome, Outcome::Unknown);
}

#[test]
fn what_people_said_decides_the_outcome() {
    type Case = (&'static str, Said<Name>, Outcome, Option<Name>, Option<Name>);
    let nearest = near(&[("biden.jpg", 0.40), ("merkel.jpg", 0.42), ("obama_1.jpg", 0.50)]);
    let table: [Case; 7] = [
        ("nothing", Said::nothing(), Outcome::Ambiguous, Some("Biden"), Some("Merkel")),
        (
            "the second of two near ones is ruled out",
            said(None, &["Merkel"]),
            Outcome::Identified,
            Some("Biden"),
            Some("Obama"),
        ),
        (
            "the nearest is ruled out",
            said(None, &["Biden"]),
            Outcome::Identified,
            Some("Merkel"),
            Some("Obama"),
        ),
        ("all are ruled out", said(None, &["Biden", "Merkel", "Obama"]), Outcome::Unknown, None, None),
        (
            "somebody who is not the nearest is named",
            said(Some("Merkel"), &[]),
            Outcome::Identified,
            Some("Merkel"),
            Some("Biden"),
        ),
        (
            "somebody is named and another one ruled out",
            said(Some("Merkel"), &["Biden"]),
            Outcome::Identified,
            Some("Merkel"),
            Some("Obama"),
        ),
        (
            "somebody is named whom no photo is near to",
            said(Some("Ann"), &[]),
            Outcome::Identified,
            Some("Ann"),
            Some("Biden"),
        ),
    ];
    for (case, said, outcome, person, runner_up) in table {
        for quality in [Quality::Sufficient, Quality::Insufficient] {
            let face = decide_face(&nearest, &said, DLIB, quality);

            let seen_badly = quality == Quality::Insufficient && said.is.is_none();
            let outcome = if seen_badly { Outcome::LowQuality } else { outcome };
            assert_eq!((face.outcome, face.named), (outcome, said.is), "{case}, {quality:?}");
            assert_eq!(face.person(), person, "{case}, {quality:?}");
            assert_eq!(face.runner_up.map(|second| second.person), runner_up, "{case}, {quality:?}");
        }
    }
}

#[test]
fn whom_a_person_named_is_told_with_the_distance_if_there_is_one() {
    let nearest = near(&[("biden.jpg", 0.40), ("merkel.jpg", 0.75)]);
    let best = |name| decide_face(&nearest, &said(Some(name), &[]), DLIB, Quality::Sufficient).best;

    assert_eq!(best("Merkel").map(|best| (best.photo, best.distance)), Some(("merkel.jpg".to_owned(), 0.75)));
    assert_eq!(best("Ann"), None);
}

proptest! {
    #[test]
    fn the_order_of_the_neighbours_does_not_matter(distances in prop::array::uniform3(0.0_f32..1.2)) {
        let [a, b, c] = distances;
        let one = decide(&[("obama_1.jpg", a), ("obama_2.jpg", b), ("biden.jpg", c)]);
        let other = decide(&[("biden.jpg", c), ("obama_2.jpg", b), ("obama_1.jpg", a)]);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn whom_people_ruled_out_is_neither_named_nor_told(
        distances in prop::array::uniform3(0.0_f32..1.2),
        ruled_out in prop::collection::btree_set(prop::sample::select(vec!["Obama", "Biden", "Merkel"]), 0..=3),
    ) {
        let [a, b, c] = distances;
        let nearest = near(&[("obama_1.jpg", a), ("biden.jpg", b), ("merkel.jpg", c)]);
        let said = Said { is: None, is_not: ruled_out };

        let face = decide_face(&nearest, &said, DLIB, Quality::Sufficient);

        let told = [face.person(), face.runner_up.map(|second| second.person)];
        prop_assert!(told.into_iter().flatten().all(|person| said.admits(&person)), "{told:?}");
    }

    #[test]
    fn nobody_is_identified_at_or_above_the_accept_threshold(distance in 0.55_f32..2.0) {
        prop_assert_ne!(decide(&[("biden.jpg", distance)]).outcome, Outcome::Identified);
    }
}
