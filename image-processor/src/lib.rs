//! The worker: takes ids from NSQ, claims the image, asks face-recognition who is in it, decides, records.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | [`commands`] | what runs once and ends: redeem, redrive, drain |
//! | [`redrive`] | dead letters are put back |
//! | [`workplace`] | the parts, wired |
//! | [`intake`] | messages side by side, as many as may be in work |
//! | [`worker`] | the way of one message |
//! | [`message`] | the bodies of messages |
//! | [`queue`] | where messages come from |
//! | [`recognizer`] | the gRPC client of all recognisers: how they are found, who is asked, what their errors mean |
//! | [`sources`] | where pictures come from: fetches those from elsewhere |
//! | [`breaker`] | the circuit breaker before it |
//! | [`flow`] | how many messages are wanted |
//! | `people` | who the faces are |
//! | [`decision`] | what is decided, of our people and in the database's words |
//! | `backoff` | how long to wait before the next try: pure |
//! | [`retry`] | what follows from a failure: pure |
//! | [`sweeper`] | leases that ran out, further rounds |
//! | `drain` | everything that waits, without the queue |
//! | `redecision` | images are decided again, from what is stored of them |
//! | `gallery_watch` | other photos are known: which images that may concern |
//! | `groups` | unknown faces that look alike |
//! | [`store`] | what is asked of the database, and all SQL |
//!
//! The service needs its first four modules only; the others that are public are what a simulation drives over models
//! of the database, the queue and the recogniser.

pub mod app;
pub mod breaker;
pub mod commands;
pub mod config;
pub mod decision;
pub mod flow;
pub mod intake;
pub mod message;
pub mod queue;
pub mod recognizer;
pub mod redrive;
pub mod retry;
pub mod sources;
pub mod store;
pub mod sweeper;
pub mod worker;
pub mod workplace;

mod backoff;
mod drain;
mod gallery_watch;
mod groups;
mod people;
mod redecision;

#[cfg(test)]
mod tests;
