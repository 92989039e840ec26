//! The receiver: takes paths of pictures over HTTP, stores each with the message that announces it in one
//! transaction, and publishes the message.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `recogniser_address` | where the recogniser is |
//! | [`import`] | the command that posts the pictures of a folder |
//! | [`relay`] | sends what was not published at once |
//! | `routes` | one file for each endpoint |
//! | `actor`, `person_ref` | who asks for a change, and whom answers name |
//! | `known_people` | what the database and the recogniser do together: enrol, forget, delete |
//! | `gallery` | the known photos, which the recogniser keeps |
//! | `face_photo` | a face becomes a photo of its own |
//! | `uploads` | pictures that somebody uploads |
//! | `turns` | how many pictures are in hand at once |
//! | `under_way` | what is ended although nobody waits for it any more |
//! | `person_name`, `photo_name`, `file_slug` | what people and their photos are called: pure |
//! | `merges` | who somebody is after merges: pure |
//! | `picture_format` | which kind of picture bytes are: pure |
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

mod actor;
mod csv;
mod face_photo;
mod file_slug;
mod gallery;
mod idempotency_key;
mod known_people;
mod leftovers;
mod merges;
mod person_name;
mod person_ref;
mod photo_name;
mod picture_format;
mod problem;
mod recogniser_address;
mod routes;
mod turns;
mod under_way;
mod uploads;
