//! The database contract that all services share: the SQL of the tables, how it is applied, who may use it, and the
//! words that its columns hold. Queries are not here: each service has its own `store.rs`.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the configuration of the binary `migrate` |
//! | [`schema`] | applies the migrations, tells whether they are applied |
//! | [`readiness`] | whether a service may use the database, in words |
//! | [`accounts`] | an account for each service, with the rights that it needs |
//! | [`status`] | the states of an image |
//! | [`verdict`] | the outcome of a face, what people said of it, the reason of an unresolved image |

pub mod accounts;
pub mod config;
pub mod readiness;
pub mod schema;
pub mod status;
pub mod verdict;

pub use status::ImageStatus;
pub use verdict::{FaceOutcome, FaceVerdict, UnresolvedReason};
