//! The pages: who is in the pictures. Reads the database and changes nothing.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `routes` | every route |
//! | `view` | what a table page shows, and its address |
//! | `table_page` | the table of images |
//! | `words` | what is said of an image, in sentences for people |
//! | `error_page` | what a person reads when something is wrong |
//! | `store` | all SQL |

pub mod app;
pub mod config;

mod error_page;
mod routes;
mod store;
mod table_page;
mod view;
mod words;
