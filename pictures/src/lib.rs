//! Pictures that anybody may have put there: opened so that nothing leads out of their folder, and decoded in memory-safe
//! code within limits. What `make fuzz` feeds with made-up files.
//!
//! | module | what |
//! |---|---|
//! | `root` | the folder of the pictures |
//! | `picture` | bytes become pixels |

mod picture;
mod root;

pub use picture::{Picture, PictureError, PictureLimits};
pub use root::{PictureRoot, ReadError, Stamp};
