//! The receiver: takes paths of pictures over HTTP, stores each with the message that announces it in one
//! transaction, and publishes the message.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `routes` | one file for each endpoint |
//! | `problem` | what a client reads when something is wrong (RFC 9457) |
//! | `publisher` | from the outbox row to NSQ |
//! | `store` | all SQL |
//! | `message` | the body of a message |
//! | `trace_context` | the W3C trace context of a request |

pub mod app;
pub mod config;

mod message;
mod problem;
mod publisher;
mod routes;
mod store;
mod trace_context;
