//! Who a face is: distances to known photos, the people on them and what people said of the face go in, outcomes come
//! out.
//!
//! Pure: it knows neither a database nor a recogniser, so that whoever decides, measures or calibrates does it by the
//! same rules.
//!
//! | module | what |
//! |---|---|
//! | `score` | how far a face is from a person of whom there are several photos |
//! | `candidates` | the people that a face may be, the nearest first |
//! | `thresholds` | what distances mean under one model |
//! | `said` | what people said of a face |
//! | `outcome` | what is decided for a face |
//! | `image` | what is decided for an image, from its faces |
//! | `overlap` | which face of a new look is which of an earlier one |
//! | `photo_name` | whose name a photo bears |
//! | [`calibration`] | how often people are named rightly and wrongly, and which thresholds follow |

pub mod calibration;

mod candidates;
mod image;
mod outcome;
mod overlap;
mod photo_name;
mod said;
mod score;
mod thresholds;

pub use candidates::{Candidate, Neighbour, Owner, candidates};
pub use image::{ImageDecision, Reason, decide_image};
pub use outcome::{FaceDecision, Outcome, Quality, decide_face};
pub use overlap::{Bounds, pair};
pub use photo_name::name_of_photo;
pub use said::Said;
pub use score::score;
pub use thresholds::Thresholds;
