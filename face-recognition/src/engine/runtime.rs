//! Inference, by ONNX Runtime through the `ort` crate. No other file knows that crate, whose interface changes
//! with every release candidate.
//!
//! A network runs on the thread that calls it, and keeps no memory of sizes it has seen: pictures come in all
//! sizes, and an arena that grows with each would never shrink.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::Session;
use ort::value::TensorRef;

/// What the inference library could not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// The shared library is not there, is not ONNX Runtime, or is too old.
    #[error("cannot load ONNX Runtime: {0}")]
    Library(String),
    /// A process has one library, and another is in use already.
    #[error("ONNX Runtime is in use from {}; a process has one", .0.display())]
    OtherLibrary(PathBuf),
    /// A network was refused.
    #[error("cannot load the {network} network: {reason}")]
    Network {
        /// Detector or embedder.
        network: &'static str,
        /// What the library says.
        reason: String,
    },
    /// A network failed, or answered in another shape than it should.
    #[error("the {network} network failed: {reason}")]
    Inference {
        /// Detector or embedder.
        network: &'static str,
        /// What the library says.
        reason: String,
    },
}

/// A process has one, shared by all engines.
static LIBRARY: Mutex<Option<(PathBuf, Library)>> = Mutex::new(None);

/// The inference library, loaded.
#[derive(Clone)]
pub(super) struct Library(Environment);

impl Library {
    /// The process's library; loads it the first time.
    pub(super) fn load(path: &Path) -> Result<Self, RuntimeError> {
        let mut shared = LIBRARY.lock().unwrap_or_else(PoisonError::into_inner);
        match &*shared {
            Some((loaded, library)) if loaded == path => Ok(library.clone()),
            Some((loaded, _)) => Err(RuntimeError::OtherLibrary(loaded.clone())),
            None => {
                let library = Self(environment(path)?);
                *shared = Some((path.to_owned(), library.clone()));
                Ok(library)
            }
        }
    }
}

fn environment(library: &Path) -> Result<Environment, RuntimeError> {
    // A relative path would be looked for beside the executable first.
    let library = std::path::absolute(library).map_err(|error| RuntimeError::Library(error.to_string()))?;
    let builder = ort::init_from(library).map_err(|error| RuntimeError::Library(error.to_string()))?;
    builder.with_telemetry(false).build().map_err(|error| RuntimeError::Library(error.to_string()))
}

/// A network with one input and one output, both of floats.
pub(super) struct Network {
    name: &'static str,
    session: Session,
}

impl Network {
    /// Loads an ONNX file. `name` is for messages.
    pub(super) fn load(library: &Library, name: &'static str, model: &[u8]) -> Result<Self, RuntimeError> {
        let session = session(&library.0, model)
            .map_err(|error| RuntimeError::Network { network: name, reason: error.to_string() })?;
        if session.inputs().len() != 1 || session.outputs().len() != 1 {
            return Err(RuntimeError::Network {
                network: name,
                reason: "it must have one input and one output".to_owned(),
            });
        }
        Ok(Self { name, session })
    }

    /// Computes the output for one input and hands its shape and values to `read`.
    pub(super) fn run<T>(
        &mut self,
        shape: [usize; 4],
        values: &[f32],
        read: impl FnOnce(&[i64], &[f32]) -> Option<T>,
    ) -> Result<T, RuntimeError> {
        let failed = |reason: String| RuntimeError::Inference { network: self.name, reason };
        let input = TensorRef::from_array_view((shape, values)).map_err(|error| failed(error.to_string()))?;
        let outputs = self.session.run(ort::inputs![input]).map_err(|error| failed(error.to_string()))?;
        let (shape, values) =
            outputs[0].try_extract_tensor::<f32>().map_err(|error| failed(error.to_string()))?;
        read(shape, values).ok_or_else(|| failed(format!("its output has the shape {shape:?}")))
    }
}

fn session(environment: &Environment, model: &[u8]) -> ort::Result<Session> {
    Session::builder(environment)?
        .with_intra_threads(1)?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_memory_pattern(false)?
        .with_execution_providers([CPU::default().with_arena_allocator(false).build()])?
        .commit_from_memory(model)
}
