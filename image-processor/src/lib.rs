//! The worker: takes ids from NSQ, claims the image, asks face-recognition who is in it, decides, records.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `worker` | the way of one message |
//! | `message` | the id in a message |
//! | `recognizer` | the gRPC client of face-recognition, and what its errors mean |
//! | `decision` | who is in the picture: pure |
//! | `retry` | what follows from a failure: pure |
//! | `people` | whose known photo it is |
//! | `store` | all SQL |

pub mod app;
pub mod config;

mod decision;
mod message;
mod people;
mod recognizer;
mod retry;
mod store;
mod worker;
