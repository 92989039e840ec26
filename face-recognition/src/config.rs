//! The recogniser's command line and environment.

use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
};

use clap::{Parser, Subcommand};
use service_kit::{Configuration, bearer::BearerToken, healthcheck::Healthcheck, telemetry::TelemetryArgs};

use crate::{
    commands::{Bench, Calibrate, GalleryCommand, Identify},
    dlib::Precision,
    engine::{EngineOptions, MinFace},
};

/// The environment variable behind [`Config::face_recognition_addr`], named in errors.
pub const ADDR_VARIABLE: &str = "FACE_RECOGNITION_ADDR";
/// The environment variable behind [`Config::face_recognition_admin_addr`], named in errors.
pub const ADMIN_ADDR_VARIABLE: &str = "FACE_RECOGNITION_ADMIN_ADDR";

/// Says over gRPC which known photos the faces of a picture are near to.
#[derive(Debug, Clone, Parser)]
#[command(name = "face-recognition", version)]
pub struct Config {
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Address that gRPC is served on.
    #[arg(long, env = ADDR_VARIABLE, default_value = "127.0.0.1:50051")]
    pub face_recognition_addr: SocketAddr,
    /// Address of health and metrics.
    #[arg(long, env = ADMIN_ADDR_VARIABLE, default_value = "127.0.0.1:8003")]
    pub face_recognition_admin_addr: SocketAddr,
    /// File that the real gRPC address is written to, for starters that asked for port 0.
    #[arg(long, value_name = "FILE")]
    pub addr_file: Option<PathBuf>,
    /// The same for the address of health and metrics.
    #[arg(long, value_name = "FILE")]
    pub admin_addr_file: Option<PathBuf>,
    /// Folder that paths of pictures are looked up below; nothing outside of it is ever opened.
    #[arg(long, env = "IMAGE_ROOT", default_value = "/images")]
    pub image_root: PathBuf,
    /// Folder of the known photos, each showing one face.
    #[arg(long, env = "KNOWN_PEOPLE", global = true, default_value = "/known_people")]
    pub known_people: PathBuf,
    /// Folder for what was found in the known photos, so that it need not be found again; replicas share it.
    #[arg(long, env = "STATE_DIR", global = true, default_value = "/state")]
    pub state_dir: PathBuf,
    /// File with the token that whoever changes the known photos has to send; without it they can be changed only while
    /// gRPC is served on a loopback address.
    #[arg(long, env = "API_TOKEN_FILE")]
    pub api_token_file: Option<PathBuf>,
    /// Folder of the model pack.
    #[arg(long, env = "MODEL_PACK", global = true, default_value = "/models/dlib")]
    pub model_pack: PathBuf,
    /// The shared library of ONNX Runtime.
    #[arg(long, env = "ONNX_RUNTIME", global = true, default_value = "/usr/local/lib/libonnxruntime.so")]
    pub onnx_runtime: PathBuf,
    /// Smallest face that is looked for, in pixels of the picture, as a share of its shorter side, or both; the larger one
    /// counts. Half of it takes four times as long.
    #[arg(long, env = "MIN_FACE", global = true, default_value_t)]
    pub min_face: MinFace,
    /// Pictures that are looked at side by side, each with the models in its own memory; as many as there are cores for them
    /// when absent.
    #[arg(long, env = "WORKERS", global = true)]
    pub workers: Option<NonZeroUsize>,
    /// Threads that compute one picture: more answer it sooner, and fewer pictures an hour.
    #[arg(long, env = "THREADS", global = true, default_value = "1")]
    pub threads: NonZeroUsize,
    /// Pictures that may wait for a thread; one more is refused with `RESOURCE_EXHAUSTED`.
    #[arg(long, env = "QUEUE", default_value = "16")]
    pub queue: NonZeroUsize,
    /// How to log.
    #[command(flatten)]
    pub telemetry: TelemetryArgs,
}

/// What the program does instead of serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Makes a model pack from dlib's .dat files.
    ImportDlib {
        /// Folder with the three files.
        #[arg(long)]
        from: PathBuf,
        /// Folder of the pack that is made.
        #[arg(long)]
        to: PathBuf,
        /// How the detector computes.
        #[arg(long, value_enum, default_value = "int8")]
        precision: Precision,
        /// Does nothing where a pack is that this version reads.
        #[arg(long)]
        unless_current: bool,
    },
    /// Says who is in pictures.
    Identify(Identify),
    /// Lists and changes the known photos; a recogniser that serves notices it.
    #[command(subcommand)]
    Gallery(GalleryCommand),
    /// Measures how long this machine takes for pictures and for the search.
    Bench(Bench),
    /// Measures with photos of known people and strangers which thresholds fit them.
    Calibrate(Calibrate),
    /// Asks the recogniser of the same container how it is.
    Healthcheck(Healthcheck),
}

impl Config {
    /// Pictures that are looked at side by side.
    #[must_use]
    pub fn worker_count(&self) -> NonZeroUsize {
        let as_many_as_fit = || {
            let cores = thread::available_parallelism().ok()?;
            NonZeroUsize::new(cores.get() / self.threads.get())
        };
        self.workers.or_else(as_many_as_fit).unwrap_or(NonZeroUsize::MIN)
    }

    /// How the engine is to work.
    #[must_use]
    pub fn engine_options(&self) -> EngineOptions {
        EngineOptions { min_face: self.min_face, threads: self.threads }
    }

    /// The folders that others fill, with the variables that name them.
    #[must_use]
    pub fn folders(&self) -> [(&'static str, &Path); 2] {
        [("IMAGE_ROOT", &self.image_root), ("KNOWN_PEOPLE", &self.known_people)]
    }

    /// The token that changes want, if one is configured.
    pub fn api_token(&self) -> anyhow::Result<Option<BearerToken>> {
        self.api_token_file.as_deref().map(BearerToken::read).transpose()
    }
}

impl Configuration for Config {
    fn telemetry(&self) -> &TelemetryArgs {
        &self.telemetry
    }

    fn faults(&self) -> Vec<String> {
        match &self.command {
            None => [self.serving_faults(), self.state_faults(), self.engine_faults()].concat(),
            Some(Command::Identify(_) | Command::Gallery(_)) => {
                let known_people = folder_fault("KNOWN_PEOPLE", &self.known_people).into_iter().collect();
                [known_people, self.state_faults(), self.engine_faults()].concat()
            }
            Some(Command::Bench(_) | Command::Calibrate(_)) => self.engine_faults(),
            Some(Command::ImportDlib { .. } | Command::Healthcheck(_)) => Vec::new(),
        }
    }
}

impl Config {
    /// A folder that is not there may come, with its volume: that is waited for (`folders.rs`).
    fn serving_faults(&self) -> Vec<String> {
        let mut faults: Vec<String> =
            self.folders().iter().filter_map(|(name, path)| no_folder(name, path)).collect();
        if !self.image_root.is_absolute() {
            faults.push(format!("IMAGE_ROOT is {}: give an absolute path", self.image_root.display()));
        }
        faults.extend(self.api_token().err().map(|error| format!("{error:#}")));
        faults
    }

    fn state_faults(&self) -> Vec<String> {
        let missing = folder_fault("STATE_DIR", &self.state_dir);
        missing.into_iter().chain(writing_fault("STATE_DIR", &self.state_dir)).collect()
    }

    fn engine_faults(&self) -> Vec<String> {
        let mut faults = Vec::from_iter(folder_fault("MODEL_PACK", &self.model_pack));
        if !self.onnx_runtime.is_file() {
            faults.push(format!("ONNX_RUNTIME is {}, which is no file", self.onnx_runtime.display()));
        }
        faults
    }
}

/// Of something that is there and never becomes a folder.
fn no_folder(name: &str, path: &Path) -> Option<String> {
    path.exists().then(|| folder_fault(name, path)).flatten()
}

fn folder_fault(name: &str, path: &Path) -> Option<String> {
    (!path.is_dir()).then(|| format!("{name} is {}, which is no folder", path.display()))
}

/// Of a folder that is there. What may be written is known when it is tried.
fn writing_fault(name: &str, path: &Path) -> Option<String> {
    let error = path.is_dir().then(|| tempfile::tempfile_in(path).err()).flatten()?;
    // The error names a file that nobody knows.
    Some(format!("{name} is {}, which cannot be written ({})", path.display(), error.kind()))
}
