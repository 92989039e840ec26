//! The recognition engine: a picture in, its faces out.
//!
//! Picture -> pyramid of sizes -> detector -> five landmarks -> aligned face -> embedding. One engine belongs to
//! one worker thread; it computes on that thread only. `runtime` is the one module that knows the inference
//! library: `detector` and `embedder` see networks that take and give plain numbers.

mod chip;
mod detector;
mod embedder;
pub mod embedding;
pub mod geometry;
pub mod landmarks;
pub mod picture;
mod pyramid;
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
use quality::Quality;
use runtime::Library;
pub use runtime::RuntimeError;

use crate::pack::Pack;

/// Why the engine could not be started or could not finish a picture.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The inference library or a network.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A network of the pack cannot be used as the manifest says.
    #[error("a network does not fit the manifest of its pack: {0}")]
    Misfit(#[source] RuntimeError),
    /// The pack's landmark file.
    #[error("the landmark file of the pack cannot be used: {0}")]
    Landmarks(#[from] CascadeError),
    /// Resizing.
    #[error("OpenCV: {0}")]
    Geometry(#[from] opencv::Error),
    /// Nobody wants the answer any more.
    #[error("the picture was abandoned: nobody waits for its faces")]
    Abandoned,
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
}

impl Engine {
    /// Loads the networks of `pack` into the ONNX Runtime library at `library` (`libonnxruntime.so`).
    ///
    /// A process uses one library: the first that is loaded. Both networks are tried out, which also makes the
    /// first picture as fast as the next.
    ///
    /// # Errors
    /// The library or a file of the pack cannot be used, or a network does not fit the manifest.
    pub fn load(pack: &Pack, library: &Path) -> Result<Self, EngineError> {
        let library = Library::load(library)?;
        let manifest = &pack.manifest;
        resize::use_one_thread()?;
        let mut engine = Self {
            detector: Detector::load(&library, &pack.detector, &manifest.detector)?,
            cascade: Cascade::from_bytes(&pack.landmarks)?,
            embedder: Embedder::load(&library, &pack.embedder, &manifest.embedder)?,
        };
        engine.try_out(manifest.detector.window).map_err(|error| match error {
            EngineError::Runtime(error) => EngineError::Misfit(error),
            other => other,
        })?;
        Ok(engine)
    }

    /// Runs both networks on black. The picture is large enough for levels of several sizes.
    fn try_out(&mut self, window: u32) -> Result<(), EngineError> {
        let (width, height) = (2 * window, window);
        let pixels = vec![0; width as usize * height as usize * 3];
        let black = Picture::from_rgb(width, height, pixels).expect("the buffer was made for this size");
        self.detector.detect(&black, &|| true)?;
        self.embed(&black, &[Point::default(); 5])?;
        Ok(())
    }

    /// The faces of a picture from the size of the detector's window up, the clearest (highest score) first; 256 at
    /// most. In a very large picture the smallest face found has about 5 % of the shorter side.
    ///
    /// # Errors
    /// Only for reasons that lie outside the picture, such as memory.
    pub fn faces(&mut self, picture: &Picture) -> Result<Vec<Face>, EngineError> {
        self.faces_while(picture, &|| true)
    }

    /// The same, for as long as they are `wanted`; asked before each step, none of which takes longer than a second or
    /// so.
    ///
    /// # Errors
    /// As above, and [`EngineError::Abandoned`].
    pub fn faces_while(
        &mut self,
        picture: &Picture,
        wanted: &dyn Fn() -> bool,
    ) -> Result<Vec<Face>, EngineError> {
        let found = self.detector.detect(picture, wanted)?;
        found
            .into_iter()
            .map(|candidate| {
                ensure_wanted(wanted)?;
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

/// An error when the answer is not wanted any more.
fn ensure_wanted(wanted: &dyn Fn() -> bool) -> Result<(), EngineError> {
    if wanted() { Ok(()) } else { Err(EngineError::Abandoned) }
}
