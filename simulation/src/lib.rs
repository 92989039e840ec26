//! Deterministic simulation: the production code of the worker, the sweeper, the posts, the publisher and the relay runs
//! over models of the database, the queue and the recogniser, in time that a seed decides about. What goes wrong in it is
//! drawn from that seed, and what must be true is looked at with every write.
//!
//! docs/SIMULATION.md says what is modelled, what is not, and how a seed is replayed.
//!
//! | module | what |
//! |---|---|
//! | [`chance`] | numbers that follow from a seed |
//! | [`plan`] | what happens, and what goes wrong, in one simulation |
//! | [`world`] | everything outside of the processes |
//! | [`tables`] | the database: pure |
//! | [`broker`] | the queue: pure |
//! | [`line`] | the way between a process and the world |
//! | [`model_store`] | the database as a process sees it |
//! | [`model_queue`] | the queue as a process sees it |
//! | [`model_recogniser`] | the recogniser as a worker sees it |
//! | [`processes`] | the lives of workers and receivers |
//! | [`checker`] | what must be true |
//! | [`trace`] | what happened |
//! | [`run`] | one simulation from its beginning to its end |
//! | [`flaw`] | what must be noticed |

pub mod broker;
pub mod chance;
pub mod checker;
pub mod flaw;
pub mod line;
pub mod model_queue;
pub mod model_recogniser;
pub mod model_store;
pub mod plan;
pub mod processes;
pub mod run;
pub mod tables;
pub mod trace;
pub mod world;
