//! The engine gives what dlib gives. Exact figures need the exact pixels, which only a lossless file has:
//! JPEG decoders differ by a unit here and there, and the landmark cascade amplifies it.

use face_recognition::engine::Point;

use crate::assets::{engine, photo, references};

const LOSSLESS: &str = "32bit.png";

#[test]
fn landmarks_of_a_known_box_are_those_of_dlib() {
    let reference = &references()[LOSSLESS];

    let landmarks = engine().landmarks(&photo(LOSSLESS), reference.bounds());

    // dlib reports whole pixels.
    let whole = landmarks.map(|point| Point::new((point.x + 0.5).floor(), (point.y + 0.5).floor()));
    assert_eq!(whole, reference.landmarks());
}

#[test]
fn embedding_of_known_landmarks_is_that_of_dlib() {
    let reference = &references()[LOSSLESS];

    let embedding = engine().embed(&photo(LOSSLESS), &reference.landmarks()).expect("it embeds");

    let distance = embedding.distance(&reference.embedding());
    assert!(distance <= 0.001, "distance to dlib's embedding: {distance}");
}
