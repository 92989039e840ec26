//! The client against a scripted server, for what a real one does rarely, and against the real nsqd and
//! nsqlookupd, for what a script could get wrong.

#![expect(clippy::unwrap_used, reason = "in a test's helpers, as in tests, a failure is a panic")]

mod harness;
mod real_consumer;
mod real_discovery;
mod real_outage;
mod real_producer;
mod scripted_closing;
mod scripted_consumer;
mod scripted_control;
mod scripted_discovery;
mod scripted_failover;
mod scripted_producer;
mod scripted_ready;
mod scripted_touch;
