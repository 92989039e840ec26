//! Small pictures of those that were fetched, below the image root, for pages to show. The whole of a picture stays where it
//! came from.
//!
//! Nothing waits for them and nothing fails with them: a picture without one has its result all the same.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use image::{DynamicImage, ImageError, RgbImage, codecs::jpeg::JpegEncoder, imageops};
use picture_path::thumbnail;
use pictures::{Picture, PictureError, PictureLimits};
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Of the longer side, in pixels.
const LONGEST_SIDE: u32 = 1_024;
/// Out of 100: small, and good enough to know a face.
const QUALITY: u8 = 80;

/// Why there is no thumbnail.
#[derive(Debug, Error)]
enum ThumbnailError {
    #[error(transparent)]
    Picture(#[from] PictureError),
    #[error("it cannot be written as JPEG: {0}")]
    Encoding(#[from] ImageError),
    #[error("it cannot be written below IMAGE_ROOT: {0}")]
    Writing(#[from] io::Error),
    #[error("making it panicked")]
    Panicked,
}

/// Makes them, one after the other: a picture in pixels is large.
#[derive(Clone)]
pub(super) struct Thumbnails {
    image_root: Arc<Path>,
    turn: Arc<Semaphore>,
}

impl Thumbnails {
    pub(super) fn new(image_root: &Path) -> Self {
        Self { image_root: Arc::from(image_root), turn: Arc::new(Semaphore::new(1)) }
    }

    /// Writes the thumbnail of a picture, in the place of the one before.
    pub(super) async fn keep(&self, bytes: Bytes, path_hash: [u8; 32]) {
        let _turn = self.turn.acquire().await;
        let place = self.image_root.join(thumbnail::place(&path_hash));
        let made = spawn_blocking(move || write(&place, &make(&bytes)?)).await;
        let result = match made.unwrap_or(Err(ThumbnailError::Panicked)) {
            Ok(()) => "written",
            Err(error) => {
                tracing::warn!(%error, path.hash = hex::encode(path_hash), "a fetched picture has no thumbnail");
                "failed"
            }
        };
        metrics::counter!("rollcall_thumbnails_total", "result" => result).increment(1);
    }
}

/// A JPEG of the picture as it is looked at, no larger than the picture.
fn make(bytes: &[u8]) -> Result<Vec<u8>, ThumbnailError> {
    let picture = Picture::decode(bytes, &PictureLimits::default())?;
    let (width, height) = (picture.width(), picture.height());
    let pixels =
        RgbImage::from_raw(width, height, picture.into_rgb()).expect("a picture has all of its pixels");
    let (small_width, small_height) = fit(width, height);
    let small = if (small_width, small_height) == (width, height) {
        pixels
    } else {
        imageops::thumbnail(&pixels, small_width, small_height)
    };
    let mut jpeg = Vec::new();
    DynamicImage::from(small).write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, QUALITY))?;
    Ok(jpeg)
}

/// The same proportions within the longest side.
fn fit(width: u32, height: u32) -> (u32, u32) {
    let longer = width.max(height);
    if longer <= LONGEST_SIDE {
        return (width, height);
    }
    let scaled = |side: u32| {
        let rounded = (u64::from(side) * u64::from(LONGEST_SIDE) + u64::from(longer) / 2) / u64::from(longer);
        u32::try_from(rounded.max(1)).expect("it is no larger than the longest side")
    };
    (scaled(width), scaled(height))
}

/// All of it or nothing: who reads at the same time sees the old file or the new one. The image root must be there, or a
/// volume that is not mounted would be written beside.
fn write(place: &Path, jpeg: &[u8]) -> Result<(), ThumbnailError> {
    let folders: Vec<PathBuf> = place.ancestors().skip(1).take(2).map(Path::to_owned).collect();
    for folder in folders.iter().rev() {
        match fs::create_dir(folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
    }
    let folder = folders.first().expect("a thumbnail lies in a folder");
    // Readers are other accounts.
    let mut builder = tempfile::Builder::new();
    let file = builder.permissions(Permissions::from_mode(0o644)).tempfile_in(folder)?;
    fs::write(file.path(), jpeg)?;
    file.persist(place).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests;
