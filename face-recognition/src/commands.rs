//! What the program does instead of serving.
//!
//! | module | what |
//! |---|---|
//! | `bench` | figures of engine and search on this machine |

mod bench;

pub use bench::Bench;
