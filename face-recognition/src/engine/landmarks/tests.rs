use proptest::prelude::*;

use super::*;

/// All landmarks in the middle of the box.
const MIDDLE: Shape = [0.5; 10];

/// One stage that asks one question: is the left half of the box brighter than the right half? Yes moves all
/// landmarks to the left edge, no to the right edge.
fn cascade() -> Cascade {
    let features = vec![Feature { anchor: 0, dx: -0.25, dy: 0.0 }, Feature { anchor: 4, dx: 0.25, dy: 0.0 }];
    let sideways = |x: f32| std::array::from_fn(|i| if i % 2 == 0 { x } else { 0.0 });
    let tree = Tree {
        splits: vec![Split { first: 0, second: 1, threshold: 10.0 }],
        leaves: vec![sideways(-0.5), sideways(0.5)],
    };
    // With all points in one place there is no turn to fit; they must be apart for the features to move.
    let mut mean = MIDDLE;
    (mean[2], mean[3], mean[6], mean[7]) = (0.4, 0.4, 0.6, 0.6);
    Cascade::new(mean, vec![Stage { features, trees: vec![tree] }]).expect("it is consistent")
}

/// 100 x 100 pixels; the left half has one value, the right half another.
fn halves(left: u8, right: u8) -> Picture {
    let row: Vec<u8> = (0..300).map(|i| if i < 150 { left } else { right }).collect();
    Picture::from_rgb(100, 100, row.repeat(100)).expect("100 x 100 pixels")
}

#[test]
fn trees_follow_the_differences_of_grey_values() {
    let bounds = Bounds { left: 0, top: 0, width: 101, height: 101 };
    for (left, right, expected) in [(200, 100, 0.0), (100, 200, 100.0), (100, 100, 100.0), (110, 100, 100.0)]
    {
        let [point, ..] = cascade().locate(&halves(left, right), bounds);
        assert!((point.x - expected).abs() < 1e-3, "{left} {right}: {point:?}");
        assert!((point.y - 50.0).abs() < 1e-3, "{left} {right}: {point:?}");
    }
}

#[test]
fn what_lies_outside_the_picture_is_black() {
    // The box's left half is outside, its right half sees the bright left half of the picture.
    let bounds = Bounds { left: -50, top: 0, width: 101, height: 101 };
    let [point, ..] = cascade().locate(&halves(200, 0), bounds);
    assert!((point.x - 50.0).abs() < 1e-3, "{point:?}");
}

#[test]
fn a_box_far_outside_the_picture_is_no_trouble() {
    let far = Bounds { left: i32::MIN / 2, top: i32::MAX / 2, width: 1, height: 0 };
    assert!(cascade().locate(&halves(1, 2), far).iter().all(|point| point.x.is_finite()));
}

#[test]
fn a_cascade_is_read_as_it_was_written() {
    assert_eq!(Cascade::from_bytes(&cascade().to_bytes()), Ok(cascade()));
}

#[test]
fn a_file_of_any_other_length_is_refused() {
    let bytes = cascade().to_bytes();
    for length in 0..bytes.len() {
        assert!(Cascade::from_bytes(&bytes[..length]).is_err(), "{length} of {} bytes", bytes.len());
    }
    let longer = [bytes.as_slice(), &[0; 4]].concat();
    assert_eq!(Cascade::from_bytes(&longer), Err(CascadeError::Length));
}

#[test]
fn a_header_that_claims_the_world_allocates_nothing() {
    let mut bytes = cascade().to_bytes();
    bytes[8..24].fill(0xff);
    assert_eq!(Cascade::from_bytes(&bytes), Err(CascadeError::Length));
}

#[test]
fn stages_of_nothing_cannot_be_claimed_by_the_billion() {
    // A stage without features and trees takes no bytes, so the length says nothing about how many there are.
    for [features, trees] in [[0_u32, 0], [0, 1], [1, 0]] {
        let header = [1, u32::MAX, features, trees, 0].map(u32::to_le_bytes).concat();
        let bytes = [b"RCLM".as_slice(), &header, &[0; 40]].concat();
        assert_eq!(
            Cascade::from_bytes(&bytes),
            Err(CascadeError::Empty),
            "{features} features, {trees} trees"
        );
    }
}

#[test]
fn another_version_is_not_guessed_at() {
    let mut bytes = cascade().to_bytes();
    bytes[4] = 2;
    assert_eq!(Cascade::from_bytes(&bytes), Err(CascadeError::Unknown));
}

type Change<'a> = &'a dyn Fn(&mut Vec<Stage>);

#[test]
fn a_cascade_that_contradicts_itself_is_refused() {
    let Cascade { mean, stages } = cascade();
    let changed = |change: Change| {
        let mut stages = stages.clone();
        change(&mut stages);
        Cascade::new(mean, stages)
    };
    let cases: [(Change, CascadeError, &str); 11] = [
        (&|stages| stages.clear(), CascadeError::Empty, "no stages"),
        (&|stages| stages[0].features.clear(), CascadeError::Empty, "no features"),
        (&|stages| stages[0].trees.clear(), CascadeError::Empty, "no trees"),
        (&|stages| stages[0].features[1].dy = f32::NAN, CascadeError::NotFinite, "a feature nowhere"),
        (
            &|stages| stages[0].trees[0].splits[0].threshold = f32::INFINITY,
            CascadeError::NotFinite,
            "no threshold",
        ),
        (&|stages| stages[0].trees[0].leaves[1][9] = f32::NAN, CascadeError::NotFinite, "a step to nowhere"),
        (&|stages| stages[0].trees[0].leaves.truncate(1), CascadeError::Uneven, "a leaf missing"),
        (&|stages| stages[0].trees[0].splits.clear(), CascadeError::Uneven, "a split missing"),
        (&|stages| stages[0].features[1].anchor = 5, CascadeError::Index, "a sixth landmark"),
        (&|stages| stages[0].trees[0].splits[0].second = 2, CascadeError::Index, "a third feature"),
        (
            &|stages| {
                stages[0].features.push(Feature { anchor: 0, dx: 0.0, dy: 0.0 });
                stages.push(cascade().stages[0].clone());
            },
            CascadeError::Uneven,
            "stages of different sizes",
        ),
    ];
    for (change, expected, case) in cases {
        assert_eq!(changed(change), Err(expected), "{case}");
    }
}

/// One word of a file: sizes and indices as they are, and absurd ones; common floats, and none.
fn word() -> impl Strategy<Value = u32> {
    let floats = [0.25_f32, -1.0, 100.0, f32::MAX, f32::NAN].map(f32::to_bits);
    let absurd = [1 << 16, 1 << 30, 0x3333_3333, u32::MAX];
    prop_oneof![6 => 0..4_u32, 1 => prop::sample::select(absurd.to_vec()), 2 => prop::sample::select(floats.to_vec())]
}

/// Words that the header asks for after itself, wrapped around where they cannot be counted.
fn claimed([stages, features, trees, splits]: [u32; 4]) -> u64 {
    let [stages, features, trees, splits] = [stages, features, trees, splits].map(u64::from);
    let tree = splits.wrapping_mul(3).wrapping_add((splits + 1).wrapping_mul(10));
    let stage = features.wrapping_mul(3).wrapping_add(trees.wrapping_mul(tree));
    stages.wrapping_mul(stage).wrapping_add(10)
}

/// Whatever was read can be used, and is the same when written.
fn check(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(cascade) = Cascade::from_bytes(bytes) {
        prop_assert_eq!(cascade.to_bytes(), bytes);
        let _ = cascade.locate(&halves(1, 2), Bounds { left: 10, top: 20, width: 30, height: 40 });
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_header_makes_the_reader_panic_whatever_follows(
        sizes in prop::array::uniform4(word()),
        pattern in prop::collection::vec(word(), 1..8),
        missing in prop_oneof![4 => Just(0), 1 => 1..3_usize],
    ) {
        // Bodies up to 64 KiB have the length that the header claims.
        let words = usize::try_from(claimed(sizes)).unwrap_or(usize::MAX).min(1 << 14) - missing;
        let header = [1].into_iter().chain(sizes);
        let body = pattern.into_iter().cycle().take(words);
        let words: Vec<[u8; 4]> = header.chain(body).map(u32::to_le_bytes).collect();
        check(&[b"RCLM".as_slice(), words.as_flattened()].concat())?;
    }

    #[test]
    fn no_changed_words_make_the_reader_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), word()), 1..4),
    ) {
        let mut bytes = cascade().to_bytes();
        let (words, _) = bytes.as_chunks_mut::<4>();
        for (place, word) in changes {
            words[place.index(words.len())] = word.to_le_bytes();
        }
        check(&bytes)?;
    }
}
