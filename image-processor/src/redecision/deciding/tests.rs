//! Decided again, by table: what a recogniser said, what is stored, what people said.

use identification::{Quality, Reason};
use migrations::{FaceOutcome, ImageStatus, UnresolvedReason};

use super::*;
use crate::{
    decision::{PersonId, Said},
    message::ImageId,
};

const DLIB: Thresholds = Thresholds { accept: 0.55, unknown: 0.6, margin: 0.05 };
const ANN: PersonId = PersonId(1);
const BOB: PersonId = PersonId(2);
const CARL: PersonId = PersonId(3);

fn near(people: &[(PersonId, f32)]) -> Vec<Candidate> {
    people
        .iter()
        .map(|(person, distance)| Candidate {
            person: *person,
            photo: format!("{}.jpg", person.0),
            distance: *distance,
        })
        .collect()
}

fn said(is: Option<PersonId>, is_not: &[PersonId]) -> Said {
    Said { is, is_not: is_not.iter().copied().collect() }
}

/// A face as the engine decided it from these people, before anybody said anything.
fn stored_face(id: u64, people: &[(PersonId, f32)]) -> StoredFace {
    let mut candidates = near(&people[..people.len().min(2)]);
    if let Some(second) = candidates.get_mut(1) {
        second.photo.clear();
    }
    let decision = decide_face(&near(people), &Said::nothing(), DLIB, Quality::Sufficient);
    StoredFace {
        id,
        area: 100,
        embedding: vec![1.0],
        model_id: "dlib".to_owned(),
        gallery_revision: "r1".to_owned(),
        quality: Quality::Sufficient,
        result: FaceColumns::of(&decision),
        candidates,
        said: Said::nothing(),
    }
}

fn image(faces: Vec<StoredFace>) -> StoredImage {
    let decision = ImageDecision::Unresolved(Reason::UnknownFace);
    StoredImage {
        id: ImageId(7),
        token: 3,
        result: columns(decision),
        decision,
        thresholds: Some(DLIB),
        faces,
    }
}

fn matched(face: u64, people: &[(PersonId, f32)]) -> HashMap<u64, Matched> {
    HashMap::from([(face, Matched { candidates: near(people), gallery_revision: "r2".to_owned() })])
}

/// Outcome, person, who decided.
fn told(face: &RedecidedFace) -> (FaceOutcome, Option<PersonId>, &'static str) {
    (face.after.outcome, face.after.person, face.after.source())
}

#[test]
fn what_a_recogniser_says_now_decides_and_is_said_to_be_of_its_gallery() {
    let before = image(vec![stored_face(5, &[(ANN, 0.9)])]);

    let after = decide_again(&before, &matched(5, &[(BOB, 0.3), (ANN, 0.9)]));

    let [face] = &after.faces[..] else { panic!("one face: {after:?}") };
    assert_eq!(told(face), (FaceOutcome::Identified, Some(BOB), "engine"));
    assert_eq!((face.after.matched_photo.as_deref(), face.after.distance), (Some("2.jpg"), Some(0.3)));
    assert_eq!((face.after.runner_up, face.after.runner_up_distance), (Some(ANN), Some(0.9)));
    assert_eq!(face.gallery_revision.as_deref(), Some("r2"));
    assert_eq!((after.id, after.token, after.gallery_revision.as_deref()), (ImageId(7), 3, Some("r2")));
    assert_eq!(after.after, ImageColumns { status: ImageStatus::Processed, person: Some(BOB), reason: None });
    assert!(after.is_changed() && face.is_told());
}

#[test]
fn a_face_that_was_seen_badly_stays_so_unless_a_person_names_it() {
    let mut badly = stored_face(5, &[(ANN, 0.3)]);
    badly.quality = Quality::Insufficient;

    let engine = decide_again(&image(vec![badly.clone()]), &matched(5, &[(ANN, 0.1)]));
    badly.said = said(Some(BOB), &[]);
    let person = decide_again(&image(vec![badly]), &matched(5, &[(ANN, 0.1)]));

    assert_eq!(told(&engine.faces[0]), (FaceOutcome::LowQuality, Some(ANN), "engine"));
    assert_eq!(engine.after.reason, Some(UnresolvedReason::LowQuality));
    assert_eq!(told(&person.faces[0]), (FaceOutcome::Identified, Some(BOB), "person"));
}

#[test]
fn without_a_recogniser_what_people_said_counts_at_once() {
    type Case = (
        &'static str,
        &'static [(PersonId, f32)],
        Option<PersonId>,
        &'static [PersonId],
        (FaceOutcome, Option<PersonId>, &'static str),
    );
    use FaceOutcome::{Ambiguous, Identified, Unknown};
    let table: [Case; 9] = [
        ("nothing was said", &[(ANN, 0.3), (BOB, 0.9)], None, &[], (Identified, Some(ANN), "engine")),
        ("nobody is near", &[(ANN, 0.9)], None, &[], (Unknown, Some(ANN), "engine")),
        ("somebody else is named", &[(ANN, 0.3)], Some(CARL), &[], (Identified, Some(CARL), "person")),
        ("the second is named", &[(ANN, 0.3), (BOB, 0.4)], Some(BOB), &[], (Identified, Some(BOB), "person")),
        ("the only one is ruled out", &[(ANN, 0.3)], None, &[ANN], (Unknown, None, "engine")),
        ("the next one is far", &[(ANN, 0.3), (BOB, 0.9)], None, &[ANN], (Unknown, Some(BOB), "engine")),
        (
            "the next one is near, and a third may be as near",
            &[(ANN, 0.3), (BOB, 0.4), (CARL, 0.41)],
            None,
            &[ANN],
            (Ambiguous, Some(BOB), "engine"),
        ),
        (
            "the second of two near ones is ruled out, and a third may be as near",
            &[(ANN, 0.3), (BOB, 0.31), (CARL, 0.32)],
            None,
            &[BOB],
            (Ambiguous, Some(ANN), "engine"),
        ),
        (
            "the second is ruled out",
            &[(ANN, 0.3), (BOB, 0.4)],
            None,
            &[BOB],
            (Identified, Some(ANN), "engine"),
        ),
    ];
    for (case, people, is, is_not, expected) in table {
        let face = StoredFace { said: said(is, is_not), ..stored_face(5, people) };

        let after = decide_again(&image(vec![face]), &HashMap::new());

        assert_eq!(told(&after.faces[0]), expected, "{case}");
        assert_eq!((&after.gallery_revision, &after.faces[0].gallery_revision), (&None, &None), "{case}");
    }
}

#[test]
fn without_a_recogniser_nothing_changes_where_nothing_was_said() {
    for people in
        [&[][..], &[(ANN, 0.3)], &[(ANN, 0.3), (BOB, 0.31)], &[(ANN, 0.57)], &[(ANN, 0.9), (BOB, 0.9)]]
    {
        let before = image(vec![stored_face(5, people)]);

        let after = decide_again(&before, &HashMap::new());

        assert_eq!(after.faces[0].before, after.faces[0].after, "{people:?}");
    }
}

#[test]
fn whom_a_person_named_is_forgotten_when_that_is_taken_back() {
    let named = |person| FaceColumns {
        person: Some(person),
        outcome: FaceOutcome::Identified,
        by_person: true,
        ..stored_face(5, &[]).result
    };
    // Whom the person named stands first or not at all, and the second has no photo.
    let known = [(ANN, 0.3), (BOB, 0.9)];
    let nearest = StoredFace { result: named(ANN), ..stored_face(5, &known) };
    let farther = StoredFace {
        result: named(CARL),
        candidates: near(&known[..1])
            .into_iter()
            .map(|ann| Candidate { photo: String::new(), ..ann })
            .collect(),
        ..stored_face(5, &[])
    };

    let after = decide_again(&image(vec![nearest, farther]), &HashMap::new());

    assert_eq!(told(&after.faces[0]), (FaceOutcome::Identified, Some(ANN), "engine"));
    assert_eq!(told(&after.faces[1]), (FaceOutcome::Ambiguous, Some(ANN), "engine"), "Bob is not stored");
}

#[test]
fn faces_that_were_asked_about_and_others_make_one_image() {
    let other = StoredFace { said: said(Some(CARL), &[]), area: 50, ..stored_face(6, &[]) };
    let before = image(vec![stored_face(5, &[]), other]);

    let after = decide_again(&before, &matched(5, &[(BOB, 0.1)]));

    assert_eq!(after.after.person, Some(CARL), "the word of a person comes first");
    assert_eq!(after.gallery_revision.as_deref(), Some("r2"));
    assert_eq!(after.faces[1].gallery_revision, None);
}

#[test]
fn a_face_of_the_same_gallery_keeps_its_revision() {
    let mut before = image(vec![stored_face(5, &[(ANN, 0.9)])]);
    before.faces[0].gallery_revision = "r2".to_owned();

    let after = decide_again(&before, &matched(5, &[(ANN, 0.9)]));

    assert_eq!(after.faces[0].gallery_revision, None);
    assert!(!after.is_changed());
}

#[test]
fn an_image_of_a_recogniser_that_tells_no_faces_names_whom_its_person_turned_out_to_be() {
    let decision = ImageDecision::Identified(ANN);
    let before =
        StoredImage { result: columns(ImageDecision::Identified(BOB)), decision, ..image(Vec::new()) };

    let after = decide_again(&before, &HashMap::new());

    assert_eq!((after.before.person, after.after.person), (Some(BOB), Some(ANN)));
    let nobody = decide_again(&image(Vec::new()), &HashMap::new());
    assert_eq!(nobody.before, nobody.after);
}

#[test]
fn an_image_of_before_thresholds_were_stored_is_decided_by_the_usual_ones() {
    let before = StoredImage { thresholds: None, ..image(vec![stored_face(5, &[])]) };

    assert_eq!(decide_again(&before, &matched(5, &[(ANN, 0.54)])).after.person, Some(ANN));
    assert_eq!(decide_again(&before, &matched(5, &[(ANN, 0.56)])).after.person, None);
}
