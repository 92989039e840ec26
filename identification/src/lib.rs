//! Who a face is: distances to known photos and the people on them go in, outcomes come out.
//!
//! Pure: it knows neither a database nor a recogniser, so that whoever decides, measures or calibrates does it by the
//! same rules.
//!
//! | module | what |
//! |---|---|
//! | `score` | how far a face is from a person of whom there are several photos |
//! | `candidates` | the people that a face may be, the nearest first |
//! | `thresholds` | what distances mean under one model |
//! | `outcome` | what is decided for a face |
//! | `image` | what is decided for an image, from its faces |
//! | `photo_name` | whose name a photo bears |
//! | [`calibration`] | how often people are named rightly and wrongly, and which thresholds follow |

pub mod calibration;

mod candidates;
mod image;
mod outcome;
mod photo_name;
mod score;
mod thresholds;

pub use candidates::{Candidate, Neighbour, Owner, candidates};
pub use image::{ImageDecision, Reason, decide_image};
pub use outcome::{FaceDecision, Outcome, Quality, decide_face};
pub use photo_name::name_of_photo;
pub use score::score;
pub use thresholds::Thresholds;
