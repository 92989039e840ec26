//! The way to the known photos: the gallery of the moment for whoever searches it, and the keeper for whoever changes it.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};

use super::{ContentHash, Gallery, GalleryError, enrolment::PhotoName};
use crate::engine::Embedding;

/// Changes that may wait for the keeper; whoever comes then waits for room.
const CHANGES: usize = 16;

/// The gallery that has the change in it.
pub(super) type Answer = oneshot::Sender<Result<Arc<Gallery>, GalleryError>>;

/// A photo that may be enrolled as far as its picture goes.
#[derive(Debug)]
pub(crate) struct NewPhoto {
    pub(crate) name: PhotoName,
    pub(crate) content_hash: ContentHash,
    pub(crate) bytes: Vec<u8>,
    pub(crate) face: Embedding,
}

/// What the keeper is asked for.
#[derive(Debug)]
pub(super) enum Change {
    Enrol(NewPhoto, Answer),
    Forget(String, Answer),
    Reload(Answer),
}

/// What the keeper is reached by, and what it tells.
pub(super) struct KeepersEnd {
    pub(super) gallery: watch::Sender<Arc<Gallery>>,
    pub(super) fault: watch::Sender<Option<String>>,
    pub(super) changes: mpsc::Receiver<Change>,
}

/// The known photos, as requests see them. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct KnownPhotos {
    gallery: watch::Receiver<Arc<Gallery>>,
    fault: watch::Receiver<Option<String>>,
    changes: mpsc::Sender<Change>,
}

impl KnownPhotos {
    pub(super) fn new(gallery: Arc<Gallery>) -> (Self, KeepersEnd) {
        let (gallery_sender, gallery) = watch::channel(gallery);
        let (fault_sender, fault) = watch::channel(None);
        let (changes, receiver) = mpsc::channel(CHANGES);
        let keepers = KeepersEnd { gallery: gallery_sender, fault: fault_sender, changes: receiver };
        (Self { gallery, fault, changes }, keepers)
    }

    /// All that is known now. A request takes it once and sees the same to its end.
    pub(crate) fn gallery(&self) -> Arc<Gallery> {
        Arc::clone(&self.gallery.borrow())
    }

    /// Why the folder cannot be read now, if it cannot; the gallery is the last one then.
    pub(crate) fn fault(&self) -> Option<String> {
        self.fault.borrow().clone()
    }

    /// Stores a new photo. The gallery has it.
    pub(crate) async fn enrol(&self, photo: NewPhoto) -> Result<Arc<Gallery>, GalleryError> {
        self.ask(|answer| Change::Enrol(photo, answer)).await
    }

    /// Removes a photo: its file, and what was found in it.
    pub(crate) async fn forget(&self, name: String) -> Result<Arc<Gallery>, GalleryError> {
        self.ask(|answer| Change::Forget(name, answer)).await
    }

    /// Looks at the folder now. The gallery has whatever was there.
    pub(crate) async fn reload(&self) -> Result<Arc<Gallery>, GalleryError> {
        self.ask(Change::Reload).await
    }

    async fn ask(&self, change: impl FnOnce(Answer) -> Change) -> Result<Arc<Gallery>, GalleryError> {
        let (answer, answered) = oneshot::channel();
        self.changes.send(change(answer)).await.map_err(|_| GalleryError::Stopping)?;
        answered.await.map_err(|_| GalleryError::Stopping)?
    }
}
