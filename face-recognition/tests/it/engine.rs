//! What a caller may rely on: order, repeatability, and errors instead of crashes.

use std::num::NonZeroUsize;

use face_recognition::engine::picture::Picture;
use face_recognition::engine::{Engine, EngineError, EngineOptions, RuntimeError};
use face_recognition::pack::Pack;
use image::imageops;
use image::{ImageBuffer, Rgb, RgbImage};

use crate::assets::{asset, engine, pack, photo, references};

fn image(name: &str) -> RgbImage {
    let picture = photo(name);
    ImageBuffer::from_raw(picture.width(), picture.height(), picture.rgb().to_vec()).expect("it is a picture")
}

fn picture(image: RgbImage) -> Picture {
    Picture::from_rgb(image.width(), image.height(), image.into_raw()).expect("it is an image")
}

/// Two photos side by side on grey.
fn side_by_side() -> Picture {
    let (left, right) = (image("obama.jpg"), image("biden.jpg"));
    let size = (left.width() + right.width(), left.height().max(right.height()));
    let mut both = RgbImage::from_pixel(size.0, size.1, Rgb([128; 3]));
    imageops::replace(&mut both, &left, 0, 0);
    imageops::replace(&mut both, &right, left.width().into(), 0);
    picture(both)
}

#[test]
fn two_faces_come_clearest_first_and_every_time_the_same() {
    let picture = side_by_side();

    let faces = engine().faces(&picture).expect("the engine works");

    assert_eq!(faces.len(), 2, "{faces:?}");
    assert!(faces[0].score >= faces[1].score, "{faces:?}");
    let mut again = engine();
    assert_eq!(again.faces(&picture).expect("the engine works"), faces, "another engine");
    assert_eq!(again.faces(&picture).expect("the engine works"), faces, "an engine that has worked before");
}

#[test]
fn a_small_face_in_a_large_picture_is_found_although_the_picture_is_shrunk() {
    // 16 million pixels; the face has about 7 % of a side.
    let mut large = RgbImage::from_pixel(4000, 4000, Rgb([90; 3]));
    imageops::replace(&mut large, &image("biden.jpg"), 1500, 900);

    let faces = engine().faces(&picture(large)).expect("the engine works");

    assert_eq!(faces.len(), 1, "{faces:?}");
    let distance = faces[0].embedding.distance(&references()["biden.jpg"].embedding());
    assert!(distance < 0.1, "{distance}");
}

#[test]
fn a_face_is_found_once_wherever_it_is_in_a_picture_that_is_looked_at_in_strips() {
    let mut engine = engine();
    // The face has about 110 pixels then, which the largest level shows.
    let shown = imageops::resize(&image("biden.jpg"), 388, 882, imageops::FilterType::Triangle);
    for top in (0..1600 - shown.height()).step_by(40) {
        let mut large = RgbImage::from_pixel(2400, 1600, Rgb([90; 3]));
        imageops::replace(&mut large, &shown, 700, top.into());

        let faces = engine.faces(&picture(large)).expect("the engine works");

        assert_eq!(faces.len(), 1, "{top}: {faces:?}");
        let distance = faces[0].embedding.distance(&references()["biden.jpg"].embedding());
        assert!(distance < 0.15, "{top}: {distance}");
    }
}

#[test]
fn there_is_nobody_in_a_picture_without_faces() {
    let noise = |x: u32, y: u32| {
        Rgb([x.wrapping_mul(31) ^ y.wrapping_mul(17), x / 3, y / 3].map(|value| value.to_le_bytes()[0]))
    };
    for (width, height) in [(1, 1), (39, 2000), (80, 80), (640, 480)] {
        for image in [RgbImage::new(width, height), RgbImage::from_fn(width, height, noise)] {
            let faces = engine().faces(&picture(image)).expect("the engine works");
            assert_eq!(faces, [], "{width} x {height}");
        }
    }
}

#[test]
fn a_damaged_network_is_an_error_that_says_which() {
    let broken = Pack { embedder: vec![1, 2, 3], ..pack().clone() };
    let error = Engine::load(&broken, &asset("lib/libonnxruntime.so"), EngineOptions::default()).err();
    assert!(
        matches!(error, Some(EngineError::Runtime(RuntimeError::Network { network: "embedder", .. }))),
        "{error:?}"
    );
}

#[test]
fn a_network_that_does_not_fit_the_manifest_is_found_out_at_the_start() {
    let mut shorter = pack().clone();
    shorter.manifest.embedder.dimension = 64;
    let swapped = Pack { detector: pack().embedder.clone(), ..pack().clone() };
    for (pack, expected) in [(shorter, "embedder"), (swapped, "detector")] {
        match Engine::load(&pack, &asset("lib/libonnxruntime.so"), EngineOptions::default()).err() {
            Some(EngineError::Misfit(RuntimeError::Inference { network, .. })) => {
                assert_eq!(network, expected);
            }
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn a_second_library_is_refused() {
    let _first = engine();
    let error = Engine::load(pack(), "/nowhere/libonnxruntime.so".as_ref(), EngineOptions::default()).err();
    assert!(matches!(error, Some(EngineError::Runtime(RuntimeError::OtherLibrary(_)))), "{error:?}");
}

#[test]
fn an_engine_moves_to_the_thread_of_its_worker() {
    let mut engine = engine();
    let picture = photo("obama.jpg");
    let worker = std::thread::spawn(move || engine.faces(&picture).map(|faces| faces.len()));
    assert_eq!(worker.join().expect("the worker ends").expect("the engine works"), 1);
}

#[test]
fn more_threads_find_the_same() {
    let options = EngineOptions { threads: NonZeroUsize::MIN.saturating_add(2), ..EngineOptions::default() };
    let mut many = Engine::load(pack(), &asset("lib/libonnxruntime.so"), options).expect("the engine starts");
    let picture = side_by_side();

    let faces = many.faces(&picture).expect("the engine works");

    assert_eq!(faces, engine().faces(&picture).expect("the engine works"));
}
