//! Pictures from elsewhere: they are named like those below the image root, and nobody is led to where nobody may fetch.

use std::{fs, path::Path, time::Duration};

use picture_path::{PictureSource, thumbnail};
use rollcall_tests::{
    installed::Installed,
    object_store::ObjectStore,
    scripted_recogniser::{Recognize, Script, ScriptedRecogniser, no_face},
    scripted_web_server::{Page, ScriptedWebServer},
    wait,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rollcall::{Rollcall, identified};

/// A result is there a moment before its thumbnail.
const THUMBNAIL_BUDGET: Duration = Duration::from_secs(30);

async fn recognise(rollcall: &Rollcall, address: &str) -> Value {
    let id = rollcall.post_picture(address).await;
    rollcall.result(id).await
}

/// Of the thumbnail, in pixels.
async fn thumbnail_size(rollcall: &Rollcall, address: &str) -> (u32, u32) {
    let source = PictureSource::parse(address, Path::new("/")).expect("an address");
    let place = rollcall.layout.image_root().join(thumbnail::place(&source.hash()));
    let read = wait::until("the thumbnail", THUMBNAIL_BUDGET, async || {
        fs::read(&place).map_err(|error| format!("{}: {error}", place.display()))
    });
    let picture =
        image::load_from_memory(&read.await.expect("it is there in time")).expect("it is a picture");
    (picture.width(), picture.height())
}

#[tokio::test]
async fn a_picture_of_a_web_server_or_an_object_store_is_named() {
    let (folder, installed) = (TempDir::new().expect("a folder"), Installed::find().expect("it is set up"));
    let server = ScriptedWebServer::start().await.expect("a web server");
    let store = ObjectStore::start(&installed, folder.path()).await.expect("an object store");
    let rollcall = Rollcall::arranged(|plan| {
        plan.set("image-processor", "FETCH_ALLOW", server.address().to_string())
            .set("image-processor", "S3_ENDPOINT", store.url())
            .set("image-processor", "S3_ACCESS_KEY", "reader")
            .set("image-processor", "S3_SECRET_KEY", "word")
    })
    .await;
    let sample = rollcall.layout.image_root().join("unknown_images/unknown0001.jpg");
    let picture = fs::read(sample).expect("a sample");
    server.put("/obama.jpg", [Page::status(503), Page::redirect("/moved.jpg")]);
    server.put("/moved.jpg", [Page::file("image/jpeg", &picture)]);
    store.put("photos", "2024/may%20day.jpg", picture).await.expect("it is put there");

    for address in [server.url("/obama.jpg"), "s3://photos/2024/may day.jpg".to_owned()] {
        let image = recognise(&rollcall, &address).await;

        assert_eq!(
            (image["status"].as_str(), image["path"].as_str()),
            (Some("processed"), Some(address.as_str()))
        );
        assert_eq!(identified(&image), ["Barack Obama"], "{image}");
        let (width, height) = thumbnail_size(&rollcall, &address).await;
        assert!(width.max(height) <= 1_024 && width.min(height) > 100, "{width} x {height}");
    }
    let missing = recognise(&rollcall, "s3://photos/nothing.jpg").await;
    assert_eq!(missing["error"]["code"], "source_missing", "{missing}");
    assert_eq!(missing["error"]["retryable"], false, "{missing}");
    rollcall.stop().await;
    store.stop().await.expect("it stops");
}

#[tokio::test]
async fn an_address_that_is_not_on_the_internet_is_not_asked() {
    let recogniser =
        ScriptedRecogniser::start(Script::new(Recognize::Answers(no_face()))).expect("a recogniser");
    let server = ScriptedWebServer::start().await.expect("a web server");
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;
    let port = server.address().port();
    let addresses = [
        ("http://169.254.169.254/latest/meta-data/".to_owned(), "cloud's metadata"),
        (format!("http://localhost:{port}/a.jpg"), "loopback"),
        (format!("http://127.0.0.1:{port}/a.jpg"), "loopback"),
        (format!("http://[::ffff:127.0.0.1]:{port}/a.jpg"), "loopback"),
        ("https://10.0.0.1/a.jpg".to_owned(), "private"),
    ];

    for (address, words) in addresses {
        let image = recognise(&rollcall, &address).await;

        assert_eq!(image["status"], "failed", "{image}");
        assert_eq!(image["error"]["code"], "address_forbidden", "{image}");
        assert_eq!(image["error"]["retryable"], false, "{image}");
        let detail = image["error"]["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(words) && detail.contains("FETCH_ALLOW"), "{detail}");
    }
    let unset = recognise(&rollcall, "s3://photos/a.jpg").await;
    assert_eq!(unset["error"]["code"], "s3_not_configured", "{unset}");
    assert_eq!(server.asked(), [""; 0]);
    rollcall.stop().await;
}

#[tokio::test]
async fn an_address_with_a_password_is_not_stored() {
    let recogniser =
        ScriptedRecogniser::start(Script::new(Recognize::Answers(no_face()))).expect("a recogniser");
    let rollcall = Rollcall::scripted(&recogniser, |plan| plan).await;

    let body = json!({ "path": "https://me:word@example.org/a.jpg" }).to_string();
    let (status, answer) = rollcall.post("/image/post", body).await;

    assert_eq!((status.as_u16(), &answer["code"]), (422, &json!("address_with_password")));
    assert!(!answer.to_string().contains("word@"), "{answer}");
    rollcall.stop().await;
}
