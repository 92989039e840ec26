//! A picture's bytes become a smaller JPEG.

use std::sync::{Mutex, PoisonError};

use image::{
    RgbImage,
    codecs::jpeg::JpegEncoder,
    imageops::{self, FilterType},
};
use pictures::{Picture, PictureError, PictureLimits};

use crate::{
    framing,
    kind::{Face, Kind},
};

/// Of the JPEG, up to 100: no flaw can be seen in a small copy, and a larger number makes it larger only.
const QUALITY: u8 = 82;
/// Columns times rows. Of larger pictures one is decoded at a time: each takes hundreds of megabytes.
const LARGE: u64 = 12_000_000;

/// Held while a large picture is in memory.
static ONE_LARGE: Mutex<()> = Mutex::new(());

/// Makes a copy. Takes the time of a core: not to be called where others wait for it.
pub(crate) fn make(bytes: &[u8], kind: &Kind) -> Result<Vec<u8>, PictureError> {
    decoded(bytes, |image| {
        let copy = match kind {
            Kind::Whole(longest) => smaller(image, *longest),
            Kind::Face(face) => cut_out(&image, face),
        };
        jpeg(&copy, QUALITY)
    })
}

/// What comes of a picture's pixels, of which no more than one large set is in memory at a time.
pub(crate) fn decoded<T>(bytes: &[u8], work: impl FnOnce(RgbImage) -> T) -> Result<T, PictureError> {
    let usual = PictureLimits { pixels: LARGE, ..PictureLimits::default() };
    match Picture::decode(bytes, &usual) {
        Ok(picture) => Ok(work(pixels(picture))),
        Err(PictureError::TooManyPixels { .. }) => {
            let _alone = ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(work(pixels(Picture::decode(bytes, &PictureLimits::default())?)))
        }
        Err(error) => Err(error),
    }
}

fn pixels(picture: Picture) -> RgbImage {
    let (width, height) = (picture.width(), picture.height());
    let image = RgbImage::from_raw(width, height, picture.into_rgb());
    image.expect("a picture has as many pixels as its size says")
}

/// A JPEG of this quality, up to 100.
pub(crate) fn jpeg(image: &RgbImage, quality: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, quality)
        .encode_image(image)
        .expect("a copy fits a JPEG, and memory takes any bytes");
    jpeg
}

/// The picture, no longer than this at its longer side.
pub(crate) fn smaller(image: RgbImage, longest: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    let longer = width.max(height);
    if longer <= longest {
        return image;
    }
    let scaled = |side: u32| {
        let side = u64::from(side) * u64::from(longest) / u64::from(longer);
        u32::try_from(side).unwrap_or(longest).max(1)
    };
    imageops::thumbnail(&image, scaled(width), scaled(height))
}

fn cut_out(image: &RgbImage, face: &Face) -> RgbImage {
    let size = image.dimensions();
    let area = face.of.map_or(face.area, |of| face.area.scaled(of, size));
    let frame = framing::around(area, framing::HEAD, size);
    let part = imageops::crop_imm(image, frame.left, frame.top, frame.side, frame.side).to_image();
    if frame.side > face.side {
        imageops::thumbnail(&part, face.side, face.side)
    } else {
        imageops::resize(&part, face.side, face.side, FilterType::Triangle)
    }
}
