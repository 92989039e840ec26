//! The recommended thresholds by table, and that they keep what they promise on the photos that they are made from.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::calibration::{Nearest, Probe, Standing, Trial};

const MARGIN: f32 = 0.05;

/// Non-mated searches that found these distances, and mated ones that found the right person at those.
fn trials(non_mated: &[(f32, Standing)], mated: &[f32]) -> Trials<u8> {
    let trial = |number, shows, distance, standing| Trial {
        probe: Probe::Known(number),
        shows,
        nearest: Some(Nearest { person: 0, distance, standing }),
    };
    let strangers = non_mated
        .iter()
        .enumerate()
        .map(|(number, (found, standing))| trial(number, None, *found, *standing));
    let known =
        mated.iter().enumerate().map(|(number, found)| trial(number, Some(0), *found, Standing::Alone));
    Trials { trials: strangers.chain(known).collect(), margin: MARGIN }
}

fn alone(distances: &[f32]) -> Vec<(f32, Standing)> {
    distances.iter().map(|distance| (*distance, Standing::Alone)).collect()
}

fn wanted(rate: f64) -> WantedRate {
    WantedRate::new(rate).expect("a rate that can be wanted")
}

fn recommended(trials: &Trials<u8>, rate: f64) -> Option<Recommendation> {
    let (nearest, farthest) = trials.extent().expect("something was found");
    Recommendation::of(trials, Grid::over(nearest, farthest), wanted(rate))
}

#[test]
fn the_thresholds_lie_just_below_the_first_stranger_who_is_one_too_many() {
    let strangers: Vec<f32> = (0..20_u8).map(|number| 0.605 + 0.02 * f32::from(number)).collect();
    let table = [
        // None of 20, one of 20, three of 20; and five times as many.
        (0.01, 0.60, 0.62),
        (0.05, 0.62, 0.70),
        (0.15, 0.66, 0.90),
    ];
    for (rate, accept, unknown) in table {
        let found = recommended(&trials(&alone(&strangers), &[0.3]), rate).expect("a recommendation");
        assert_eq!(found.thresholds, Thresholds { accept, unknown, margin: MARGIN }, "for {rate}");
    }
}

#[test]
fn what_happens_under_both_thresholds_is_told() {
    let found = recommended(&trials(&alone(&[0.605, 0.705]), &[0.3, 0.65]), 0.1).expect("a recommendation");

    assert_eq!(found.thresholds, Thresholds { accept: 0.6, unknown: 0.7, margin: MARGIN });
    assert_eq!(found.at_accept.falsely_named, Share { part: 0, of: 2 });
    assert_eq!(found.at_accept.missed, Share { part: 1, of: 2 });
    assert_eq!(found.at_unknown.falsely_named, Share { part: 1, of: 2 });
    assert_eq!(found.at_unknown.missed, Share { part: 0, of: 2 });
}

#[test]
fn where_no_stranger_can_be_named_the_thresholds_end_where_the_measurements_do() {
    let found =
        recommended(&trials(&[(0.605, Standing::Contested)], &[0.3]), 0.01).expect("a recommendation");

    assert_eq!((found.thresholds.accept, found.thresholds.unknown), (0.61, 0.61));
}

#[test]
fn a_stranger_who_is_no_distance_away_leaves_no_threshold() {
    assert_eq!(recommended(&trials(&alone(&[0.0, 0.8]), &[0.3]), 0.01), None);
}

#[test]
fn rates_that_can_be_wanted_end_where_five_times_as_many_are_all() {
    let can_be = [1e-6, 0.01, 0.2].map(|rate| WantedRate::new(rate).is_some());
    let cannot_be = [0.0, -0.01, 0.21, f64::NAN, f64::INFINITY].map(|rate| WantedRate::new(rate).is_some());

    assert_eq!((can_be, cannot_be), ([true; 3], [false; 5]));
}

#[test]
fn three_by_the_rate_are_the_probes_that_it_needs() {
    for (rate, probes) in [(0.2, 15), (0.07, 43), (0.03, 100), (0.01, 300), (0.001, 3_000), (1e-12, u32::MAX)]
    {
        assert_eq!(wanted(rate).probes_needed(), probes, "{rate}");
    }
}

proptest! {
    #[test]
    fn the_wanted_rate_is_kept_and_the_next_threshold_would_not_keep_it(
        strangers in vec((0.01_f32..1.5, any::<bool>()), 1..60),
        known in vec(0.01_f32..1.5, 0..20),
        rate in 0.001_f64..=0.2,
    ) {
        let standing = |contested| if contested { Standing::Contested } else { Standing::Alone };
        let strangers: Vec<_> =
            strangers.into_iter().map(|(found, contested)| (found, standing(contested))).collect();
        let trials = trials(&strangers, &known);
        let (nearest, farthest) = trials.extent().expect("something was found");
        let grid = Grid::over(nearest, farthest);

        // Below one step of the grid there may be nothing to recommend.
        let Some(found) = Recommendation::of(&trials, grid, wanted(rate)) else {
            prop_assert!(nearest < 0.01);
            return Ok(());
        };

        let Thresholds { accept, unknown, .. } = found.thresholds;
        prop_assert!(0.0 < accept && accept <= unknown);
        for (threshold, told, allowed) in
            [(accept, found.at_accept, rate), (unknown, found.at_unknown, 5.0 * rate)]
        {
            prop_assert_eq!(told, trials.rates(threshold));
            prop_assert!(told.falsely_named.rate() <= allowed);
            let next = grid.thresholds().find(|next| *next > threshold);
            prop_assert!(next.is_none_or(|next| trials.rates(next).falsely_named.rate() > allowed));
        }
    }
}
