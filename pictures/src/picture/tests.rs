use image::{Rgb, RgbImage};

use super::*;

/// 40 x 20 pixels: red on the left, blue on the right.
fn two_colours() -> RgbImage {
    RgbImage::from_fn(40, 20, |x, _| if x < 20 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) })
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    two_colours().write_to(&mut bytes, format).expect("the format can be written");
    bytes.into_inner()
}

fn decode(bytes: &[u8]) -> Result<Picture, PictureError> {
    Picture::decode(bytes, &PictureLimits::default())
}

/// A JPEG with an EXIF segment that says how the camera was held.
fn with_orientation(orientation: u8) -> Vec<u8> {
    let jpeg = encoded(ImageFormat::Jpeg);
    // A big-endian TIFF header, one entry: tag 0x0112, type SHORT, one value.
    let tiff =
        [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".as_slice(), &[orientation], &[0; 6]];
    let tiff = tiff.concat();
    let length = u16::try_from(tiff.len() + 2).expect("a small segment").to_be_bytes();
    [&jpeg[..2], &[0xff, 0xe1], &length, &tiff, &jpeg[2..]].concat()
}

fn is_red(pixel: Option<[u8; 3]>) -> bool {
    pixel.is_some_and(|[red, _, blue]| red > 200 && blue < 50)
}

#[test]
fn every_format_is_told_by_its_content() {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    for format in [Bmp, Gif, Jpeg, Png, Tiff, WebP] {
        let picture = decode(&encoded(format)).unwrap_or_else(|error| panic!("{format:?}: {error}"));
        assert_eq!((picture.width(), picture.height()), (40, 20), "{format:?}");
        assert!(is_red(picture.pixel(5, 10)) && !is_red(picture.pixel(35, 10)), "{format:?}");
    }
}

#[test]
fn up_is_up_however_the_camera_was_held() {
    // Where the red half is after turning.
    let cases =
        [(1, (5, 10), (40, 20)), (3, (35, 10), (40, 20)), (6, (10, 5), (20, 40)), (8, (10, 35), (20, 40))];
    for (orientation, (x, y), size) in cases {
        let picture = decode(&with_orientation(orientation)).expect("it is a picture");
        assert_eq!((picture.width(), picture.height()), size, "orientation {orientation}");
        assert!(is_red(picture.pixel(x, y)), "orientation {orientation}");
    }
}

#[test]
fn a_picture_cut_short_is_damaged_wherever_it_was_cut() {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    // A PNG ends with 16 bytes of end mark, a WebP file with a byte of padding, a GIF with the end marks of its data, its
    // frame and itself: nothing is missing without them.
    for (format, spare) in [(Jpeg, 0), (Bmp, 0), (Png, 16), (WebP, 1), (Gif, 3), (Tiff, 0)] {
        let bytes = encoded(format);
        let needed = bytes.len() - spare;
        for length in 1..needed {
            let error =
                decode(&bytes[..length]).expect_err(&format!("{format:?}, {length} of {needed} bytes"));
            let named = matches!(error, PictureError::Damaged { .. } | PictureError::Unsupported);
            assert!(named, "{format:?}, {length} of {needed} bytes: {error}");
        }
    }
}

#[test]
fn a_thumbnail_does_not_make_a_jpeg_complete() {
    let thumbnail = encoded(ImageFormat::Jpeg);
    let length = u16::try_from(thumbnail.len() + 2).expect("a small segment").to_be_bytes();
    let whole = [&thumbnail[..2], &[0xff, 0xe1], &length, &thumbnail, &thumbnail[2..]].concat();
    assert!(decode(&whole).is_ok());
    assert!(matches!(decode(&whole[..whole.len() - 40]), Err(PictureError::Damaged { .. })));
}

#[test]
fn limits_hold_before_anything_is_decoded() {
    let bytes = encoded(ImageFormat::Png);
    let limits = PictureLimits { pixels: 799, ..PictureLimits::default() };
    let expected = PictureError::TooManyPixels { width: 40, height: 20, limit: 799 };
    assert_eq!(Picture::decode(&bytes, &limits), Err(expected));

    let limits = PictureLimits { bytes: bytes.len() - 1, ..PictureLimits::default() };
    let expected = PictureError::TooManyBytes { bytes: bytes.len(), limit: bytes.len() - 1 };
    assert_eq!(Picture::decode(&bytes, &limits), Err(expected));
}

#[test]
fn a_deep_picture_may_have_fewer_pixels_and_is_told_how_many() {
    let mut bytes = Cursor::new(Vec::new());
    let deep = DynamicImage::from(two_colours()).into_rgba32f();
    deep.write_to(&mut bytes, ImageFormat::Tiff).expect("the format can be written");
    let bytes = bytes.into_inner();
    let limited = |pixels| Picture::decode(&bytes, &PictureLimits { pixels, ..PictureLimits::default() });
    assert!(limited(1600).is_ok_and(|picture| is_red(picture.pixel(5, 10))));
    let expected = PictureError::TooManyPixels { width: 40, height: 20, limit: 799 };
    assert_eq!(limited(1599), Err(expected));
}

#[test]
fn the_header_of_a_png_is_enough_to_refuse_it() {
    let mut header = encoded(ImageFormat::Png);
    header.truncate(33);
    assert!(matches!(decode(&header), Err(PictureError::Damaged { .. })));

    // Width and height in the IHDR chunk.
    header[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
    header[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
    let expected = PictureError::TooManyPixels { width: 60_000, height: 60_000, limit: 50_000_000 };
    assert_eq!(decode(&header), Err(expected));
}

#[test]
fn what_is_not_a_picture_is_said_to_be_none() {
    assert_eq!(decode(b""), Err(PictureError::Empty));
    for text in [b"hello, world".as_slice(), b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"] {
        assert_eq!(decode(text), Err(PictureError::Unsupported));
    }
}

#[test]
fn pixels_must_be_as_many_as_the_size_says() {
    assert!(Picture::from_rgb(2, 1, vec![0; 6]).is_some());
    for (width, height, bytes) in [(2, 1, 5), (0, 1, 0), (u32::MAX, u32::MAX, 3)] {
        assert_eq!(Picture::from_rgb(width, height, vec![0; bytes]), None, "{width} x {height}");
    }
}

#[test]
fn there_are_no_pixels_outside() {
    let picture = Picture::from_rgb(2, 1, vec![1, 2, 3, 4, 5, 6]).expect("two pixels");
    assert_eq!(picture.pixel(1, 0), Some([4, 5, 6]));
    for (column, row) in [(-1, 0), (2, 0), (0, -1), (0, 1), (i64::MAX, i64::MIN)] {
        assert_eq!(picture.pixel(column, row), None, "{column}, {row}");
    }
}
