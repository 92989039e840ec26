//! Unknown faces that look alike are named once.

use reqwest::Method;
use serde_json::json;

use crate::{browser::Browser, rollcall::Rollcall};

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

#[tokio::test]
async fn a_group_is_named_by_its_form_without_scripts() {
    let rollcall = Rollcall::knowing(&[]).await;
    let mut images = Vec::new();
    for picture in ["unknown0001.jpg", "unknown0002.jpg"] {
        images.push(rollcall.recognise(picture).await["id"].as_u64().expect("an id"));
    }
    rollcall.largest_group(2).await;
    let mut browser = Browser::start().await;
    browser.forbid_scripts().await;
    browser.open(&rollcall.page_url("/unknown")).await;

    browser.value("document.querySelector('.group input[name=name]').value = 'Barack Obama'; true").await;
    browser.value("document.querySelector('.group form').requestSubmit()").await;

    browser.until("document.querySelector('.notice')?.innerText.includes('Barack Obama') ?? false").await;
    for image in images {
        rollcall.named(image, Some("Barack Obama")).await;
    }
    browser.stop().await;
    rollcall.stop().await;
}
