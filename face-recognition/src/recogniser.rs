//! What answers every request once it is loaded: the workers, the known people and what distances mean.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::{
    engine::{Embedding, Face, picture::Picture},
    error::RecognitionError,
    gallery::{Gallery, Neighbour},
    pack::{QualityLimits, Thresholds},
    workers::{PictureSource, Sighting, Workers},
};

/// For so long an answer proves that the engine answers.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// A loaded recogniser.
pub(crate) struct Recogniser {
    pub(crate) workers: Workers,
    pub(crate) gallery: Gallery,
    pub(crate) model_id: String,
    pub(crate) quality_limits: QualityLimits,
    pub(crate) thresholds: Thresholds,
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

    /// The known photos that a face is compared with.
    pub(crate) fn nearest(&self, face: &Embedding) -> Vec<Neighbour<'_>> {
        self.gallery.nearest(face, self.thresholds.margin)
    }

    /// The known photo that is nearest to any of the faces, if it is near enough to name somebody.
    pub(crate) fn best_photo(&self, faces: &[Face]) -> Option<&str> {
        faces
            .iter()
            .filter_map(|face| self.nearest(&face.embedding).into_iter().next())
            .filter(|nearest| nearest.distance < self.thresholds.accept)
            .min_by(|a, b| a.distance.total_cmp(&b.distance))
            .map(|Neighbour { photo, .. }| photo)
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
        self.look(PictureSource::Pixels(black)).await.is_ok()
    }
}
