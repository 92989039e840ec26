//! Pictures that anybody may send: whatever the bytes, an answer within the limits.
#![no_main]

use face_recognition::engine::picture::{Picture, PictureError, PictureLimits};
use libfuzzer_sys::fuzz_target;

const SMALL: PictureLimits = PictureLimits { bytes: 1 << 20, pixels: 4_096 };
/// Half a second for the largest picture under a sanitizer, where the default would take ten.
const LARGE: PictureLimits = PictureLimits { bytes: 32 << 20, pixels: 4_000_000 };

fuzz_target!(|bytes: &[u8]| {
    let small = decode(bytes, &SMALL);
    let large = decode(bytes, &LARGE);
    if let Ok(picture) = small {
        assert_eq!(large, Ok(picture), "a limit that is kept changes nothing");
    }
});

fn decode(bytes: &[u8], limits: &PictureLimits) -> Result<Picture, PictureError> {
    let result = Picture::decode(bytes, limits);
    if let Ok(picture) = &result {
        let pixels = u64::from(picture.width()) * u64::from(picture.height());
        assert!((1..=limits.pixels).contains(&pixels), "{picture:?}");
        assert_eq!(picture.rgb().len() as u64, 3 * pixels, "{picture:?}");
    }
    result
}
