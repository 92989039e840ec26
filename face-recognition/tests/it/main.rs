//! Tests of the engine with the real models and photos, and of the process with real callers.

mod assets;
mod engine;
mod formats;
mod hostile;
mod importer;
mod libjpeg;
mod parity;
mod photos;
mod pressure;
mod server;
mod stopping;
