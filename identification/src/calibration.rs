//! How often people would be named rightly and wrongly, measured on photos of which it is known whom they show, and which
//! thresholds follow from that.
//!
//! It is an open-set evaluation: of searches whose answer is in the gallery (mated) and of searches whose answer is not
//! (non-mated). All of them decide by [`decide_face`](crate::decide_face), as everything else does.
//!
//! | module | what |
//! |---|---|
//! | `gallery` | the known photos, without those that a search must not find |
//! | `trials` | the searches, and what they found |
//! | `share` | so many of so many, and what that says of all others |
//! | `grid` | the thresholds that are tried |
//! | `recommendation` | the thresholds that keep a wanted rate |

mod gallery;
mod grid;
mod recommendation;
mod share;
mod trials;

pub use grid::Grid;
pub use recommendation::{Recommendation, WantedRate};
pub use share::Share;
pub use trials::{Nearest, Probe, Rates, Standing, Trial, Trials};
