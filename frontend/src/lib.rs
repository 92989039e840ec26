//! The pages: who is in the pictures. Reads the database and changes nothing.
//!
//! | module | what |
//! |---|---|
//! | [`config`] | the command line and environment |
//! | [`app`] | bind, run, stop |
//! | `routes` | every route |
//! | `site` | what the pages are made from |
//! | `view` | what a table page shows, and its address |
//! | `table_page` | the table of images |
//! | `row` | one image in it |
//! | `image_page` | one image with its faces |
//! | `overlay` | the boxes of faces over a picture |
//! | `system_page` | how the system is |
//! | `services` | how the other services are |
//! | `statistics` | how the last hour went |
//! | `fresh` | an answer that many want, asked for once |
//! | `live` | open pages follow what happens |
//! | `pixels` | thumbnails, faces and known photos |
//! | `assets` | the style sheet and the script |
//! | `words` | what is said of an image, in sentences for people |
//! | `error_page` | what a person reads when something is wrong |
//! | `store` | all SQL |

pub mod app;
pub mod config;
pub mod services;

mod assets;
mod error_page;
mod fresh;
mod image_page;
mod live;
mod overlay;
mod pixels;
mod routes;
mod row;
mod site;
mod statistics;
mod store;
mod system_page;
mod table_page;
mod view;
mod words;
