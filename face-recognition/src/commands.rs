//! What the program does instead of serving.
//!
//! | module | what |
//! |---|---|
//! | `identify` | who is in pictures |
//! | `gallery` | the known photos |
//! | `columns` | a table for the terminal |
//! | `picture_file` | pictures that are named on the command line |
//! | `bench` | figures of engine and search on this machine |
//! | `calibrate` | thresholds that fit a user's own photos |

mod bench;
mod calibrate;
mod columns;
mod gallery;
mod identify;
mod picture_file;

pub use bench::Bench;
pub use calibrate::Calibrate;
pub use gallery::GalleryCommand;
pub use identify::Identify;
