//! Enrolling somebody names them in the pictures that were there before, without another look at them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    rollcall::{Rollcall, sample_photo},
};

#[tokio::test]
async fn who_is_enrolled_by_upload_is_named_in_earlier_pictures_on_an_open_page() {
    let rollcall = Rollcall::knowing(&["barack_obama.jpg"]).await;
    let before = rollcall.recognise("unknown0006.jpg").await;
    assert_eq!(before["reason"], "unknown_face", "{before}");
    let mut browser = Browser::start().await;
    browser.open(&rollcall.page_url("/")).await;
    browser.until("document.documentElement.hasAttribute('data-following')").await;
    browser.value("window.kept = 'the same page'").await;

    let person = rollcall.ask(Method::POST, "/people", &json!({ "name": "Joe Biden" })).await;
    let route = format!("/people/{}/photos?name=portrait.jpg", person["id"]);
    let enrolled = rollcall.upload(&route, sample_photo("biden.jpg")).await;

    assert_eq!(enrolled["photo"], "joe_biden.jpg", "{enrolled}");
    browser.until("document.querySelector('#rows .person').innerText === 'Joe Biden'").await;
    assert_eq!(browser.value("window.kept").await, "the same page");
    let after = rollcall.named(before["id"].as_u64().expect("an id"), Some("Joe Biden")).await;
    assert_eq!(
        after["faces"][0]["id"], before["faces"][0]["id"],
        "the face was decided again, not looked for"
    );
    browser.stop().await;
    rollcall.stop().await;
}

#[tokio::test]
async fn a_photo_that_is_put_into_the_folder_names_earlier_pictures_too() {
    let rollcall = Rollcall::knowing(&["barack_obama.jpg"]).await;
    let before = rollcall.recognise("unknown0006.jpg").await;
    let folder = rollcall.layout.known_people();

    std::fs::write(folder.join("joe_biden.jpg"), sample_photo("biden.jpg"))
        .expect("a known photo is written");
    let id = before["id"].as_u64().expect("an id");
    rollcall.named(id, Some("Joe Biden")).await;

    std::fs::remove_file(folder.join("joe_biden.jpg")).expect("a known photo is removed");
    let forgotten = rollcall.named(id, None).await;
    assert_eq!(forgotten["reason"], "unknown_face", "{forgotten}");
    rollcall.stop().await;
}

#[tokio::test]
async fn a_face_of_a_picture_becomes_a_known_photo() {
    let rollcall = Rollcall::knowing(&[]).await;
    let first = rollcall.recognise("unknown0001.jpg").await;
    let second = rollcall.recognise("unknown0002.jpg").await;
    let face = &first["faces"][0]["id"];

    let enrolled =
        rollcall.ask(Method::POST, &format!("/faces/{face}/enrol"), &json!({ "name": "Barack Obama" })).await;

    assert_eq!(enrolled["photo"], "barack_obama.jpg", "{enrolled}");
    for image in [first, second] {
        rollcall.named(image["id"].as_u64().expect("an id"), Some("Barack Obama")).await;
    }
    rollcall.stop().await;
}

#[tokio::test]
async fn a_photo_that_shows_nobody_or_is_known_already_is_refused_in_words() {
    let rollcall = Rollcall::start().await;
    let person = rollcall.ask(Method::POST, "/people", &json!({ "name": "Nobody" })).await;
    let route = format!("/api/v1/people/{}/photos?name=a.jpg", person["id"]);
    let nobody = std::fs::read(rollcall.layout.image_root().join("unknown_images/unknown0008.jpg"))
        .expect("a picture of the samples");

    for (picture, code) in [(nobody, "no_face"), (sample_photo("biden.jpg"), "photo_known")] {
        let request = rollcall.posting(&route, String::new()).body(picture);
        let (status, _, problem) = rollcall.send(request).await;
        assert!(status.is_client_error(), "{status} {problem}");
        assert_eq!(problem["code"], code, "{problem}");
    }
    let person = rollcall.read(&format!("/people/{}", person["id"])).await;
    assert_eq!(person["photos"], json!([]), "a photo that was refused leaves nothing: {person}");
    rollcall.stop().await;
}

#[tokio::test]
async fn an_uploaded_picture_is_recognised() {
    let rollcall = Rollcall::start().await;

    let accepted = rollcall.upload("/pictures?name=holiday.jpg", sample_photo("obama2.jpg")).await;
    let image = rollcall.result(accepted["id"].as_u64().expect("an id")).await;
    assert_eq!(image["person"]["name"], "Barack Obama", "{image}");

    let path = image["path"].as_str().expect("a path").trim_start_matches('/').to_owned();
    let file = rollcall.layout.image_root().join(path);
    assert!(file.exists(), "{}", file.display());
    rollcall.ask(Method::DELETE, &format!("/images/{}", image["id"]), &Value::Null).await;
    assert!(!file.exists(), "the picture goes with its row");
    rollcall.stop().await;
}
