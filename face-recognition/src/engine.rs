//! The recognition engine: a picture in, its faces out.
//!
//! Picture -> pyramid of sizes -> detector -> five landmarks -> aligned face -> embedding. One engine belongs to one worker
//! thread. `runtime` is the one module that knows the inference library: `detector` and `embedder` see networks that take
//! and give plain numbers.

mod chip;
mod detector;
mod embedder;
pub mod embedding;
pub mod geometry;
pub mod landmarks;
mod min_face;
mod pyramid;
pub mod quality;
mod resize;
mod runtime;
mod suppression;
mod tensor;

use std::num::NonZeroUsize;
use std::path::Path;

use detector::Detector;
use embedder::Embedder;
pub use embedding::Embedding;
pub use geometry::{Bounds, Point};
use landmarks::{Cascade, CascadeError};
pub use min_face::{MinFace, NoMinFace};
pub use pictures as picture;
use pictures::Picture;
use quality::{Points, Quality};
use runtime::Library;
pub use runtime::RuntimeError;

use crate::pack::Pack;

/// Columns and rows of the picture that the networks are tried out on.
const TRY_OUT: (u32, u32) = (320, 160);

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
    /// The detector's score: above its threshold. Its scale belongs to the model.
    pub score: f32,
    /// In picture pixels; what they are is said by the pack ([`LandmarksSpec`](crate::pack::LandmarksSpec)).
    pub landmarks: [Point; 5],
    /// How well it can be seen.
    pub quality: Quality,
    /// What it is compared by.
    pub embedding: Embedding,
}

/// What an engine looks for, and with how much of the machine.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EngineOptions {
    /// The smallest face that is looked for.
    pub min_face: MinFace,
    /// Threads that compute one picture.
    pub threads: NonZeroUsize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { min_face: MinFace::default(), threads: NonZeroUsize::MIN }
    }
}

/// A loaded model.
pub struct Engine {
    detector: Detector,
    landmarks: Landmarks,
    embedder: Embedder,
}

/// Where landmarks come from.
enum Landmarks {
    Cascade(Cascade),
    Detector,
}

impl Engine {
    /// Loads the networks of `pack` into the ONNX Runtime library at `library` (`libonnxruntime.so`).
    ///
    /// A process uses one library: the first that is loaded. Both networks are tried out, which also makes the
    /// first picture as fast as the next.
    ///
    /// # Errors
    /// The library or a file of the pack cannot be used, or a network does not fit the manifest.
    pub fn load(pack: &Pack, library: &Path, options: EngineOptions) -> Result<Self, EngineError> {
        let library = Library::load(library)?;
        let (manifest, EngineOptions { min_face, threads }) = (&pack.manifest, options);
        resize::use_one_thread()?;
        let mut engine = Self {
            detector: Detector::load(&library, &pack.detector, &manifest.detector, min_face, threads)?,
            landmarks: match &pack.landmarks {
                Some(cascade) => Landmarks::Cascade(Cascade::from_bytes(cascade)?),
                None => Landmarks::Detector,
            },
            embedder: Embedder::load(&library, &pack.embedder, &manifest.embedder, threads)?,
        };
        engine.try_out().map_err(|error| match error {
            EngineError::Runtime(error) => EngineError::Misfit(error),
            other => other,
        })?;
        Ok(engine)
    }

    /// Runs both networks on black. The picture is large enough for levels of several sizes.
    fn try_out(&mut self) -> Result<(), EngineError> {
        let pixels = vec![0; TRY_OUT.0 as usize * TRY_OUT.1 as usize * 3];
        let black =
            Picture::from_rgb(TRY_OUT.0, TRY_OUT.1, pixels).expect("the buffer was made for this size");
        self.detector.detect(&black, &|| true)?;
        self.embed(&black, &[Point::default(); 5])?;
        Ok(())
    }

    /// The faces of a picture from [`EngineOptions::min_face`] up, the clearest (highest score) first; 256 at most. Beyond
    /// some four million pixels the smallest face found is larger.
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
    pub fn faces_while(&mut self, picture: &Picture, wanted: &Wanted<'_>) -> Result<Vec<Face>, EngineError> {
        let found = self.detector.detect(picture, wanted)?;
        found
            .into_iter()
            .map(|candidate| {
                ensure_wanted(wanted)?;
                let bounds = candidate.area.rounded();
                let (points, landmarks) = self.landmarks.of(picture, bounds, candidate.landmarks);
                let chip = self.embedder.chip(picture, &landmarks);
                Ok(Face {
                    bounds,
                    score: candidate.score,
                    landmarks,
                    quality: quality::measure(bounds, points, &landmarks, &chip),
                    embedding: self.embedder.embed(&chip)?,
                })
            })
            .collect()
    }

    /// Gives back the memory that large pictures took: between pictures it is kept, because the next one may be as large.
    ///
    /// # Errors
    /// Only for reasons that lie outside the picture, such as memory.
    pub fn rest(&mut self) -> Result<(), EngineError> {
        Ok(self.detector.rest()?)
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

impl Landmarks {
    /// What they are, and where they are in a face with this box, for which the detector told these.
    fn of(&self, picture: &Picture, bounds: Bounds, told: Option<[Point; 5]>) -> (Points, [Point; 5]) {
        match self {
            Self::Cascade(cascade) => (Points::EyeCorners, cascade.locate(picture, bounds)),
            // A manifest is refused that takes landmarks from a detector without.
            Self::Detector => (Points::EyesAndMouth, told.unwrap_or_default()),
        }
    }
}

/// Whether the answer is still wanted; any thread may ask.
pub type Wanted<'a> = dyn Fn() -> bool + Sync + 'a;

/// An error when the answer is not wanted any more.
fn ensure_wanted(wanted: &Wanted<'_>) -> Result<(), EngineError> {
    if wanted() { Ok(()) } else { Err(EngineError::Abandoned) }
}
