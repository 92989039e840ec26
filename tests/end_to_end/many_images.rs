//! Many pictures at once.

use std::fs;

use serde_json::json;

use crate::rollcall::{Rollcall, identified};

#[tokio::test]
async fn two_hundred_pictures_in_one_request_all_get_their_result() {
    let rollcall = Rollcall::start().await;
    let folder = rollcall.layout.image_root().join("unknown_images");
    let pictures = ["unknown0001.jpg", "unknown0006.jpg"];
    let paths: Vec<String> = (0..200)
        .map(|number| {
            let copy = format!("copy{number:03}.jpg");
            fs::copy(folder.join(pictures[number % 2]), folder.join(&copy)).expect("room for a copy");
            format!("/unknown_images/{copy}")
        })
        .collect();

    let posted: Vec<_> = paths.iter().map(|path| json!({ "path": path })).collect();
    let (status, answer) = rollcall.post("/images/post", json!({ "paths": posted }).to_string()).await;

    assert_eq!(status, 202, "{answer}");
    let images = answer["images"].as_array().expect("a list of images");
    assert_eq!(images.len(), 200, "{answer}");
    for (number, image) in images.iter().enumerate() {
        let result = rollcall.result(image["id"].as_u64().expect("an id")).await;
        let person = if number % 2 == 0 { "Barack Obama" } else { "Joe Biden" };
        assert_eq!(result["path"], paths[number].as_str());
        assert_eq!(identified(&result), [person], "{result}");
    }
    rollcall.stop().await;
}
