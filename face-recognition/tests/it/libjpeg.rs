//! Photos with the pixels that dlib saw: those of a JPEG as libjpeg decodes it. Other decoders differ by a unit here and
//! there, and the landmark cascade amplifies it.

use std::process::Command;

use face_recognition::engine::picture::Picture;

use crate::assets::{asset, photo};

/// The pixels of a photo. `djpeg` is libjpeg as a program; what is not a JPEG has only one way to be decoded.
pub(crate) fn pixels(name: &str) -> Picture {
    let path = asset("photos").join(name);
    if path.extension().is_none_or(|extension| extension != "jpg") {
        return photo(name);
    }
    let output = Command::new("djpeg").arg("-ppm").arg(&path).output();
    let output = output.expect("djpeg is installed: run `make setup`, or install libjpeg-turbo-progs");
    assert!(output.status.success(), "djpeg {name}: {}", String::from_utf8_lossy(&output.stderr));
    from_ppm(&output.stdout).unwrap_or_else(|| panic!("djpeg {name} gives no PPM"))
}

/// A portable pixmap: `P6`, width, height and 255 in lines of text, then red, green, blue of each pixel.
fn from_ppm(bytes: &[u8]) -> Option<Picture> {
    let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next();
    let (b"P6", size, b"255", rgb) = (line()?, line()?, line()?, line()?) else { return None };
    let (width, height) = str::from_utf8(size).ok()?.split_once(' ')?;
    Picture::from_rgb(width.parse().ok()?, height.parse().ok()?, rgb.to_vec())
}
