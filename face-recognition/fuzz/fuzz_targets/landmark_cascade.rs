//! The landmark file of a pack: whatever the bytes, a cascade that finds landmarks, or an error.
#![no_main]

use face_recognition::engine::{Bounds, landmarks::Cascade, picture::Picture};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(cascade) = Cascade::from_bytes(bytes) {
        let pixels = (0..64 * 64 * 3_u32).map(|place| (place * 7 % 251) as u8).collect();
        let picture = Picture::from_rgb(64, 64, pixels).expect("64 x 64 pixels");
        let _ = cascade.locate(&picture, Bounds { left: -8, top: 16, width: 40, height: 40 });
    }
});
