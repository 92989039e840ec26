//! Pictures: untrusted bytes decoded into pixels, in memory-safe code and within limits.
//!
//! The format is told by the content. Size limits are checked against the header, before memory for pixels is
//! taken, and what a file claims to hold beside them must be there. The orientation that a camera noted (EXIF) is
//! applied, so that up is up. Transparency is dropped; of an animation the first frame counts.

mod jpeg;
mod png;
mod tiff;
mod webp;

use std::borrow::Cow;
use std::io::Cursor;

use image::error::{ImageError, LimitErrorKind};
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};

/// What a picture may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureLimits {
    /// Size of the file.
    pub bytes: usize,
    /// Columns times rows; half of it where a pixel has 16 bytes (floating-point TIFF).
    pub pixels: u64,
}

impl Default for PictureLimits {
    /// 32 MiB and 50 million pixels: what cameras make.
    fn default() -> Self {
        Self { bytes: 32 << 20, pixels: 50_000_000 }
    }
}

/// Why bytes did not become a picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// There are no bytes.
    #[error("the file is empty")]
    Empty,
    /// The file is too large to be looked at.
    #[error("the picture has {bytes} bytes; {limit} are allowed")]
    TooManyBytes {
        /// Of the file.
        bytes: usize,
        /// Allowed.
        limit: usize,
    },
    /// The picture is too large to be decoded.
    #[error("the picture has {width} x {height} pixels; {limit} in all are allowed")]
    TooManyPixels {
        /// Columns.
        width: u32,
        /// Rows.
        height: u32,
        /// Pixels allowed at its depth.
        limit: u64,
    },
    /// Not a picture, or of a format that is not read.
    #[error("not a picture in a supported format (JPEG, PNG, WebP, GIF, BMP, TIFF)")]
    Unsupported,
    /// Cut short or corrupt.
    #[error("the picture is damaged: {reason}")]
    Damaged {
        /// What the decoder says.
        reason: String,
    },
}

/// Decoded pixels.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// Bytes per pixel while decoding, up to which the whole limit holds: four channels of 16 bits.
const DEEP_PIXEL: u64 = 8;
/// What a decoder may need beside the pixels, in bytes.
const DECODER_SPACE: u64 = 64 << 20;

impl Picture {
    /// Decodes a file.
    ///
    /// # Errors
    /// See [`PictureError`].
    pub fn decode(bytes: &[u8], limits: &PictureLimits) -> Result<Self, PictureError> {
        if bytes.is_empty() {
            return Err(PictureError::Empty);
        }
        if bytes.len() > limits.bytes {
            return Err(PictureError::TooManyBytes { bytes: bytes.len(), limit: limits.bytes });
        }
        let format = image::guess_format(bytes).map_err(|_| PictureError::Unsupported)?;
        if format == ImageFormat::Png
            && let Some((width, height)) = png::size(bytes)
        {
            check_size(width, height, limits.pixels)?;
        }
        let bytes = match format {
            ImageFormat::Jpeg if !jpeg::is_supported(bytes) => return Err(PictureError::Unsupported),
            ImageFormat::Jpeg => jpeg::without_long_notes(bytes),
            _ => Cow::Borrowed(bytes),
        };
        let mut reader = ImageReader::with_format(Cursor::new(&*bytes), format);
        let most_bytes = limits.pixels.saturating_mul(DEEP_PIXEL);
        let mut budget = image::Limits::no_limits();
        budget.max_alloc = Some(most_bytes.saturating_add(DECODER_SPACE));
        reader.limits(budget);

        let mut decoder = reader.into_decoder().map_err(refused)?;
        let (width, height) = decoder.dimensions();
        let limit = limits.pixels.min(most_bytes / u64::from(decoder.color_type().bytes_per_pixel()));
        check_size(width, height, limit)?;
        match format {
            // The decoder would fill the missing part with grey.
            ImageFormat::Jpeg if !jpeg::is_complete(&bytes) => return Err(damaged("the data end early")),
            // The decoder would take as much memory as a chunk claims to have, or a picture within a smaller one.
            ImageFormat::WebP if !webp::is_sound(&bytes) => {
                return Err(damaged("its parts are not as large as they say"));
            }
            ImageFormat::Tiff => tiff::check(&bytes, most_bytes)?,
            _ => {}
        }
        let orientation = decoder.orientation().map_err(refused)?;
        // Turning makes a copy: of three bytes per pixel, whatever the file had.
        let mut image = DynamicImage::from(DynamicImage::from_decoder(decoder).map_err(refused)?.into_rgb8());
        image.apply_orientation(orientation);
        let image = image.into_rgb8();
        Ok(Self { width: image.width(), height: image.height(), pixels: image.into_raw() })
    }

    /// Takes pixels that are decoded already: `width * height` times red, green, blue, row by row. `None` if that
    /// is not how many there are, or there are none.
    #[must_use]
    pub fn from_rgb(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let expected = (u64::from(width) * u64::from(height)).checked_mul(3)?;
        (expected > 0 && pixels.len() as u64 == expected).then_some(Self { width, height, pixels })
    }

    /// Columns; at least 1.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows; at least 1.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green, blue of each pixel, row by row.
    #[must_use]
    pub fn rgb(&self) -> &[u8] {
        &self.pixels
    }

    /// The same, without a copy.
    #[must_use]
    pub fn into_rgb(self) -> Vec<u8> {
        self.pixels
    }

    /// Red, green and blue at a place; `None` outside.
    #[must_use]
    pub fn pixel(&self, column: i64, row: i64) -> Option<[u8; 3]> {
        let column = u32::try_from(column).ok().filter(|column| *column < self.width)?;
        let row = u32::try_from(row).ok().filter(|row| *row < self.height)?;
        let (pixels, _) = self.pixels.as_chunks::<3>();
        Some(pixels[row as usize * self.width as usize + column as usize])
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({} x {})", self.width, self.height)
    }
}

/// Whether a picture of this size may be decoded.
fn check_size(width: u32, height: u32, limit: u64) -> Result<(), PictureError> {
    match u64::from(width) * u64::from(height) {
        0 => Err(damaged("it has no pixels")),
        pixels if pixels > limit => Err(PictureError::TooManyPixels { width, height, limit }),
        _ => Ok(()),
    }
}

fn refused(error: ImageError) -> PictureError {
    match error {
        ImageError::Unsupported(_) => PictureError::Unsupported,
        ImageError::Limits(limit) if limit.kind() == LimitErrorKind::InsufficientMemory => {
            out_of_proportion()
        }
        other => damaged(other),
    }
}

/// Little is shown, and very much had to be decoded for it.
fn out_of_proportion() -> PictureError {
    damaged("decoding it needs more memory than its size allows")
}

fn damaged(error: impl std::fmt::Display) -> PictureError {
    PictureError::Damaged { reason: error.to_string() }
}

#[cfg(test)]
mod tests;
