//! Photos that become known, that do not, and that are forgotten.

use std::{fs, io::Cursor};

use image::{DynamicImage, ImageFormat, RgbImage, imageops};
use tonic::Code;

use crate::{
    assets::asset,
    gallery_client::{Gallery, nearest, photo, refused, told},
    server::{Setup, error_code},
};

fn png(picture: RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(picture).write_to(&mut bytes, ImageFormat::Png).expect("memory for a picture");
    bytes.into_inner()
}

fn open(name: &str) -> RgbImage {
    image::open(asset("photos").join(name)).expect("the photo can be decoded").into_rgb8()
}

/// Two people side by side.
fn both() -> Vec<u8> {
    let [left, right] = ["obama2.jpg", "biden.jpg"].map(|name| {
        let picture = open(name);
        let width = picture.width() * 800 / picture.height();
        imageops::thumbnail(&picture, width, 800)
    });
    let mut both = RgbImage::new(left.width() + right.width(), 800);
    imageops::replace(&mut both, &left, 0, 0);
    imageops::replace(&mut both, &right, i64::from(left.width()), 0);
    png(both)
}

/// A face of which hardly more than its place can be seen.
fn dark() -> Vec<u8> {
    let picture = open("obama2.jpg");
    let mut small = imageops::thumbnail(&picture, picture.width() * 800 / picture.height(), 800);
    for value in small.iter_mut() {
        *value /= 8;
    }
    png(small)
}

#[tokio::test]
async fn a_photo_that_cannot_be_known_is_refused_with_its_reason_and_leaves_nothing_behind() {
    let setup = Setup::new(1, 4).knows("biden.jpg", "biden.jpg");
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;
    let cases = [
        ("../obama.jpg", photo("obama.jpg"), "photo_name"),
        (".obama.jpg", photo("obama.jpg"), "photo_name"),
        ("nobody.png", png(RgbImage::new(200, 200)), "no_face"),
        ("both.png", both(), "several_faces"),
        ("dark.png", dark(), "low_quality"),
        ("joe.jpg", photo("biden.jpg"), "photo_known"),
        ("biden.jpg", photo("obama.jpg"), "name_taken"),
        ("text.jpg", b"no picture".to_vec(), "not_an_image"),
        ("half.jpg", photo("obama.jpg")[..100_000].to_vec(), "damaged_image"),
        ("empty.jpg", Vec::new(), "empty_file"),
    ];

    for (name, bytes, code) in cases {
        assert_eq!(refused(gallery.enrol(name, bytes).await), code, "{name}");
    }

    let dark = gallery.enrol("dark.png", dark()).await.expect_err("it is too dark");
    assert!(dark.message().contains("too dark (brightness") && dark.message().contains("at least"), "{dark}");
    let known = gallery.enrol("joe.jpg", photo("biden.jpg")).await.expect_err("it is known");
    assert!(known.message().contains("biden.jpg"), "{known}");
    assert_eq!(told(&gallery.list().await.photos), [("biden.jpg", "")]);
    let files = fs::read_dir(setup.inside("known_people")).expect("the folder").count();
    assert_eq!(files, 1, "nothing is left in the folder");
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn an_enrolled_photo_is_found_at_once_and_a_forgotten_one_is_not() {
    let setup = Setup::new(1, 4);
    let mut server = setup.start().await;
    let (gallery, client) = (Gallery::of(&server).await, server.client().await);
    let bytes = photo("obama.jpg");

    let enrolled = gallery.enrol("barack_obama.jpg", bytes.clone()).await.expect("a good photo");
    let answer = client.clone().bytes(photo("obama2.jpg")).await.expect("an answer");
    assert_eq!(nearest(&answer), Some("barack_obama.jpg"));
    assert_eq!(answer.gallery_revision, enrolled.gallery_revision);
    assert!(enrolled.resembles.is_empty());
    let stored = setup.inside("known_people/barack_obama.jpg");
    assert_eq!(fs::read(&stored).expect("the stored photo"), bytes);

    let own = gallery.enrol("barack_obama_2.jpg", photo("obama3.jpg")).await.expect("a good photo");
    assert!(own.resembles.is_empty(), "{own:?}");
    let other =
        gallery.enrol("john_doe.jpg", photo("obama2.jpg")).await.expect("it is enrolled all the same");
    let resembled: Vec<&str> = other.resembles.iter().map(|near| near.photo.as_str()).collect();
    assert!(resembled.contains(&"barack_obama.jpg") && !resembled.contains(&"john_doe.jpg"), "{resembled:?}");

    for name in ["john_doe.jpg", "barack_obama_2.jpg", "barack_obama.jpg"] {
        gallery.forget(name).await.expect("it was known");
    }
    let answer = client.bytes(photo("obama2.jpg")).await.expect("an answer");
    assert_eq!(nearest(&answer), None);
    assert!(!stored.exists());
    for snapshot in fs::read_dir(setup.inside("state/gallery")).expect("the folder of the snapshots") {
        let bytes = fs::read(snapshot.expect("an entry").path()).expect("a snapshot");
        assert!(
            !bytes.windows(6).any(|window| window == b"barack"),
            "the snapshot does not name it any more"
        );
    }
    assert_eq!(refused(gallery.forget("barack_obama.jpg").await), "photo_missing");
    fs::create_dir(setup.inside("known_people/folder")).expect("a folder");
    let long = "a".repeat(300);
    for name in ["", ".", "../known_people", "folder", "folder/", long.as_str()] {
        assert_eq!(refused(gallery.forget(name).await), "photo_missing", "{name}");
    }
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_as_the_reason() {
    // Not even root may make a file there.
    let setup = Setup::new(1, 4).variable("KNOWN_PEOPLE", "/sys/fs");
    let mut server = setup.start().await;
    let gallery = Gallery::of(&server).await;

    let status = gallery.enrol("obama.jpg", photo("obama.jpg")).await.expect_err("nothing can be stored");

    assert_eq!((status.code(), error_code(&status)), (Code::FailedPrecondition, Some("gallery_read_only")));
    server.service.stop().await.expect("it stops");
}

#[tokio::test]
async fn changes_from_afar_want_the_token_and_the_list_does_not() {
    let setup = Setup::new(1, 4).variable("FACE_RECOGNITION_ADDR", "0.0.0.0:0");
    let token = setup.inside("token");
    fs::write(&token, "s3cret\n").expect("a small file");
    let cases = [
        (setup.clone(), None, Code::PermissionDenied, "not_local"),
        (setup.clone().variable("API_TOKEN_FILE", &token), None, Code::Unauthenticated, "token_missing"),
        (setup.variable("API_TOKEN_FILE", &token), Some("guess"), Code::Unauthenticated, "token_missing"),
    ];

    for (setup, shown, code, error_code_expected) in cases {
        let mut server = setup.start().await;
        let gallery = Gallery::of(&server).await;
        let with_token = shown.map_or(gallery.clone(), |shown| gallery.clone().with_token(shown));

        let refusals = [
            with_token.enrol("a.jpg", Vec::new()).await.map(|_| ()),
            with_token.forget("a.jpg").await.map(|_| ()),
            with_token.reload().await.map(|_| ()),
        ];

        for refusal in refusals {
            let status = refusal.expect_err("it is not allowed");
            assert_eq!((status.code(), error_code(&status)), (code, Some(error_code_expected)), "{shown:?}");
        }
        assert!(gallery.list().await.photos.is_empty());
        if code == Code::Unauthenticated {
            gallery.with_token("s3cret").reload().await.expect("the token is right");
        }
        server.service.stop().await.expect("it stops");
    }
}
