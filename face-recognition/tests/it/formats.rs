//! A face is the same face in every format.

use std::io::Cursor;

use face_recognition::engine::picture::{Picture, PictureLimits};
use image::{
    DynamicImage,
    ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP},
    RgbImage, imageops,
};

use crate::assets::{engine, photo, references};

#[test]
fn a_face_is_recognised_in_every_format() {
    let photo = photo("obama.jpg");
    let (width, height) = (photo.width(), photo.height());
    let whole = RgbImage::from_raw(width, height, photo.rgb().to_vec()).expect("it is a picture");
    let half = imageops::thumbnail(&whole, width / 2, height / 2);
    let known = references()["obama.jpg"].embedding();
    let mut engine = engine();

    for format in [Bmp, Gif, Jpeg, Png, Tiff, WebP] {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::from(half.clone()).write_to(&mut bytes, format).expect("the format can be written");
        let picture = Picture::decode(bytes.get_ref(), &PictureLimits::default()).expect("it is a picture");
        let faces = engine.faces(&picture).expect("the engine works");

        assert_eq!(faces.len(), 1, "{format:?}: {faces:?}");
        // A GIF has 256 colours.
        let distance = faces[0].embedding.distance(&known);
        assert!(distance < 0.3, "{format:?}: {distance}");
    }
}
