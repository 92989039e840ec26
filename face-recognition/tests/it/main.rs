//! Tests of the engine with the real models and photos.

mod assets;
mod engine;
mod importer;
mod parity;
mod photos;
