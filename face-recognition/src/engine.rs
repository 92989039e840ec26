//! The recognition engine: a picture in, its faces out.
//!
//! Picture -> pyramid of sizes -> detector -> five landmarks -> aligned face -> embedding. One engine belongs to
//! one worker thread; it computes on that thread only.

mod chip;
mod detector;
mod embedder;
pub mod embedding;
pub mod geometry;
pub mod landmarks;
pub mod picture;
pub mod pyramid;
pub mod quality;
mod resize;
mod runtime;
mod suppression;
mod tensor;

use std::path::Path;

use detector::Detector;
use embedder::Embedder;
pub use embedding::Embedding;
pub use geometry::{Bounds, Point};
use landmarks::{Cascade, CascadeError};
use picture::Picture;
use pyramid::Search;
use quality::Quality;
pub use runtime::RuntimeError;

use crate::pack::Pack;

/// Why the engine could not be started or could not finish a picture.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The inference library or a network.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The pack's landmark file.
    #[error("the landmark file of the pack cannot be used: {0}")]
    Landmarks(#[from] CascadeError),
    /// Resizing.
    #[error("OpenCV: {0}")]
    Geometry(#[from] opencv::Error),
}

/// A face in a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Where it is; reaches beyond the picture where the face does.
    pub bounds: Bounds,
    /// The detector's score: above its threshold, unbounded, about 1 for a clear face.
    pub score: f32,
    /// Outer and inner corner of the eye on the right in the picture, outer and inner corner of the eye on the
    /// left, base of the nose. In picture pixels.
    pub landmarks: [Point; 5],
    /// How well it can be seen.
    pub quality: Quality,
    /// What it is compared by.
    pub embedding: Embedding,
}

/// A loaded model.
pub struct Engine {
    detector: Detector,
    cascade: Cascade,
    embedder: Embedder,
    search: Search,
}

impl Engine {
    /// Loads the networks of `pack` into the ONNX Runtime library at `library` (`libonnxruntime.so`).
    ///
    /// A process uses one library: the first that is loaded.
    ///
    /// # Errors
    /// The library or a file of the pack cannot be used.
    pub fn load(pack: &Pack, library: &Path) -> Result<Self, EngineError> {
        let environment = runtime::environment(library)?;
        let manifest = &pack.manifest;
        resize::use_one_thread()?;
        Ok(Self {
            detector: Detector::load(&environment, &pack.detector, &manifest.detector)?,
            cascade: Cascade::from_bytes(&pack.landmarks)?,
            embedder: Embedder::load(&environment, &pack.embedder, &manifest.embedder)?,
            search: Search { smallest_face: manifest.detector.window, ..Search::default() },
        })
    }

    /// Looks for other sizes of faces than the default (the detector's window and up).
    #[must_use]
    pub fn with_search(mut self, search: Search) -> Self {
        self.search = search;
        self
    }

    /// All faces of a picture, the clearest (highest score) first.
    ///
    /// # Errors
    /// Only for reasons that lie outside the picture, such as memory.
    pub fn faces(&mut self, picture: &Picture) -> Result<Vec<Face>, EngineError> {
        let found = self.detector.detect(picture, &self.search)?;
        found
            .into_iter()
            .map(|candidate| {
                let bounds = candidate.area.rounded();
                let landmarks = self.cascade.locate(picture, bounds);
                let chip = self.embedder.chip(picture, &landmarks);
                Ok(Face {
                    bounds,
                    score: candidate.score,
                    landmarks,
                    quality: quality::measure(bounds, &landmarks, &chip),
                    embedding: self.embedder.embed(&chip)?,
                })
            })
            .collect()
    }

    /// The five landmarks of a face whose box is known.
    #[must_use]
    pub fn landmarks(&self, picture: &Picture, bounds: Bounds) -> [Point; 5] {
        self.cascade.locate(picture, bounds)
    }

    /// The embedding of a face whose landmarks are known.
    ///
    /// # Errors
    /// Only for reasons that lie outside the picture, such as memory.
    pub fn embed(&mut self, picture: &Picture, landmarks: &[Point; 5]) -> Result<Embedding, EngineError> {
        let chip = self.embedder.chip(picture, landmarks);
        Ok(self.embedder.embed(&chip)?)
    }
}
