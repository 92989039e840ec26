//! The sample pictures get the right names.

use serde_json::{Value, json};

use crate::rollcall::{Rollcall, identified};

#[tokio::test]
async fn every_sample_picture_gets_the_right_names() {
    let rollcall = Rollcall::start().await;
    let pictures: [(&str, &[&str]); 7] = [
        ("unknown0001.jpg", &["Barack Obama"]),
        ("unknown0002.jpg", &["Barack Obama"]),
        ("unknown0003.jpg", &["Barack Obama"]),
        ("unknown0004.jpg", &["Barack Obama"]),
        ("unknown0005.png", &["Barack Obama"]),
        ("unknown0006.jpg", &["Joe Biden"]),
        ("unknown0007.jpg", &["Barack Obama", "Joe Biden"]),
    ];

    for (picture, people) in pictures {
        let image = rollcall.recognise(picture).await;

        assert_eq!(image["status"], "processed", "{picture}: {image}");
        assert_eq!(identified(&image), people, "{picture}: {image}");
        let named = image["person"]["name"].as_str().expect("a processed image names a person");
        assert!(people.contains(&named), "{picture}: {image}");
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn a_picture_without_a_face_is_unresolved_and_says_so() {
    let rollcall = Rollcall::start().await;

    let image = rollcall.recognise("unknown0008.jpg").await;

    assert_eq!(image["status"], "unresolved", "{image}");
    assert_eq!(image["reason"], "no_face", "{image}");
    assert_eq!(image["person"], Value::Null, "{image}");
    assert_eq!(image["faces"], json!([]), "{image}");
    rollcall.stop().await;
}

#[tokio::test]
async fn a_picture_that_is_missing_fails_and_is_tried_again_when_it_is_posted_again() {
    let rollcall = Rollcall::start().await;

    let missing = rollcall.recognise("nothing_here.jpg").await;
    let there = rollcall.layout.image_root().join("unknown_images/nothing_here.jpg");
    std::fs::copy(there.with_file_name("unknown0001.jpg"), &there).expect("a picture takes the place");
    let found = rollcall.recognise("nothing_here.jpg").await;

    assert_eq!(missing["status"], "failed", "{missing}");
    assert_eq!(missing["error"]["code"], "file_missing", "{missing}");
    assert_eq!(missing["error"]["retryable"], false, "{missing}");
    assert_eq!(found["id"], missing["id"], "one path is one row");
    assert_eq!(identified(&found), ["Barack Obama"], "{found}");
    assert_eq!(found["error"], Value::Null, "{found}");
    rollcall.stop().await;
}
