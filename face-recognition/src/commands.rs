//! What the program does instead of serving.
//!
//! | module | what |
//! |---|---|
//! | `identify` | who is in pictures |
//! | `gallery` | the known photos |
//! | `columns` | a table for the terminal |
//! | `bench` | figures of engine and search on this machine |

mod bench;
mod columns;
mod gallery;
mod identify;

pub use bench::Bench;
pub use gallery::GalleryCommand;
pub use identify::Identify;
