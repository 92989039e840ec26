//! Inference, by ONNX Runtime through the `ort` crate. No other file knows that crate, whose interface changes
//! with every release candidate.
//!
//! A network runs on the thread that calls it and on as many more as it was given. It keeps the memory that it computed in
//! for the next run, which else would take twice as long for a large picture, until it is told to shrink.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::ep::CPU;
use ort::session::{RunOptions, Session, SessionOutputs};
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

/// A network with one input. Input and outputs are floats.
pub(super) struct Network {
    name: &'static str,
    session: Session,
}

impl Network {
    /// Loads an ONNX file. `name` is for messages.
    pub(super) fn load(
        library: &Library,
        name: &'static str,
        model: &[u8],
        threads: NonZeroUsize,
    ) -> Result<Self, RuntimeError> {
        let session = session(&library.0, model, threads)
            .map_err(|error| RuntimeError::Network { network: name, reason: error.to_string() })?;
        if session.inputs().len() != 1 {
            return Err(RuntimeError::Network { network: name, reason: "it must have one input".to_owned() });
        }
        Ok(Self { name, session })
    }

    /// Computes, and keeps no memory for the next run.
    pub(super) fn run_and_shrink(&mut self, shape: [usize; 4], values: &[f32]) -> Result<(), RuntimeError> {
        let failed =
            |error: ort::Error| RuntimeError::Inference { network: self.name, reason: error.to_string() };
        let input = TensorRef::from_array_view((shape, values)).map_err(failed)?;
        let mut options = RunOptions::new().map_err(failed)?;
        // onnxruntime_run_options_config_keys.h: the arena of the processor, which has the number 0.
        options.set("memory.enable_memory_arena_shrinkage", "cpu:0").map_err(failed)?;
        self.session.run_with_options(ort::inputs![input], &options).map_err(failed)?;
        Ok(())
    }

    /// Computes the outputs for one input and hands them to `read`, which says `None` where they are not what it expects.
    pub(super) fn run<T>(
        &mut self,
        shape: [usize; 4],
        values: &[f32],
        read: impl FnOnce(&Outputs<'_, '_>) -> Option<T>,
    ) -> Result<T, RuntimeError> {
        let failed = |reason: String| RuntimeError::Inference { network: self.name, reason };
        let input = TensorRef::from_array_view((shape, values)).map_err(|error| failed(error.to_string()))?;
        let outputs = self.session.run(ort::inputs![input]).map_err(|error| failed(error.to_string()))?;
        read(&Outputs(&outputs)).ok_or_else(|| {
            let shapes: Vec<String> =
                outputs.iter().map(|(name, value)| format!("{name} {:?}", value.shape())).collect();
            failed(format!("its output has the shape {}", shapes.join(", ")))
        })
    }
}

/// What a network gave, by the names of its outputs.
pub(super) struct Outputs<'run, 'session>(&'run SessionOutputs<'session>);

impl Outputs<'_, '_> {
    /// Shape and values. `None` where there is no such output, or none of floats.
    pub(super) fn get(&self, name: &str) -> Option<(&[i64], &[f32])> {
        let (shape, values) = self.0.get(name)?.try_extract_tensor::<f32>().ok()?;
        Some((shape, values))
    }
}

fn session(environment: &Environment, model: &[u8], threads: NonZeroUsize) -> ort::Result<Session> {
    Session::builder(environment)?
        .with_intra_threads(threads.get())?
        .with_inter_threads(1)?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_memory_pattern(false)?
        .with_execution_providers([CPU::default().with_arena_allocator(true).build()])?
        .commit_from_memory(model)
}
