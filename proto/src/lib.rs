//! The gRPC contract of face-recognition, generated from `proto/facerecog.proto`, where it is described.

#[expect(
    missing_docs,
    unused_qualifications,
    clippy::pedantic,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    reason = "generated; the .proto file is the documentation"
)]
mod generated {
    tonic::include_proto!("facerecog");
}

pub use generated::*;

/// The compiled contract, as the reflection service serves it.
pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("facerecog");

/// The largest message that either side accepts: a picture of 32 MiB, the most that the recogniser looks at, and room
/// around it. Tonic's own default of 4 MiB is less than one photo of a good camera.
pub const MAX_MESSAGE_BYTES: usize = 33 * 1024 * 1024;

/// Trailer of an error status that names the case more closely than the status code; the words are listed at the
/// head of the `.proto` file.
pub const ERROR_CODE_TRAILER: &str = "error-code";

/// What [`IdentifyResponse`] says when there is a picture and nobody in it is matched.
pub const NOBODY_MATCHED: &str = "not_found";
