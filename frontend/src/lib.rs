//! The pages: who is in the pictures. Reads the database and changes nothing.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `routes` | every route |
//! | `table_page` | the table of images |
//! | `words` | states and reasons as sentences for people |
//! | `error_page` | what a person reads when something is wrong |
//! | `store` | all SQL |

pub mod app;
pub mod config;

mod error_page;
mod routes;
mod store;
mod table_page;
mod words;
