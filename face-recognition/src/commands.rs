//! What the program does instead of serving.
//!
//! | module | what |
//! |---|---|
//! | `bench` | figures of engine and search on this machine |
//! | `calibrate` | thresholds that fit a user's own photos |

mod bench;
mod calibrate;

pub use bench::Bench;
pub use calibrate::Calibrate;
