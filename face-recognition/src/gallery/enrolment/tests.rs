//! Names, faces and likenesses.

use proptest::prelude::*;

use super::*;
use crate::{
    engine::{Bounds, Point},
    gallery::Standing,
};

const LIMITS: QualityLimits =
    QualityLimits { size: 60, sharpness: 30.0, darkest: 40.0, brightest: 220.0, roll: 45.0, yaw: 40.0 };
const GOOD: Quality = Quality { size: 100, sharpness: 200.0, brightness: 120.0, roll: 3.0, yaw: -2.0 };

fn face(quality: Quality) -> Face {
    Face {
        bounds: Bounds { left: 0, top: 0, width: 100, height: 100 },
        score: 1.0,
        landmarks: [Point::default(); 5],
        quality,
        embedding: Embedding::new([0.0, 1.0]),
    }
}

#[test]
fn a_name_that_cannot_be_stored_is_refused_with_what_is_wrong() {
    let long = "a".repeat(256);
    let table = [
        ("", "give it"),
        (long.as_str(), "255 bytes"),
        (".jane.jpg", "dot"),
        ("..", "dot"),
        ("people/jane.jpg", "folder"),
        ("../jane.jpg", "dot"),
        ("people\\jane.jpg", "folder"),
        ("jane\0.jpg", "not printed"),
        ("jane\n.jpg", "not printed"),
        ("jane\u{9b}.jpg", "not printed"),
    ];
    for (name, fault) in table {
        let refused = PhotoName::parse(name.to_owned()).expect_err(name);
        assert!(refused.to_string().contains(fault), "{name:?}: {refused}");
    }
    for name in ["jane.jpg", "Élodie Müller_2.png", "no extension", &long[1..]] {
        assert!(PhotoName::parse(name.to_owned()).is_ok(), "{name}");
    }
}

proptest! {
    #[test]
    fn a_name_that_can_be_stored_stays_in_the_folder(name in any::<String>()) {
        if let Ok(name) = PhotoName::parse(name) {
            let path = std::path::Path::new("/known").join(name.as_str());
            prop_assert_eq!(path.parent(), Some(std::path::Path::new("/known")));
            prop_assert!(is_in_folder(name.as_str()));
        }
    }
}

#[test]
fn a_photo_with_no_or_several_faces_is_refused() {
    let none = enrollable_face(Vec::new(), &LIMITS).expect_err("nobody is seen");
    let three = enrollable_face(vec![face(GOOD); 3], &LIMITS).expect_err("three are seen");

    assert_eq!(none.to_string(), "no face was found in it");
    assert_eq!(three.to_string(), "it shows 3 faces: crop it to one");
    assert!(enrollable_face(vec![face(GOOD)], &LIMITS).is_ok());
}

#[test]
fn low_quality_names_each_limit_that_is_missed() {
    let table = [
        (Quality { size: 41, ..GOOD }, "too small (41 pixels, at least 60)"),
        (Quality { sharpness: 12.0, ..GOOD }, "blurred (sharpness 12, at least 30)"),
        (Quality { brightness: 20.0, ..GOOD }, "too dark (brightness 20, at least 40)"),
        (Quality { brightness: 240.0, ..GOOD }, "too bright (brightness 240, at most 220)"),
        (Quality { roll: -90.0, ..GOOD }, "tilted too far (90 degrees, at most 45)"),
        (Quality { yaw: 60.0, ..GOOD }, "turned too far to the side (60 degrees, at most 40)"),
    ];
    for (quality, complaint) in table {
        let refused = enrollable_face(vec![face(quality)], &LIMITS).expect_err(complaint);
        assert!(refused.to_string().contains(complaint), "{refused}");
    }
    let both = Quality { size: 41, brightness: 20.0, ..GOOD };
    let refused = enrollable_face(vec![face(both)], &LIMITS).expect_err("two limits are missed");
    assert!(refused.to_string().contains("at least 60), too dark"), "{refused}");
}

#[test]
fn only_near_photos_of_other_people_are_likenesses() {
    let photos = [("jane_1.jpg", 0.1), ("jane_2.jpg", 0.3), ("john.jpg", 0.2), ("mary.jpg", 0.7)];
    let gallery = Gallery::new(photos.into_iter().zip(1_u8..).map(|((name, place), content)| {
        (name.to_owned(), [content; 32], Standing::Found(Ok(Embedding::new([place]))))
    }));
    let name = PhotoName::parse("jane_3.jpg".to_owned()).expect("a good name");

    let found = resembling(&gallery, &Embedding::new([0.0]), &name, 0.55);

    assert_eq!(found.iter().map(|near| near.photo).collect::<Vec<_>>(), ["john.jpg"]);
}
