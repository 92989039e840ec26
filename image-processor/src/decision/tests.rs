//! Decisions by table, with the thresholds of dlib's model.

use proptest::prelude::*;

use super::*;

const DLIB: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };
const OBAMA: PersonId = PersonId(1);
const BIDEN: PersonId = PersonId(2);

fn owners() -> HashMap<String, PersonId> {
    [("obama_1.jpg", OBAMA), ("obama_2.jpg", OBAMA), ("biden.jpg", BIDEN)]
        .map(|(photo, person)| (photo.to_owned(), person))
        .into()
}

fn decide(nearest: &[(&str, f32)]) -> FaceDecision {
    let nearest: Vec<Neighbour> = nearest
        .iter()
        .map(|(photo, distance)| Neighbour { photo: (*photo).to_owned(), distance: *distance })
        .collect();
    decide_face(&nearest, &owners(), DLIB)
}

#[test]
fn distances_and_people_decide_the_outcome() {
    type Case = (&'static str, &'static [(&'static str, f32)], FaceOutcome);
    let table: [Case; 10] = [
        ("an empty gallery", &[], FaceOutcome::Unknown),
        ("surely near", &[("obama_1.jpg", 0.30), ("biden.jpg", 0.80)], FaceOutcome::Identified),
        ("just below accept", &[("obama_1.jpg", 0.549)], FaceOutcome::Identified),
        ("at accept", &[("obama_1.jpg", 0.55)], FaceOutcome::Ambiguous),
        ("at unknown", &[("obama_1.jpg", 0.60)], FaceOutcome::Unknown),
        (
            "another person within the margin",
            &[("obama_1.jpg", 0.40), ("biden.jpg", 0.44)],
            FaceOutcome::Ambiguous,
        ),
        (
            "another person outside the margin",
            &[("obama_1.jpg", 0.40), ("biden.jpg", 0.46)],
            FaceOutcome::Identified,
        ),
        (
            "the same person within the margin",
            &[("obama_1.jpg", 0.40), ("obama_2.jpg", 0.41)],
            FaceOutcome::Identified,
        ),
        ("a distance that is no number", &[("obama_1.jpg", f32::NAN)], FaceOutcome::Unknown),
        ("a photo of nobody", &[("stranger.jpg", 0.10)], FaceOutcome::Unknown),
    ];
    for (case, nearest, outcome) in table {
        assert_eq!(decide(nearest).outcome, outcome, "{case}");
    }
}

#[test]
fn the_runner_up_is_the_best_of_another_person() {
    let face = decide(&[("obama_2.jpg", 0.35), ("biden.jpg", 0.70), ("obama_1.jpg", 0.30)]);

    assert_eq!(face.best.map(|best| best.photo), Some("obama_1.jpg".to_owned()));
    assert_eq!(face.runner_up.map(|second| second.person), Some(BIDEN));
}

#[test]
fn an_image_is_named_by_its_nearest_identified_face() {
    let faces = [decide(&[("obama_1.jpg", 0.40)]), decide(&[("biden.jpg", 0.20)]), decide(&[])];

    let image = decide_image(faces.iter().map(|face| (100, face)));

    assert_eq!(image, ImageDecision::Processed(BIDEN));
}

#[test]
fn the_larger_of_two_equally_near_faces_names_the_image() {
    let (obama, biden) = (decide(&[("obama_1.jpg", 0.30)]), decide(&[("biden.jpg", 0.30)]));

    let image = decide_image([(100, &obama), (400, &biden)].into_iter());

    assert_eq!(image, ImageDecision::Processed(BIDEN));
}

#[test]
fn without_an_identified_face_the_strongest_reason_counts() {
    let unknown = decide(&[]);
    let ambiguous = decide(&[("obama_1.jpg", 0.57)]);
    let poor = FaceDecision { outcome: FaceOutcome::LowQuality, best: None, runner_up: None };
    let table: [(&[&FaceDecision], UnresolvedReason); 4] = [
        (&[], UnresolvedReason::NoFace),
        (&[&poor], UnresolvedReason::LowQuality),
        (&[&poor, &unknown], UnresolvedReason::UnknownFace),
        (&[&unknown, &ambiguous, &poor], UnresolvedReason::Ambiguous),
    ];
    for (faces, reason) in table {
        let image = decide_image(faces.iter().map(|face| (100, *face)));
        assert_eq!(image, ImageDecision::Unresolved(reason));
    }
}

proptest! {
    #[test]
    fn the_order_of_the_neighbours_does_not_matter(distances in prop::array::uniform3(0.0_f32..1.2)) {
        let [a, b, c] = distances;
        let one = decide(&[("obama_1.jpg", a), ("obama_2.jpg", b), ("biden.jpg", c)]);
        let other = decide(&[("biden.jpg", c), ("obama_2.jpg", b), ("obama_1.jpg", a)]);
        prop_assert_eq!(one.outcome, other.outcome);
    }

    #[test]
    fn nobody_is_identified_at_or_above_the_accept_threshold(distance in 0.55_f32..2.0) {
        prop_assert_ne!(decide(&[("obama_1.jpg", distance)]).outcome, FaceOutcome::Identified);
    }
}
