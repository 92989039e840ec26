//! Tests of the engine with the real models and photos, and of the process with real callers.

mod assets;
mod calibrate;
mod command_line;
mod engine;
mod formats;
mod gallery_cache;
mod gallery_changes;
mod gallery_client;
mod gallery_enrolment;
mod gallery_folder;
mod hostile;
mod importer;
mod libjpeg;
mod parity;
mod photos;
mod pressure;
mod resting;
mod server;
mod stopping;
mod sweep;
