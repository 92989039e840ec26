//! Process boilerplate that every service of Rollcall needs, and no word of its domain.
//!
//! | module | what |
//! |---|---|
//! | [`process`] | from `main` to a running service: configuration, telemetry, signals, exit codes |
//! | [`telemetry`] | logs and the metrics recorder |
//! | [`listen`] | binding a port, with an error that says what to do, and answering there until the service is to stop |
//! | [`health`] | `/livez`, `/readyz`, `/metrics` |
//! | [`healthcheck`] | the command by which a container asks its own service |
//! | [`database`] | connection arguments of the database and the pool that they make |
//! | [`statements`] | SQL for many values, in few prepared statements |
//! | [`fresh`] | an answer that many want, asked for once in a while |
//! | [`secret`] | text that cannot be printed |
//! | [`bearer`] | who may change something |
//! | [`jitter`] | chance for waits |

pub mod bearer;
pub mod database;
pub mod fresh;
pub mod health;
pub mod healthcheck;
pub mod jitter;
pub mod listen;
pub mod process;
pub mod secret;
pub mod statements;
pub mod telemetry;

pub use process::{Configuration, Process, run};
