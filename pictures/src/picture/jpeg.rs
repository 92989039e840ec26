//! Looks into a JPEG file before the decoder does (ITU-T T.81, annex B): whether it was cut short, whether its coding is
//! one that is read, and what the decoder had better not see.
//!
//! A file is a row of segments. After a start-of-scan segment comes coded data, in which 0xFF is followed by 0
//! or a restart marker; any other marker ends it. Thumbnails lie inside segments and are stepped over with them.

use std::borrow::Cow;

/// How the pixels are coded; those in between that are not frames come after 0xc2.
const START_OF_FRAME: std::ops::RangeInclusive<u8> = 0xc0..=0xcf;
/// Baseline, extended and progressive, with Huffman codes.
const CODINGS: std::ops::RangeInclusive<u8> = 0xc0..=0xc2;
/// Huffman tables, an extension of the format, arithmetic conditions: their numbers lie among those of frames.
const NO_FRAMES: [u8; 3] = [0xc4, 0xc8, 0xcc];
const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;

/// What the parts of notes begin with that are too long for one segment (extended XMP).
const LONG_NOTES: &[u8] = b"http://ns.adobe.com/xmp/extension/";

/// Whether the end-of-image marker is reached.
pub(super) fn is_complete(bytes: &[u8]) -> bool {
    Segments::of(bytes).any(|segment| segment.marker == END_OF_IMAGE)
}

/// Whether the pixels are coded in a way that the decoder knows: it takes a frame of another coding for a file without one.
pub(super) fn is_supported(bytes: &[u8]) -> bool {
    let is_frame =
        |segment: &Segment| START_OF_FRAME.contains(&segment.marker) && !NO_FRAMES.contains(&segment.marker);
    // A file without a frame is damaged.
    Segments::of(bytes).find(is_frame).is_none_or(|Segment { marker, body }| {
        CODINGS.contains(&marker) && body.first().is_none_or(|precision| *precision == 8)
    })
}

/// The file with long notes made unrecognisable. The decoder goes through all parts that it has at every further segment,
/// so that many parts take hours; and nobody here reads them.
pub(super) fn without_long_notes(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut bytes = Cow::Borrowed(bytes);
    let mut from = 0;
    let find = |bytes: &[u8]| bytes.windows(LONG_NOTES.len()).position(|window| window == LONG_NOTES);
    while let Some(ahead) = find(&bytes[from..]) {
        bytes.to_mut()[from + ahead] = b'-';
        from += ahead + 1;
    }
    bytes
}

/// A marker, and what its segment holds; nothing where it has none.
struct Segment<'a> {
    marker: u8,
    body: &'a [u8],
}

/// The segments of a file; ends where one is cut short.
struct Segments<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Segments<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        // The start-of-image marker has been seen by whoever says that this is a JPEG.
        Self { bytes, at: 2 }
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = Segment<'a>;

    fn next(&mut self) -> Option<Segment<'a>> {
        let marker = next_marker(self.bytes, &mut self.at)?;
        // Markers without a segment: TEM, restarts and the end.
        if matches!(marker, 0x01 | 0xd0..=0xd7 | END_OF_IMAGE) {
            return Some(Segment { marker, body: &[] });
        }
        let (length, rest) = self.bytes.get(self.at..)?.split_first_chunk()?;
        let length = usize::from(u16::from_be_bytes(*length));
        self.at += length;
        if marker == START_OF_SCAN {
            skip_coded_data(self.bytes, &mut self.at);
        }
        Some(Segment { marker, body: &rest[..rest.len().min(length.saturating_sub(2))] })
    }
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
