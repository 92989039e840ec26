//! dlib's landmark predictors: whatever the bytes, a landmark file that the engine reads, or an error.
#![no_main]

use face_recognition::{dlib, engine::landmarks::Cascade};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(landmarks) = dlib::landmarks(bytes) {
        Cascade::from_bytes(&landmarks).expect("what the importer writes can be read");
    }
});
