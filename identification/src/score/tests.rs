//! The power mean by table, and what holds for any distances.

use proptest::{collection::vec, prelude::*};

use super::*;

/// What single precision may cost, relative to the value.
const PRECISION: f32 = 1e-6;

/// Those of embeddings, and a person's distances to begin with.
fn distances() -> impl Strategy<Value = Vec<f32>> {
    vec(0.05_f32..2.0, 1..24)
}

fn count(distances: &[f32]) -> u32 {
    u32::try_from(distances.len()).expect("a few")
}

/// The score of somebody all of whose distances are known.
fn of_all(distances: &[f32]) -> f32 {
    score(distances, count(distances)).expect("there are distances")
}

fn nearest(distances: &[f32]) -> f32 {
    distances.iter().copied().fold(f32::INFINITY, f32::min)
}

/// `(photos / known)^(1/16)`.
fn factor(photos: usize, known: usize) -> f32 {
    let ratio = |number| f32::from(u16::try_from(number).expect("a few"));
    (ratio(photos) / ratio(known)).powf(1.0 / 16.0)
}

#[test]
fn distances_and_photos_give_a_distance_to_the_person() {
    let table: [(&str, &[f32], u32, Option<f32>); 11] = [
        ("no photo", &[], 0, None),
        ("no distance", &[], 3, None),
        ("one photo", &[0.4], 1, Some(0.4)),
        ("two photos alike", &[0.4, 0.4], 2, Some(0.4)),
        ("a second photo far away", &[0.4, 4.0], 2, Some(0.417_71)),
        ("a second photo not known", &[0.4], 2, Some(0.417_71)),
        ("a second photo whose distance is no number", &[0.4, f32::NAN], 2, Some(0.417_71)),
        ("no number at all", &[f32::NAN, f32::INFINITY], 2, None),
        ("fewer photos than distances", &[0.4, 0.4, 0.4], 0, Some(0.4)),
        ("the photo itself", &[0.5, 0.0], 2, Some(0.0)),
        ("19 photos not known", &[0.4], 20, Some(0.482_36)),
    ];
    for (case, known, photos, expected) in table {
        let score = score(known, photos);
        let near = match (score, expected) {
            (Some(score), Some(expected)) => (score - expected).abs() < 1e-5,
            (score, expected) => score == expected,
        };
        assert!(near, "{case}: {score:?} instead of {expected:?}");
    }
}

#[test]
fn the_smallest_and_the_largest_numbers_give_a_number() {
    for distance in [f32::from_bits(1), f32::MIN_POSITIVE, 1e-30, 1e30, f32::MAX] {
        let score = score(&[distance, f32::MAX], 1_000_000).expect("there are distances");
        assert!(score.is_finite() && score >= distance, "{distance:e}: {score:e}");
    }
}

proptest! {
    #[test]
    fn one_photo_is_as_far_as_it_is(distance in 0.0_f32..10.0) {
        prop_assert_eq!(score(&[distance], 1), Some(distance));
    }

    #[test]
    fn it_lies_between_the_nearest_and_its_multiple(known in distances(), others in 0_u32..40) {
        let photos = count(&known) + others;
        let score = score(&known, photos).expect("there are distances");
        let nearest = nearest(&known);
        let farthest = nearest * factor(photos as usize, 1) * (1.0 + PRECISION);
        prop_assert!((nearest..=farthest).contains(&score), "{nearest} {score} {farthest}");
    }

    #[test]
    fn a_photo_that_is_farther_away_takes_the_person_farther_away(
        known in distances(),
        position in any::<prop::sample::Index>(),
        step in 0.0_f32..1.0,
    ) {
        let mut farther = known.clone();
        farther[position.index(known.len())] += step;
        prop_assert!(of_all(&farther) >= of_all(&known) * (1.0 - PRECISION));
    }

    #[test]
    fn the_order_of_the_photos_does_not_matter(
        (known, shuffled) in distances().prop_flat_map(|known| (Just(known.clone()), Just(known).prop_shuffle())),
    ) {
        prop_assert_eq!(of_all(&known).to_bits(), of_all(&shuffled).to_bits());
    }

    #[test]
    fn it_is_what_the_formula_says(known in distances()) {
        let sum: f64 = known.iter().map(|distance| f64::from(*distance).powi(-16)).sum();
        let formula = (sum / f64::from(count(&known))).powf(-1.0 / 16.0);
        let score = f64::from(of_all(&known));
        prop_assert!((score - formula).abs() <= formula * f64::from(PRECISION), "{score} {formula}");
    }

    #[test]
    fn photos_that_are_not_told_take_nobody_nearer_and_nobody_far(
        mut known in distances(),
        told in any::<prop::sample::Index>(),
    ) {
        known.sort_by(f32::total_cmp);
        let told = told.index(known.len()) + 1;
        let (all, some) = (of_all(&known), score(&known[..told], count(&known)).expect("one is told"));
        prop_assert!(some >= all * (1.0 - PRECISION), "{some} {all}");
        prop_assert!(some <= all * factor(known.len(), told) * (1.0 + PRECISION), "{some} {all}");
    }
}
