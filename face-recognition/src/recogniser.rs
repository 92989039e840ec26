//! What answers every request once it is loaded: the workers, the known people and what distances mean.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use identification::Thresholds;
use sha2::{Digest, Sha256};
use tokio::task::spawn_blocking;

use crate::{
    engine::{Embedding, Face, picture::Picture},
    error::RecognitionError,
    gallery::{
        Gallery, GalleryError, KnownPhotos, Neighbour, NewPhoto,
        enrolment::{self, PhotoName},
    },
    pack::QualityLimits,
    workers::{PictureSource, Sighting, Workers},
};

/// For so long an answer proves that the engine answers.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// A loaded recogniser.
pub(crate) struct Recogniser {
    pub(crate) workers: Workers,
    pub(crate) known_photos: KnownPhotos,
    pub(crate) model_id: String,
    pub(crate) quality_limits: QualityLimits,
    pub(crate) thresholds: Thresholds,
}

/// A photo that is known now.
pub(crate) struct Enrolled {
    /// The known photos, with this one among them.
    pub(crate) gallery: Arc<Gallery>,
    name: PhotoName,
    face: Embedding,
    accept: f32,
}

impl Enrolled {
    /// Photos of other people that it could be taken for.
    pub(crate) fn resembling(&self) -> Vec<Neighbour<'_>> {
        enrolment::resembling(&self.gallery, &self.face, &self.name, self.accept)
    }
}

/// The place of the recogniser, empty while it is loading. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<OnceLock<Recogniser>>);

impl Slot {
    /// The recogniser, unless it is still loading.
    pub(crate) fn get(&self) -> Result<&Recogniser, RecognitionError> {
        self.0.get().ok_or(RecognitionError::Loading)
    }

    /// Puts the recogniser in its place; there is one a process.
    pub(crate) fn fill(&self, recogniser: Recogniser) {
        assert!(self.0.set(recogniser).is_ok(), "a recogniser is loaded once");
    }
}

impl Recogniser {
    /// The faces of a picture.
    pub(crate) async fn look(&self, source: PictureSource) -> Result<Sighting, RecognitionError> {
        self.workers.look(source).await
    }

    /// The known photos of this moment: a request takes them once, and uses them to its end.
    pub(crate) fn gallery(&self) -> Arc<Gallery> {
        self.known_photos.gallery()
    }

    /// The known photos that a face is compared with.
    pub(crate) fn nearest<'a>(&self, face: &Embedding, gallery: &'a Gallery) -> Vec<Neighbour<'a>> {
        // Twice the margin, because a person's distance is by all of their photos, and so a little more than the nearest.
        gallery.nearest(face, 2.0 * self.thresholds.margin)
    }

    /// The known photo that is nearest to any of the faces, if it is near enough to name somebody.
    pub(crate) fn best_photo<'a>(&self, faces: &[Face], gallery: &'a Gallery) -> Option<&'a str> {
        faces
            .iter()
            .filter_map(|face| self.nearest(&face.embedding, gallery).into_iter().next())
            .filter(|nearest| nearest.distance < self.thresholds.accept)
            .min_by(|a, b| a.distance.total_cmp(&b.distance))
            .map(|Neighbour { photo, .. }| photo)
    }

    /// Makes a photo known, if it shows one face well enough.
    pub(crate) async fn enrol(&self, name: PhotoName, bytes: Vec<u8>) -> Result<Enrolled, GalleryError> {
        let before = self.gallery();
        if before.photo(name.as_str()).is_some() {
            return Err(GalleryError::NameTaken(name.as_str().to_owned()));
        }
        let hashing = spawn_blocking(move || (<[u8; 32]>::from(Sha256::digest(&bytes)), bytes)).await;
        let (content_hash, bytes) = hashing.map_err(|_| RecognitionError::Panicked)?;
        if let Some(known) = before.photo_of(&content_hash) {
            return Err(GalleryError::PhotoKnown(known.name.clone()));
        }
        let sighting = self.look(PictureSource::Bytes(bytes.clone())).await?;
        let face = enrolment::enrollable_face(sighting.faces, &self.quality_limits)?.embedding;
        let photo = NewPhoto { name: name.clone(), content_hash, bytes, face: face.clone() };
        let gallery = self.known_photos.enrol(photo).await?;
        Ok(Enrolled { gallery, name, face, accept: self.thresholds.accept })
    }

    /// Whether the engine answers. One that answered just now is not asked again, however long its queue; an idle one
    /// is sent a black picture, the way of every other.
    pub(crate) async fn answers(&self) -> bool {
        const SIDE: u32 = 80;
        if self.workers.since_last_answer() < FRESH_FOR {
            return true;
        }
        let black = Picture::from_rgb(SIDE, SIDE, vec![0; (SIDE * SIDE * 3) as usize])
            .expect("three bytes for each pixel");
        self.look(PictureSource::Probe(black)).await.is_ok()
    }
}
