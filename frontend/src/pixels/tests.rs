//! Pictures as a browser gets them: real files, the rows of a real database.

use std::fs;

use axum::http::{StatusCode, header};
use image::{ImageFormat, Rgb, RgbImage};

use crate::routes::tests::Frontend;

/// A picture of 400 by 200 pixels, red on the left and blue on the right.
fn write_picture(path: &std::path::Path) -> anyhow::Result<()> {
    fs::create_dir_all(path.parent().expect("a folder"))?;
    let half = |x| if x < 200 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    Ok(RgbImage::from_fn(400, 200, |x, _| half(x)).save_with_format(path, ImageFormat::Jpeg)?)
}

#[tokio::test]
async fn a_picture_is_shown_small_and_large_and_kept_by_the_browser() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    write_picture(&frontend.images().join("1.jpg"))?;
    frontend.insert_images(1).await?;

    let small = frontend.get_bytes("/pictures/1/thumbnail", None).await?;
    let large = frontend.get_bytes("/pictures/1/view", None).await?;
    let tag = small.headers[header::ETAG].to_str()?;
    let again = frontend.get_bytes("/pictures/1/thumbnail", Some(tag)).await?;

    assert_eq!(
        (small.status, &small.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"image/jpeg".parse()?)
    );
    let size = |bytes: &[u8]| image::load_from_memory(bytes).map(|image| (image.width(), image.height()));
    assert_eq!((size(&small.bytes)?, size(&large.bytes)?), ((240, 120), (400, 200)));
    assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    Ok(())
}

#[tokio::test]
async fn a_face_is_cut_out_of_its_picture() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    write_picture(&frontend.images().join("1.jpg"))?;
    frontend.insert_images(1).await?;
    frontend.update_images("UPDATE images SET width = 400, height = 200").await?;
    frontend.insert_face(1, "unknown", None, (300, 50, 40, 40)).await?;

    let face = frontend.get_bytes("/faces/1/crop", None).await?;

    assert_eq!(face.status, StatusCode::OK);
    let face = image::load_from_memory(&face.bytes)?.into_rgb8();
    assert_eq!(face.dimensions(), (160, 160));
    assert!(face.pixels().all(|pixel| pixel[2] > 150 && pixel[0] < 100), "only blue is there");
    Ok(())
}

#[tokio::test]
async fn a_picture_from_elsewhere_is_shown_by_its_kept_thumbnail() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(1).await?;
    frontend
        .update_images("UPDATE images SET path = 'https://example.org/a.jpg', path_hash = REPEAT(X'ab', 32)")
        .await?;
    let hash = "ab".repeat(32);
    write_picture(&frontend.images().join(format!(".thumbnails/ab/{hash}.jpg")))?;

    let small = frontend.get_bytes("/pictures/1/thumbnail", None).await?;

    assert_eq!(small.status, StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_shown_is_a_drawing_that_says_why() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    frontend.insert_images(2).await?;
    fs::write(frontend.images().join("2.jpg"), "no picture")?;
    fs::write(frontend.images().join("../secret.jpg"), "no picture")?;
    let table = [
        ("/pictures/1/thumbnail", StatusCode::NOT_FOUND, "The file is not"),
        ("/pictures/2/thumbnail", StatusCode::UNPROCESSABLE_ENTITY, "The file is no"),
        ("/pictures/3/view", StatusCode::NOT_FOUND, "There is no such"),
        ("/faces/7/crop", StatusCode::NOT_FOUND, "There is no such"),
        ("/known-photos/nobody.jpg", StatusCode::NOT_FOUND, "The file is not"),
        ("/known-photos/..%2Fsecret.jpg", StatusCode::NOT_FOUND, "There is no such"),
    ];
    for (address, status, reason) in table {
        let drawing = frontend.get(address).await?;

        drawing.expect(status, &["<svg", reason]);
        assert_eq!(drawing.headers[header::CONTENT_TYPE], "image/svg+xml", "{address}");
    }
    Ok(())
}

#[tokio::test]
async fn a_known_photo_is_shown_whatever_its_name() -> anyhow::Result<()> {
    let frontend = Frontend::start().await?;
    write_picture(&frontend.known_people().join("josé o'neil & co?.jpg"))?;

    let photo = frontend.get_bytes("/known-photos/jos%C3%A9%20o%27neil%20%26%20co%3F.jpg", None).await?;

    assert_eq!(photo.status, StatusCode::OK);
    Ok(())
}
