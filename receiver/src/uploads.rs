//! Pictures that somebody uploads: below `uploads` in the image root, named by their content, so that the same bytes twice are
//! one file.
//!
//! A picture is written under a hidden name and takes its place when all of it is on disk. Nothing leads out of the image
//! root: folders and files are opened beneath it (`openat2` with `RESOLVE_BENEATH`, through cap-std).

mod naming;
mod shelf;

use std::{io, path::PathBuf, sync::Arc};

use axum::body::Body;
use futures_util::StreamExt as _;
use picture_path::{PathError, PicturePath};
use rustix::io::Errno;
use thiserror::Error;
use tokio::{io::AsyncWriteExt as _, task::spawn_blocking};

use crate::turns::{AllTaken, PATIENCE, Turn, Turns};
pub(crate) use naming::is_upload;
use shelf::{Shelf, Unfinished};

/// The largest picture, in bytes: what the recogniser takes.
pub(crate) const MAX_BYTES: usize = 32 << 20;
/// Uploads under way at the same time.
const AT_ONCE: usize = 16;

/// Why a picture was not stored.
#[derive(Debug, Error)]
pub(crate) enum UploadError {
    #[error("the picture is larger than {} MiB: make it smaller", MAX_BYTES >> 20)]
    TooLarge,
    #[error(transparent)]
    AllTaken(#[from] AllTaken),
    #[error("the body is empty: send the bytes of a picture")]
    Empty,
    #[error("these bytes are no picture of a kind that is read: send JPEG, PNG, WebP, GIF, BMP or TIFF")]
    NotAnImage,
    #[error("the body ended too early: send it again")]
    BodyUnreadable,
    #[error("pictures cannot be stored below IMAGE_ROOT, it is read-only for the receiver: {0}")]
    ReadOnly(io::Error),
    #[error("no more pictures can be stored below IMAGE_ROOT, it is full: {0}")]
    Full(io::Error),
    #[error("the picture could not be stored below IMAGE_ROOT: {0}")]
    Broken(io::Error),
    #[error("the picture's place is no path of a picture: {0}")]
    Place(#[from] PathError),
    #[error("storing the picture panicked")]
    Panicked,
}

impl From<io::Error> for UploadError {
    fn from(error: io::Error) -> Self {
        match Errno::from_io_error(&error) {
            Some(Errno::ROFS | Errno::ACCESS | Errno::PERM) => Self::ReadOnly(error),
            Some(Errno::NOSPC | Errno::DQUOT | Errno::FBIG) => Self::Full(error),
            _ => Self::Broken(error),
        }
    }
}

/// Takes pictures in; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Uploads {
    image_root: Arc<PathBuf>,
    turns: Turns,
}

/// A picture that is all there, under a hidden name. It is gone when this is dropped.
pub(crate) struct Received {
    unfinished: Unfinished,
    image_root: Arc<PathBuf>,
    _turn: Turn,
}

impl Uploads {
    pub(crate) fn new(image_root: Arc<PathBuf>) -> Self {
        Self { image_root, turns: Turns::new(AT_ONCE, PATIENCE) }
    }

    /// Takes the picture in that a request brings.
    pub(crate) async fn receive(&self, body: Body) -> Result<Received, UploadError> {
        let turn = self.turns.next().await?;
        let root = Arc::clone(&self.image_root);
        let mut unfinished = blocking(move || Ok(Shelf::open(&root)?.begin()?)).await?;
        write(&mut unfinished, body).await?;
        Ok(Received { unfinished, image_root: Arc::clone(&self.image_root), _turn: turn })
    }
}

impl Received {
    /// Puts the picture into its place; where that is. `name` is what the client calls it.
    pub(crate) async fn finish(self, name: Option<String>) -> Result<PicturePath, UploadError> {
        let Self { unfinished, image_root, _turn } = self;
        let place = blocking(move || unfinished.finish(name.as_deref())).await?;
        Ok(PicturePath::parse(&place, &image_root)?)
    }
}

/// Writes what comes until it is all there.
async fn write(unfinished: &mut Unfinished, body: Body) -> Result<(), UploadError> {
    let mut file = unfinished.writer()?;
    let mut length = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| UploadError::BodyUnreadable)?;
        length += chunk.len();
        if length > MAX_BYTES {
            return Err(UploadError::TooLarge);
        }
        file.write_all(&chunk).await?;
    }
    if length == 0 {
        return Err(UploadError::Empty);
    }
    Ok(file.flush().await?)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, UploadError> + Send + 'static,
) -> Result<T, UploadError> {
    spawn_blocking(work).await.unwrap_or(Err(UploadError::Panicked))
}

#[cfg(test)]
mod tests;
