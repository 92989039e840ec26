//! The recogniser: finds the faces of a picture and says which known photos they are near to. It knows photos, not
//! persons, and has no database.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, load, serve, stop |
//! | [`commands`] | what the program does instead of serving |
//! | [`engine`] | a picture in, its faces out |
//! | [`pack`] | the models as files |
//! | [`dlib`] | makes a pack of dlib's models |
//! | `folders` | waits for folders that others fill |
//! | `loading` | models, threads and known people, made ready |
//! | `gallery` | the known photos |
//! | `calibration` | thresholds that were measured on a user's own photos |
//! | `state_dir` | files below `STATE_DIR` |
//! | `search` | the nearest of very many embeddings |
//! | `whole_file` | files that are written as a whole or not at all |
//! | `workers` | the threads that recognise |
//! | `recogniser` | what answers once everything is loaded |
//! | `grpc` | the services of the contract |
//! | `error` | why a picture has no answer |

pub mod app;
pub mod commands;
pub mod config;
pub mod dlib;
pub mod engine;
pub mod pack;

mod calibration;
mod error;
mod folders;
mod gallery;
mod grpc;
mod loading;
mod recogniser;
mod search;
mod state_dir;
mod whole_file;
mod workers;
