//! Makes copies of pictures: as many at once as there are cores, with a bounded number of requests that wait.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
};

use pictures::{PictureError, PictureLimits, PictureRoot, ReadError};
use thiserror::Error;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
};

use crate::{
    cache::Cache,
    kind::{self, Kind, Source},
    making,
};

/// Requests that may wait for a core: the copies of some pages of pictures.
const WAITING: usize = 256;

/// Where copies are kept.
#[derive(Debug, Clone)]
pub struct Settings {
    /// A folder of this process alone.
    pub folder: PathBuf,
    /// Bytes of all files in it.
    pub limit: u64,
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Whoever asked has it: the name is the one that was known.
    Unchanged,
    /// A JPEG.
    Copy {
        /// Another one when the picture's file has changed.
        name: String,
        /// The file.
        jpeg: Vec<u8>,
    },
}

/// Why there is no copy.
#[derive(Debug, Error)]
pub enum RenditionError {
    /// Too many wait already: to be asked again in a moment.
    #[error("too many pictures are being made smaller")]
    Busy,
    /// The folder of the pictures is not there.
    #[error("the folder of pictures cannot be opened")]
    NoFolder,
    /// The picture's file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// What is in it.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A bug.
    #[error("making the copy failed")]
    Failed,
}

/// Makes and keeps copies.
#[derive(Debug, Clone)]
pub struct Renditions {
    cache: Option<Arc<Cache>>,
    /// A core each.
    cores: Arc<Semaphore>,
    /// For those that have a core and those that wait for one.
    places: Arc<Semaphore>,
}

impl Renditions {
    /// Opens the cache. Where it cannot be opened, every copy is made each time that it is asked for.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let cache = match Cache::open(&settings.folder, settings.limit) {
            Ok(cache) => Some(Arc::new(cache)),
            Err(error) => {
                let folder = settings.folder.display();
                tracing::warn!(%error, %folder, "copies of pictures are not kept");
                None
            }
        };
        Self::bounded(cache, available_parallelism().map_or(1, Into::into), WAITING)
    }

    fn bounded(cache: Option<Arc<Cache>>, cores: usize, waiting: usize) -> Self {
        let places = Arc::new(Semaphore::new(cores + waiting));
        Self { cache, cores: Arc::new(Semaphore::new(cores)), places }
    }

    /// A copy of a picture, unless it is the one whose name is known already.
    pub async fn get(
        &self,
        source: Source<'_>,
        kind: Kind,
        known: Option<&str>,
    ) -> Result<Answer, RenditionError> {
        let (folder, path) = (source.folder.to_owned(), source.path.clone());
        let stamp = spawn_blocking(move || Ok::<_, RenditionError>(open(&folder)?.stamp(&path)?));
        let stamp = stamp.await.map_err(|_| RenditionError::Failed)??;
        let name = kind::name(&source, stamp, &kind);
        if known == Some(&name) {
            return Ok(Answer::Unchanged);
        }
        if let Some(jpeg) = self.kept(&name).await {
            return Ok(Answer::Copy { name, jpeg });
        }
        let place = Arc::clone(&self.places).try_acquire_owned().map_err(|_| RenditionError::Busy)?;
        let core = Arc::clone(&self.cores).acquire_owned().await.map_err(|_| RenditionError::Failed)?;
        // Somebody may have waited for the same one.
        if let Some(jpeg) = self.kept(&name).await {
            return Ok(Answer::Copy { name, jpeg });
        }
        let jpeg = self.make(source, kind, name.clone(), (place, core)).await?;
        Ok(Answer::Copy { name, jpeg })
    }

    async fn kept(&self, name: &str) -> Option<Vec<u8>> {
        let (cache, name) = (Arc::clone(self.cache.as_ref()?), name.to_owned());
        spawn_blocking(move || cache.read(&name)).await.ok()?
    }

    /// The permits go with the work: a client that goes away does not stop it.
    async fn make(
        &self,
        source: Source<'_>,
        kind: Kind,
        name: String,
        permits: (OwnedSemaphorePermit, OwnedSemaphorePermit),
    ) -> Result<Vec<u8>, RenditionError> {
        let (folder, path, cache) = (source.folder.to_owned(), source.path.clone(), self.cache.clone());
        let making = spawn_blocking(move || {
            let _held = permits;
            let bytes = open(&folder)?.read(&path, PictureLimits::default().bytes)?;
            let jpeg = making::make(&bytes, &kind)?;
            if let Some(Err(error)) = cache.map(|cache| cache.write(&name, &jpeg)) {
                tracing::warn!(%error, "a copy of a picture is not kept");
            }
            Ok(jpeg)
        });
        making.await.map_err(|_| RenditionError::Failed)?
    }
}

fn open(folder: &Path) -> Result<PictureRoot, RenditionError> {
    PictureRoot::open(folder).map_err(|_| RenditionError::NoFolder)
}

#[cfg(test)]
mod tests;
