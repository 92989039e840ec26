//! Pictures of a few pixels, in every format.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbImage};

pub(crate) fn all() -> Vec<(String, Vec<u8>)> {
    use ImageFormat::{Bmp, Gif, Jpeg, Png, Tiff, WebP};
    let image = DynamicImage::from(RgbImage::new(20, 10));
    let encoded = |format: ImageFormat| {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).expect("the format can be written");
        (format!("plain.{format:?}"), bytes.into_inner())
    };
    [Bmp, Gif, Jpeg, Png, Tiff, WebP].map(encoded).to_vec()
}
