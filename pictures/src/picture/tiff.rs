//! Looks into a TIFF file before the decoder does (version 6, sections 8 and 15): whether what is stored is in proportion
//! to what is shown.
//!
//! Pixels are stored in strips or tiles. Those at the border reach beyond the picture, and a pixel may have samples that
//! nobody sees. The decoder reads all of it and limits only what comes out, so a few bytes in a tile a billion pixels wide
//! would keep it busy for hours.

use std::io::Cursor;

use tiff::{
    TiffResult,
    decoder::Decoder,
    tags::{CompressionMethod, Tag},
};

use super::{PictureError, damaged, out_of_proportion};

/// Strips or tiles: more than the rows of any picture that is read. Each takes some microseconds to begin.
const MOST_PARTS: u128 = 100_000;

/// Refuses a file that stores more than so many bytes, or in too many parts, or whose parts are files of which nobody knows
/// how large they are.
pub(super) fn check(bytes: &[u8], most_bytes: u64) -> Result<(), PictureError> {
    let Layout { stored, parts, compression } = Layout::read(bytes).map_err(damaged)?;
    match compression {
        CompressionMethod::JPEG | CompressionMethod::ModernJPEG => Err(PictureError::Unsupported),
        _ if stored > u128::from(most_bytes) || parts > MOST_PARTS => Err(out_of_proportion()),
        _ => Ok(()),
    }
}

struct Layout {
    /// Bytes of all rows of the picture when nothing is compressed.
    stored: u128,
    /// Strips or tiles.
    parts: u128,
    compression: CompressionMethod,
}

impl Layout {
    fn read(bytes: &[u8]) -> TiffResult<Self> {
        let mut decoder = Decoder::new(Cursor::new(bytes))?;
        let (width, height) = decoder.dimensions()?;
        let (part_width, part_height) = decoder.chunk_dimensions();
        let samples = decoder.find_tag_unsigned(Tag::SamplesPerPixel)?.unwrap_or(1_u16);
        let bits = decoder
            .find_tag_unsigned_vec(Tag::BitsPerSample)?
            .and_then(|bits: Vec<u16>| bits.first().copied());
        let compression = decoder.find_tag_unsigned(Tag::Compression)?.unwrap_or(1);
        let (width, height) = (u128::from(width), u128::from(height));
        let (part_width, part_height) = (u128::from(part_width), u128::from(part_height));
        let row_bits =
            width.next_multiple_of(part_width) * u128::from(samples) * u128::from(bits.unwrap_or(1));
        Ok(Self {
            stored: row_bits.div_ceil(8) * height,
            parts: width.div_ceil(part_width) * height.div_ceil(part_height),
            compression: CompressionMethod::from_u16_exhaustive(compression),
        })
    }
}
