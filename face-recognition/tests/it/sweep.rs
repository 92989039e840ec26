//! The pyramid leaves no size out, and neither it nor the precision changes whose face it is.

use face_recognition::engine::picture::Picture;
use image::{RgbImage, imageops};

use crate::assets::{engine, exact_engine, photo, references};

/// Embeddings of one photo at different sizes and by different detectors; different people are 0.8 apart.
const SAME_PHOTO: f32 = 0.15;
/// Each size is this much smaller than the one before; two levels of the pyramid are farther apart.
const STEP: f64 = 0.93;

fn shrunk(picture: &Picture, scale: f64) -> Picture {
    let image = RgbImage::from_raw(picture.width(), picture.height(), picture.rgb().to_vec());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "smaller than a side")]
    let [width, height] =
        [picture.width(), picture.height()].map(|side| (f64::from(side) * scale).round() as u32);
    let image = image.expect("it is a picture");
    let small = imageops::resize(&image, width, height, imageops::FilterType::Triangle);
    Picture::from_rgb(width, height, small.into_raw()).expect("it is an image")
}

#[test]
fn a_face_is_found_at_every_size_down_to_the_smallest_and_is_the_same_face() {
    let mut engine = engine();
    for (name, reference) in references() {
        let (picture, face) = (photo(&name), f64::from(reference.bounds().width));
        let mut scale = 1.0;
        // The reference is another detector's box, about as large as ours.
        while face * scale > 90.0 {
            let faces = engine.faces(&shrunk(&picture, scale)).expect("the engine works");
            assert_eq!(faces.len(), 1, "{name} at {scale}: {faces:?}");
            let distance = faces[0].embedding.distance(&reference.embedding());
            assert!(distance < SAME_PHOTO, "{name} at {scale} is {distance} away");
            scale *= STEP;
        }
    }
}

#[test]
fn in_8_bits_the_detector_finds_what_it_finds_exactly() {
    let (mut fast, mut exact) = (engine(), exact_engine());
    for name in references().keys() {
        let picture = photo(name);
        let [found, expected] =
            [&mut fast, &mut exact].map(|engine| engine.faces(&picture).expect("the engine works"));

        assert_eq!(found.len(), expected.len(), "{name}");
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found.score - expected.score).abs() < 0.1, "{name}: {found:?} {expected:?}");
            let distance = found.embedding.distance(&expected.embedding);
            assert!(distance < SAME_PHOTO, "{name}: {distance}");
        }
    }
}
