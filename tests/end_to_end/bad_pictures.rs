//! Pictures that cannot be recognised: each fails for good and says why in its own words, and nothing else suffers.

use std::{
    fs::{self, File},
    os::unix::{fs::symlink, net::UnixListener},
    path::Path,
    process::Command,
    time::Duration,
};

use image::ImageFormat;
use proto::{RecognizeRequest, recognize_request::Picture};
use rollcall_tests::{http, wait};
use serde_json::json;

use crate::rollcall::{Rollcall, identified};

/// The name of each picture and its error code.
const BAD_PICTURES: [(&str, &str); 9] = [
    ("leads_out.jpg", "path_outside_root"),
    ("missing.jpg", "file_missing"),
    ("folder.jpg", "not_a_file"),
    ("pipe.jpg", "special_file"),
    ("large.jpg", "file_too_large"),
    ("empty.jpg", "empty_file"),
    ("text.jpg", "not_an_image"),
    ("cut_short.jpg", "damaged_image"),
    ("claims.png", "image_too_large"),
];

/// Puts the pictures there, all but the missing one.
fn make(root: &Path) {
    let place = |name| root.join(name);
    symlink("/etc/hostname", place("leads_out.jpg")).expect("a link");
    fs::create_dir(place("folder.jpg")).expect("a folder");
    let pipe = Command::new("mkfifo").arg(place("pipe.jpg")).status();
    assert!(pipe.expect("mkfifo is part of coreutils").success());
    // One byte more than is allowed, none of which is on the disk.
    let large = File::create(place("large.jpg")).and_then(|file| file.set_len((32 << 20) + 1));
    large.expect("a sparse file");
    File::create(place("empty.jpg")).expect("an empty file");
    fs::write(place("text.jpg"), "this is no picture").expect("a small file");
    let whole = fs::read(root.join("unknown_images/unknown0001.jpg")).expect("a sample picture");
    fs::write(place("cut_short.jpg"), &whole[..whole.len() / 2]).expect("room for half a picture");
    let mut claims = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(1, 1).write_to(&mut claims, ImageFormat::Png).expect("a small picture");
    // The header: 33 bytes, with width and height from the 16th on.
    let mut claims = claims.into_inner();
    claims.truncate(33);
    claims[16..24].copy_from_slice(&[60_000_u32.to_be_bytes(), 60_000_u32.to_be_bytes()].concat());
    fs::write(place("claims.png"), claims).expect("a small file");
}

/// Messages that nsqd still holds for the worker: waiting, sent and not finished, put back for later.
async fn messages_left(rollcall: &Rollcall) -> Result<(), String> {
    let channel = rollcall.stack.nsqd.channel("images", "ch").await.map_err(|error| error.to_string())?;
    if channel.is_empty() { Ok(()) } else { Err(format!("{channel:?}")) }
}

#[tokio::test]
async fn a_picture_that_cannot_be_recognised_fails_with_its_own_error_code_and_harms_nothing() {
    let rollcall = Rollcall::start().await;
    make(&rollcall.layout.image_root());
    // Has the error code of the pipe, so that it is not among those that differ.
    let _socket = UnixListener::bind(rollcall.layout.image_root().join("socket")).expect("a short path");
    let mut recognition = rollcall.recognition().await;

    for (name, error_code) in BAD_PICTURES.into_iter().chain([("socket", "special_file")]) {
        let request = RecognizeRequest { picture: Some(Picture::ImagePath(format!("/{name}"))) };
        let status = recognition.recognize(request).await.expect_err(name);
        let told = status.metadata().get(proto::ERROR_CODE_TRAILER).and_then(|code| code.to_str().ok());
        assert_eq!(told, Some(error_code), "{name}: {status}");
        assert!(status.message().contains(' '), "{name} has a sentence: {status}");
    }

    let posted: Vec<_> = BAD_PICTURES.iter().map(|(name, _)| json!({ "path": name })).collect();
    let (_, answer) = rollcall.post("/images/post", json!({ "paths": posted }).to_string()).await;
    let images = answer["images"].as_array().expect("a list of images");
    assert_eq!(images.len(), BAD_PICTURES.len(), "{answer}");
    for (image, (name, error_code)) in images.iter().zip(BAD_PICTURES) {
        let result = rollcall.result(image["id"].as_u64().expect("an id")).await;
        assert_eq!(result["status"], "failed", "{name}: {result}");
        assert_eq!(result["error"]["code"], error_code, "{name}: {result}");
        assert_eq!(result["error"]["retryable"], false, "{name}: {result}");
    }

    assert_eq!(identified(&rollcall.recognise("unknown0001.jpg").await), ["Barack Obama"]);
    for service in rollcall.stack.services() {
        let url = service.admin_url("/readyz");
        let ready = http::client().expect("a client").get(&url).send().await;
        assert_eq!(ready.expect("every service is up").status(), 200, "{url}");
    }
    wait::until("an empty queue", Duration::from_secs(30), async || messages_left(&rollcall).await)
        .await
        .expect("no message is left");
    rollcall.stop().await;
}
