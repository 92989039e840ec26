//! Smaller copies of pictures: thumbnails, and the faces cut out of them. Each is a JPEG that is made once, kept on disk
//! within a limit, and named by what it was made of, so that a browser may keep it too.
//!
//! | module | what |
//! |---|---|
//! | `kind` | which copy of a picture |
//! | `framing` | which part of a picture shows a face: pure |
//! | `making` | pixels become a smaller JPEG |
//! | `portrait` | a face in a picture of its own, to be recognised by |
//! | `renditions` | makes copies, as many at once as there are cores |
//! | `cache` | the copies on disk |
//! | `ledger` | which of them go when there are too many: pure |

mod cache;
mod framing;
mod kind;
mod ledger;
mod making;
mod portrait;
mod renditions;

pub use framing::Area;
pub use kind::{Face, Kind, Source};
pub use portrait::Portrait;
pub use renditions::{Answer, RenditionError, Renditions, Settings};
