//! Tells a complete JPEG file from one that was cut short (ITU-T T.81, annex B).
//!
//! A file is a row of segments. After a start-of-scan segment comes coded data, in which 0xFF is followed by 0
//! or a restart marker; any other marker ends it. Thumbnails lie inside segments and are stepped over with them.

const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// Whether the end-of-image marker is reached.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    // The start-of-image marker has been seen by whoever says that this is a JPEG.
    let mut at = 2;
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            END_OF_IMAGE => return true,
            // Markers without a segment: TEM and restarts.
            0x01 | 0xd0..=0xd7 => {}
            _ => {
                let Some([high, low]) = bytes.get(at..at + 2) else {
                    return false;
                };
                at += usize::from(u16::from_be_bytes([*high, *low]));
                if marker == START_OF_SCAN {
                    skip_coded_data(bytes, &mut at);
                }
            }
        }
    }
    false
}

/// The next marker's code; `at` is then behind it. Bytes in front of it are passed over, as decoders do.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += bytes.get(*at..)?.iter().position(|byte| *byte == 0xff)?;
        *at += bytes.get(*at..)?.iter().position(|byte| *byte != 0xff)?;
        let code = bytes[*at];
        *at += 1;
        if code != 0 {
            return Some(code);
        }
    }
}

/// Moves to the marker that ends the coded data, or to the end of the file.
fn skip_coded_data(bytes: &[u8], at: &mut usize) {
    let data = bytes.get(*at..).unwrap_or_default();
    let ends = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
    *at += data.windows(2).position(ends).unwrap_or(data.len());
}
