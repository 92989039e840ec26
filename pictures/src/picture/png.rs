//! Reads the size of a PNG from its header (ISO/IEC 15948, section 11.2.2). The decoder tells it only when it has come
//! to the pixels; a file may end before them, or have much in between.

/// Length and name of the chunk that every PNG begins with, behind the 8 bytes that mark the format.
const HEADER: &[u8] = b"\0\0\0\x0dIHDR";

/// Columns and rows.
pub(super) fn size(bytes: &[u8]) -> Option<(u32, u32)> {
    let (width, rest) = bytes.get(8..)?.strip_prefix(HEADER)?.split_first_chunk()?;
    let (height, _) = rest.split_first_chunk()?;
    Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)))
}
