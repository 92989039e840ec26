//! Boxes by table, and what holds for any of them.

use proptest::{collection::vec, prelude::*};

use super::*;

fn square(left: i32, top: i32, side: u32) -> Bounds {
    Bounds { left, top, width: side, height: side }
}

#[test]
fn an_overlap_is_the_share_of_what_either_box_covers() {
    let table = [
        ("itself", square(0, 0, 10), 1.0),
        ("apart", square(20, 0, 10), 0.0),
        ("touching", square(10, 0, 10), 0.0),
        ("half of it beside", square(5, 0, 10), 1.0 / 3.0),
        ("within", Bounds { left: 0, top: 0, width: 5, height: 10 }, 0.5),
        ("a quarter", square(-5, -5, 10), 1.0 / 7.0),
        ("nothing", square(3, 3, 0), 0.0),
    ];
    for (case, other, share) in table {
        let (one, back) = (square(0, 0, 10).overlap(&other), other.overlap(&square(0, 0, 10)));
        assert!((one - share).abs() < 1e-12 && (back - share).abs() < 1e-12, "{case}: {one} and {back}");
    }
}

#[test]
fn the_largest_boxes_that_can_be_told_overlap_without_overflow() {
    let all = Bounds { left: i32::MIN, top: i32::MIN, width: u32::MAX, height: u32::MAX };

    assert!((all.overlap(&all) - 1.0).abs() < 1e-12);
    assert!(square(0, 0, 0).overlap(&square(0, 0, 0)) < 1e-12);
}

#[test]
fn a_box_that_shares_half_is_another_face() {
    let half = Bounds { left: 0, top: 0, width: 5, height: 10 };
    let more = Bounds { left: 0, top: 0, width: 6, height: 10 };

    assert_eq!(pair(&[half], &[square(0, 0, 10)]), [None]);
    assert_eq!(pair(&[more], &[square(0, 0, 10)]), [Some(0)]);
}

#[test]
fn the_pair_that_overlaps_most_comes_first() {
    let old = [square(0, 0, 100)];
    let new = [square(10, 0, 100), square(2, 0, 100)];

    assert_eq!(pair(&new, &old), [None, Some(0)]);
}

#[test]
fn equal_boxes_are_paired_in_their_order() {
    let one = square(0, 0, 10);

    assert_eq!(pair(&[one, one, one], &[one, one]), [Some(0), Some(1), None]);
}

fn boxes() -> impl Strategy<Value = Vec<Bounds>> {
    let bounds = (-20..60_i32, -20..60_i32, 0..40_u32, 0..40_u32)
        .prop_map(|(left, top, width, height)| Bounds { left, top, width, height });
    vec(bounds, 0..8)
}

proptest! {
    #[test]
    fn pairs_overlap_and_no_two_that_do_are_left_over(new in boxes(), old in boxes()) {
        let pairs = pair(&new, &old);

        prop_assert_eq!(pairs.len(), new.len());
        let mut taken: Vec<usize> = pairs.iter().copied().flatten().collect();
        for (number, partner) in pairs.iter().enumerate() {
            if let Some(partner) = partner {
                prop_assert!(new[number].overlap(&old[*partner]) > LEAST_SHARE);
            }
        }
        for (number, _) in pairs.iter().enumerate().filter(|(_, partner)| partner.is_none()) {
            for free in (0..old.len()).filter(|free| !taken.contains(free)) {
                prop_assert!(new[number].overlap(&old[free]) <= LEAST_SHARE);
            }
        }
        taken.sort_unstable();
        taken.dedup();
        prop_assert_eq!(taken.len(), pairs.iter().flatten().count(), "an old box is in one pair at most");
    }

    #[test]
    fn who_is_seen_again_at_the_same_places_is_found_again(mut old in boxes()) {
        old.retain(|bounds| bounds.area() > 0);
        old.dedup();
        let pairs = pair(&old, &old);

        for (number, partner) in pairs.into_iter().enumerate() {
            prop_assert_eq!(partner.map(|partner| old[partner]), Some(old[number]));
        }
    }

    #[test]
    fn an_overlap_is_a_share(boxes in boxes()) {
        for a in &boxes {
            for b in &boxes {
                let share = a.overlap(b);
                prop_assert!((0.0..=1.0).contains(&share), "{share}");
                prop_assert_eq!(share.to_bits(), b.overlap(a).to_bits());
            }
        }
    }
}
