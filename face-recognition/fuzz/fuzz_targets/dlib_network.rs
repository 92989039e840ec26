//! dlib's network files: whatever the bytes, ONNX or an error.
#![no_main]

use face_recognition::dlib::{self, Precision};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = dlib::detector(bytes, Precision::Int8);
    let _ = dlib::detector(bytes, Precision::Exact);
    let _ = dlib::embedder(bytes);
});
