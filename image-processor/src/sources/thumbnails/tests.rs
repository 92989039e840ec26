//! What is kept of a picture, and where.

use image::{ImageFormat, Rgb};
use tempfile::TempDir;

use super::*;

const HASH: [u8; 32] = [0xab; 32];

/// Red on the left, blue on the right.
fn png(width: u32, height: u32) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(
            width,
            height,
            |x, _| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) },
        );
    let mut bytes = io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).expect("it can be written");
    bytes.into_inner()
}

fn size(jpeg: &[u8]) -> (u32, u32) {
    assert_eq!(image::guess_format(jpeg).expect("a format"), ImageFormat::Jpeg);
    let picture = image::load_from_memory(jpeg).expect("it is a picture");
    (picture.width(), picture.height())
}

#[test]
fn the_longer_side_is_brought_to_the_limit_and_nothing_is_made_larger() {
    let table = [
        ((2_048, 1_024), (1_024, 512)),
        ((1_024, 2_049), (512, 1_024)),
        ((1_024, 1_024), (1_024, 1_024)),
        ((40, 20), (40, 20)),
        ((50_000, 10), (1_024, 1)),
        ((1_536, 1_025), (1_024, 683)),
    ];
    for ((width, height), expected) in table {
        assert_eq!(fit(width, height), expected, "{width} x {height}");
    }
}

#[test]
fn a_thumbnail_is_a_jpeg_of_the_same_picture() {
    let jpeg = make(&png(2_000, 1_000)).expect("a thumbnail");

    assert_eq!(size(&jpeg), (1_024, 512));
    let small = image::load_from_memory(&jpeg).expect("it is a picture").into_rgb8();
    let (left, right) = (small.get_pixel(100, 100), small.get_pixel(900, 100));
    assert!(left[0] > 200 && left[2] < 50 && right[2] > 200 && right[0] < 50, "{left:?} {right:?}");
}

#[test]
fn a_thumbnail_is_upright_whatever_way_the_camera_was_held() {
    let picture = image::load_from_memory(&png(40, 20)).expect("it is a picture");
    let mut jpeg = io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).expect("it can be written");
    let jpeg = jpeg.into_inner();
    // Held so that the right of what was stored is its bottom: EXIF's orientation 6.
    let exif = b"\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
    let turned = [&jpeg[..2], exif, &jpeg[2..]].concat();

    assert_eq!(size(&make(&turned).expect("a thumbnail")), (20, 40));
}

#[tokio::test]
async fn a_thumbnail_is_kept_where_the_row_tells_and_replaces_the_one_before() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    let thumbnails = Thumbnails::new(root.path());
    let place = root.path().join(thumbnail::place(&HASH));

    thumbnails.keep(png(40, 20).into(), HASH).await;
    assert_eq!(size(&fs::read(&place)?), (40, 20));
    thumbnails.keep(png(20, 40).into(), HASH).await;

    assert_eq!(size(&fs::read(&place)?), (20, 40));
    assert_eq!(fs::metadata(&place)?.permissions().mode() & 0o777, 0o644);
    let beside = fs::read_dir(place.parent().expect("a folder"))?.count();
    assert_eq!(beside, 1, "files in the folder");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_made_or_written_leaves_nothing_and_fails_nobody() -> anyhow::Result<()> {
    let root = TempDir::new()?;
    let missing = root.path().join("not mounted");

    Thumbnails::new(root.path()).keep(Bytes::from_static(b"no picture"), HASH).await;
    Thumbnails::new(&missing).keep(png(40, 20).into(), HASH).await;

    assert!(!missing.exists());
    assert!(!root.path().join(thumbnail::FOLDER).exists());
    Ok(())
}

#[test]
fn a_picture_that_is_too_large_to_be_decoded_has_no_thumbnail() {
    // A PNG whose header says 100,000 columns and rows.
    let mut bytes = png(4, 4);
    bytes[16..24].copy_from_slice(&[0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0]);

    assert!(matches!(make(&bytes), Err(ThumbnailError::Picture(PictureError::TooManyPixels { .. }))));
}
