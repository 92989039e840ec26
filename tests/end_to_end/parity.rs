//! The whole way from a file to an embedding gives what dlib itself gives.

use std::{collections::BTreeMap, fs};

use proto::{RecognizeRequest, recognize_request::Picture};
use rollcall_tests::installed::Installed;
use serde::Deserialize;

use crate::rollcall::Rollcall;

/// dlib's figures for each sample photo: the same that the engine's own tests use.
const REFERENCE: &str = include_str!("../../face-recognition/tests/reference.json");
/// How far an embedding may be from dlib's. Another detector and another JPEG decoder make a difference of up to 0.09;
/// one person's photos are up to 0.43 apart.
const TOLERANCE: f32 = 0.1;

#[derive(Deserialize)]
struct DlibFace {
    embedding: Vec<f32>,
}

#[tokio::test]
async fn the_embedding_of_every_sample_photo_is_the_one_of_dlib() {
    let rollcall = Rollcall::start().await;
    let photos = Installed::find().expect("the assets are installed").assets.join("photos");
    let mut recognition = rollcall.recognition().await;
    let reference: BTreeMap<String, DlibFace> =
        serde_json::from_str(REFERENCE).expect("a face for each photo");
    assert_eq!(reference.len(), 7);

    for (photo, dlib) in reference {
        fs::copy(photos.join(&photo), rollcall.layout.image_root().join(&photo)).expect("room for a copy");
        let request = RecognizeRequest { picture: Some(Picture::ImagePath(format!("/{photo}"))) };
        let answer = recognition.recognize(request).await.expect("an answer").into_inner();

        assert_eq!(answer.faces.len(), 1, "{photo} shows one face: {answer:?}");
        let apart = distance(&answer.faces[0].embedding, &dlib.embedding);
        assert!(apart <= TOLERANCE, "{photo} is {apart} from dlib's embedding");
    }
    rollcall.stop().await;
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}
