//! From the file to the embedding, with real photos.

use face_recognition::engine::geometry::Area;
use face_recognition::engine::{Bounds, Embedding, Face};

use crate::assets::{Reference, engine, photo, references};

/// Part of the union of two boxes that both cover.
fn overlap(one: Bounds, other: Bounds) -> f64 {
    let (one, other) = (Area::from(one), Area::from(other));
    let shared = one.shared(&other);
    shared / (one.size() + other.size() - shared)
}

/// All faces found in a photo, and the one that the reference knows.
fn faces(name: &str, reference: &Reference) -> (Vec<Face>, Face) {
    let picture = photo(name);
    assert_eq!([picture.width(), picture.height()], reference.size, "{name}");
    let faces = engine().faces(&picture).expect("the engine works");
    let known = faces.iter().find(|face| overlap(face.bounds, reference.bounds()) > 0.4).cloned();
    let known = known.unwrap_or_else(|| panic!("{name}: no face at {:?} in {faces:?}", reference.bounds()));
    (faces, known)
}

#[test]
fn every_photo_gives_the_embedding_that_dlib_gives() {
    for (name, reference) in references() {
        let (_, face) = faces(&name, &reference);
        let distance = face.embedding.distance(&reference.embedding());
        assert!(distance < 0.1, "{name}: distance to dlib's embedding: {distance}");
    }
}

#[test]
fn there_is_one_face_in_each_photo_and_nothing_else_is_taken_for_one() {
    for (name, reference) in references() {
        let (faces, _) = faces(&name, &reference);
        assert_eq!(faces.len(), 1, "{name}: {faces:?}");
    }
}

#[test]
fn faces_cut_by_the_border_are_found_nearly_as_clearly_as_whole_ones() {
    for name in ["obama_partial_face.jpg", "obama_partial_face2.jpg"] {
        let (_, face) = faces(name, &references()[name]);
        assert!(face.score > 0.8, "{name}: {}", face.score);
    }
}

#[test]
fn one_person_is_near_and_another_is_far() {
    let embeddings: Vec<(String, Embedding)> = references()
        .into_iter()
        .map(|(name, reference)| {
            let (_, face) = faces(&name, &reference);
            (name, face.embedding)
        })
        .collect();
    let is_biden = |name: &str| name.starts_with("biden");
    for (name, embedding) in &embeddings {
        for (other, other_embedding) in &embeddings {
            let distance = embedding.distance(other_embedding);
            if is_biden(name) == is_biden(other) {
                assert!(distance < 0.55, "{name} and {other} are {distance} apart");
            } else {
                assert!(distance > 0.6, "{name} and {other} are only {distance} apart");
            }
        }
    }
}
