//! Tells a complete WebP file from one that was cut short or claims more than it holds (RFC 9649, section 2).
//!
//! A file is a row of chunks: a name of four letters, a length, so many bytes, and one more where the length is odd. A
//! frame of an animation is a chunk that holds chunks.

/// The marks of the format, in front of the first chunk.
const FILE_HEADER: usize = 12;
/// Place, size and duration of a frame, in front of its first chunk.
const FRAME_HEADER: usize = 16;
const FRAME: &[u8] = b"ANMF";

/// Whether every chunk ends within the file.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    let frames = bytes.get(FILE_HEADER..).and_then(frames_among);
    // There are no frames in frames.
    frames.is_some_and(|frames| frames.into_iter().all(|frame| frames_among(frame).is_some()))
}

/// The chunks of each frame in a row of chunks. `None` when a chunk reaches beyond the end of the row.
fn frames_among(mut row: &[u8]) -> Option<Vec<&[u8]>> {
    let mut frames = Vec::new();
    while let Some((header, rest)) = row.split_first_chunk::<8>() {
        let (name, length) = header.split_at(4);
        let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
        let (chunk, behind) = rest.split_at_checked(length)?;
        if name == FRAME {
            frames.push(chunk.get(FRAME_HEADER..)?);
        }
        row = behind.get(length % 2..).unwrap_or_default();
    }
    Some(frames)
}
