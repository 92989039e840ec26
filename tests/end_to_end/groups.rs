//! Unknown faces that look alike are named once.

use reqwest::Method;
use serde_json::json;

use crate::rollcall::Rollcall;

#[tokio::test]
async fn a_group_that_is_named_once_names_every_picture_of_it() {
    let rollcall = Rollcall::knowing(&[]).await;
    let mut images = Vec::new();
    for picture in ["unknown0001.jpg", "unknown0002.jpg", "unknown0006.jpg"] {
        let image = rollcall.recognise(picture).await;
        assert_eq!(image["reason"], "unknown_face", "{image}");
        images.push(image["id"].as_u64().expect("an id"));
    }

    let group = rollcall.largest_group(2).await;
    let route = format!("/unknown-groups/{}/name", group["id"]);
    let named = rollcall.ask(Method::POST, &route, &json!({ "name": "Barack Obama", "enrol": true })).await;

    assert_eq!(named["faces"], 2, "{named}");
    for image in &images[..2] {
        rollcall.named(*image, Some("Barack Obama")).await;
    }
    rollcall.named(images[2], None).await;
    let later = rollcall.recognise("unknown0007.jpg").await;
    assert_eq!(crate::rollcall::identified(&later), ["Barack Obama"], "{later}");
    rollcall.stop().await;
}
