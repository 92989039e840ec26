//! Faces by table, and what holds for any of them.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*};

use super::*;

const ACCEPT_BELOW: f32 = 0.55;

fn stranger(id: u64, embedding: &[f32]) -> Ungrouped {
    of_model("dlib", id, embedding)
}

fn of_model(model_id: &str, id: u64, embedding: &[f32]) -> Ungrouped {
    let face = Likeness { id, model_id: model_id.to_owned(), embedding: Embedding(embedding.to_vec()) };
    Ungrouped { face, accept_below: Some(ACCEPT_BELOW) }
}

/// The groups of these faces, one after the other.
fn groups(most: usize, faces: &[Ungrouped]) -> Vec<u64> {
    let mut leaders = Leaders::new(most);
    faces.iter().map(|face| leaders.group_of(face.clone())).collect()
}

#[test]
fn a_face_joins_the_nearest_leader_that_is_near_enough() {
    let faces = [
        stranger(1, &[0.0, 0.0]),
        stranger(2, &[1.0, 0.0]),
        stranger(3, &[0.5, 0.0]),
        stranger(4, &[0.6, 0.0]),
        stranger(5, &[0.0, 0.56]),
        stranger(6, &[1.0, 0.54]),
    ];

    // The third is as near to the second as to the first; the sixth is nearer to the second than to the fifth.
    assert_eq!(groups(9, &faces), [1, 2, 1, 2, 5, 2]);
}

#[test]
fn a_face_is_compared_with_leaders_and_not_with_those_who_follow_them() {
    let faces = [stranger(1, &[0.0]), stranger(2, &[0.5]), stranger(3, &[1.0])];

    assert_eq!(groups(9, &faces), [1, 1, 3]);
}

#[test]
fn faces_of_different_models_are_not_compared() {
    let faces = [
        of_model("dlib", 1, &[0.0]),
        of_model("sface", 2, &[0.0]),
        of_model("sface", 3, &[0.1]),
        of_model("dlib", 4, &[0.0, 0.0]),
    ];

    assert_eq!(groups(9, &faces), [1, 2, 2, 4]);
}

#[test]
fn faces_without_numbers_to_compare_are_alone() {
    let faces = [stranger(1, &[]), stranger(2, &[]), stranger(3, &[f32::NAN]), stranger(4, &[f32::NAN])];

    assert_eq!(groups(9, &faces), [1, 2, 3, 4]);
}

#[test]
fn without_a_threshold_only_the_same_face_joins() {
    let unsaid = |id, embedding: &[f32]| Ungrouped { accept_below: None, ..stranger(id, embedding) };

    assert_eq!(groups(9, &[unsaid(1, &[0.1]), unsaid(2, &[0.1]), unsaid(3, &[0.1001])]), [1, 1, 3]);
}

#[test]
fn of_more_groups_than_are_kept_the_oldest_is_joined_by_nobody_any_more() {
    let faces = [
        stranger(1, &[0.0]),
        stranger(2, &[1.0]),
        stranger(3, &[2.0]),
        stranger(4, &[0.0]),
        stranger(5, &[2.0]),
    ];

    assert_eq!(groups(2, &faces), [1, 2, 3, 4, 3]);
}

#[test]
fn groups_of_before_are_joined_and_those_beyond_the_limit_are_not() {
    let mut leaders = Leaders::new(2);
    let led = |id, embedding: &[f32]| stranger(id, embedding).face;
    assert!(leaders.add_older(9, led(9, &[3.0])));
    assert!(leaders.add_older(5, led(7, &[0.0])));
    assert!(!leaders.add_older(2, led(2, &[9.0])));

    assert_eq!(
        leaders.group_of(stranger(20, &[0.1])),
        5,
        "the group has another name than its first face left"
    );
    assert_eq!(leaders.group_of(stranger(21, &[9.0])), 21, "that took the place of the oldest");
    assert_eq!(leaders.group_of(stranger(22, &[3.0])), 9, "the newest of before is still there");
    assert_eq!(leaders.group_of(stranger(23, &[0.1])), 23);
}

fn faces() -> impl Strategy<Value = Vec<Ungrouped>> {
    // Three numbers that differ are near, four are not; and the first numbers alone do not tell.
    let number = prop_oneof![11 => Just(0.0_f32), 1 => Just(0.3)];
    vec(vec(number, 40), 0..24).prop_map(|embeddings| {
        embeddings.iter().zip(1..).map(|(numbers, id)| stranger(id, numbers)).collect()
    })
}

proptest! {
    #[test]
    fn every_face_is_in_one_group_which_is_named_by_its_first(faces in faces()) {
        let groups = groups(100, &faces);

        prop_assert_eq!(groups.len(), faces.len());
        let mut first: BTreeMap<u64, u64> = BTreeMap::new();
        for (face, group) in faces.iter().zip(&groups) {
            first.entry(*group).or_insert(face.face.id);
        }
        prop_assert!(first.iter().all(|(group, first)| group == first), "{first:?}");
    }

    #[test]
    fn equal_faces_that_follow_each_other_are_in_one_group(faces in faces()) {
        let copy = |face: &Ungrouped| {
            Ungrouped { face: Likeness { id: 1_000 + face.face.id, ..face.face.clone() }, ..face.clone() }
        };
        let twice: Vec<Ungrouped> = faces.iter().flat_map(|face| [face.clone(), copy(face)]).collect();

        for pair in groups(100, &twice).chunks(2) {
            prop_assert_eq!(pair[0], pair[1]);
        }
    }

    #[test]
    fn an_equal_face_that_comes_later_is_led_by_somebody_as_near(
        faces in faces(),
        which in any::<prop::sample::Index>(),
    ) {
        prop_assume!(!faces.is_empty());
        let again = which.get(&faces);
        let mut leaders = Leaders::new(100);
        let groups: Vec<u64> = faces.iter().map(|face| leaders.group_of(face.clone())).collect();

        let later = leaders.group_of(Ungrouped {
            face: Likeness { id: 1_000, ..again.face.clone() },
            accept_below: again.accept_below,
        });

        let of = |id: u64| &faces[usize::try_from(id).expect("few") - 1].face.embedding;
        let distance = |leader| squared_distance(of(leader), &again.face.embedding, f32::INFINITY);
        prop_assert!(later < 1_000, "it is near to whoever led the first one");
        let first = groups[usize::try_from(again.face.id).expect("few") - 1];
        prop_assert!(distance(later) <= distance(first));
    }

    #[test]
    fn the_same_faces_are_grouped_the_same(faces in faces()) {
        prop_assert_eq!(groups(5, &faces), groups(5, &faces));
    }
}
