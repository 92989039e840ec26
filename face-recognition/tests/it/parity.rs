//! The engine gives what dlib gives: exactly the same for the same pixels, as near as its own detector allows from the
//! file on.

use face_recognition::engine::{Point, landmarks::Cascade};

use crate::{
    assets::{engine, pack, references},
    libjpeg,
};

/// Between embeddings of one chip: two libraries do not add floats in the same order.
const SAME_CHIP: f32 = 0.005;

#[test]
fn landmarks_of_a_known_box_are_those_of_dlib() {
    let cascade = pack().landmarks.as_deref().expect("dlib's pack has a cascade");
    let cascade = Cascade::from_bytes(cascade).expect("the engine reads it, too");
    for (name, reference) in references() {
        let landmarks = cascade.locate(&libjpeg::pixels(&name), reference.bounds());

        // dlib reports whole pixels.
        let whole = landmarks.map(|point| Point::new((point.x + 0.5).floor(), (point.y + 0.5).floor()));
        assert_eq!(whole, reference.landmarks(), "{name}");
    }
}

#[test]
fn embedding_of_known_landmarks_is_that_of_dlib() {
    let mut engine = engine();
    for (name, reference) in references() {
        let embedding =
            engine.embed(&libjpeg::pixels(&name), &reference.landmarks()).expect("the engine works");

        let distance = embedding.distance(&reference.embedding());
        assert!(distance <= SAME_CHIP, "{name} is {distance} from dlib's embedding");
    }
}
