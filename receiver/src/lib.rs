//! The receiver: takes paths of pictures over HTTP, stores each with the message that announces it in one
//! transaction, and publishes the message.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | [`import`] | the command that posts the pictures of a folder |
//! | [`relay`] | sends what was not published at once |
//! | `routes` | one file for each endpoint |
//! | `problem` | what a client reads when something is wrong (RFC 9457) |
//! | `csv` | comma-separated values |
//! | `leftovers` | what lies below the image root because of a picture |
//! | `idempotency_key` | the header by which a client names a request |
//! | [`posting`] | what arrives together is stored together |
//! | [`publisher`] | from the outbox row to NSQ, at once |
//! | [`store`] | all SQL |
//! | [`message`] | the body of a message |
//! | [`trace_context`] | the W3C trace context of a request |
//!
//! The service needs `config`, `app` and `import` only; the other public modules are what a simulation drives over models of
//! the database and the queue.

pub mod app;
pub mod config;
pub mod import;
pub mod message;
pub mod posting;
pub mod publisher;
pub mod relay;
pub mod store;
pub mod trace_context;

mod csv;
mod idempotency_key;
mod leftovers;
mod problem;
mod routes;
