use proptest::prelude::*;

use super::*;

const OVERLAP: Overlap = Overlap { iou: 0.4, cover: 0.9 };

fn square(left: f64, top: f64, side: f64, score: f32) -> Candidate {
    Candidate { area: Area { left, top, right: left + side, bottom: top + side }, score, landmarks: None }
}

fn scores(candidates: Vec<Candidate>) -> Vec<f32> {
    suppress(candidates, OVERLAP).iter().map(|candidate| candidate.score).collect()
}

#[test]
fn of_boxes_around_one_face_the_best_is_kept() {
    let cases = [
        (square(10.0, 0.0, 100.0, 0.9), vec![1.0], "nearly the same place"),
        (square(45.0, 0.0, 100.0, 0.9), vec![1.0, 0.9], "less than 40 % in common"),
        (square(30.0, 30.0, 20.0, 0.9), vec![1.0], "a small one inside"),
        (square(85.0, 0.0, 20.0, 0.9), vec![1.0, 0.9], "a small one across the edge"),
        (square(200.0, 0.0, 100.0, 2.0), vec![2.0, 1.0], "elsewhere, and better"),
    ];
    for (other, expected, case) in cases {
        assert_eq!(scores(vec![square(0.0, 0.0, 100.0, 1.0), other]), expected, "{case}");
    }
}

#[test]
fn a_box_that_was_suppressed_suppresses_nothing() {
    let row =
        vec![square(0.0, 0.0, 100.0, 3.0), square(40.0, 0.0, 100.0, 2.0), square(80.0, 0.0, 100.0, 1.0)];
    assert_eq!(scores(row), [3.0, 1.0]);
}

#[test]
fn boxes_without_area_are_kept_apart() {
    assert_eq!(scores(vec![square(0.0, 0.0, 0.0, 2.0), square(0.0, 0.0, 0.0, 1.0)]), [2.0, 1.0]);
}

#[test]
fn of_more_faces_than_are_allowed_the_best_are_kept() {
    let row = (0..300_u16).map(|i| square(f64::from(i) * 100.0, 0.0, 100.0, f32::from(i))).collect();
    let kept = scores(row);
    assert_eq!((kept.len(), kept[0], kept[MOST_FACES - 1]), (MOST_FACES, 299.0, 44.0));
}

proptest! {
    #[test]
    fn the_order_of_candidates_does_not_matter(
        boxes in proptest::collection::vec((0_u8..200, 0_u8..200, 1_u8..80, 0_u8..5), 0..30),
    ) {
        let candidates: Vec<_> = boxes
            .iter()
            .map(|&(left, top, side, score)| square(left.into(), top.into(), side.into(), score.into()))
            .collect();
        let reversed = candidates.iter().rev().copied().collect();
        let kept = suppress(candidates, OVERLAP);
        prop_assert_eq!(&kept, &suppress(reversed, OVERLAP));
        prop_assert!(kept.is_sorted_by(|a, b| a.score >= b.score));
    }
}

#[test]
fn the_box_of_a_face_is_the_mean_of_all_around_it_by_their_scores() {
    let found = suppress(vec![square(0.0, 0.0, 10.0, 3.0), square(4.0, 0.0, 10.0, 1.0)], OVERLAP);

    let expected = Area { left: 1.0, top: 0.0, right: 11.0, bottom: 10.0 };
    assert_eq!(found, [Candidate { area: expected, score: 3.0, landmarks: None }]);
}

#[test]
fn a_box_that_was_made_for_the_face_stays_as_it_is() {
    let best = Candidate { landmarks: Some([Point::default(); 5]), ..square(0.0, 0.0, 10.0, 3.0) };

    let found = suppress(vec![best, square(4.0, 0.0, 10.0, 1.0)], OVERLAP);

    assert_eq!(found, [best]);
}
