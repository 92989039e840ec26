//! The pages: who is in the pictures. Reads the database, and asks the API for every change.
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
//! | `people_page` | everybody who can be named |
//! | `person_page` | somebody, with their known photos and pictures |
//! | `unknown_page` | unknown faces that look alike |
//! | `add_page` | adding pictures |
//! | `history_page` | who changed what |
//! | `export` | everything as a file |
//! | `confirm_page` | asks before something is lost |
//! | `sign_in` | the token and the name of a visitor |
//! | `visitor` | who asks |
//! | `api` | changes, asked of the receiver |
//! | `answer` | what a form is answered with |
//! | `notice` | what became of it, told once |
//! | `draft` | what was typed into a form that was refused |
//! | `upload` | the files of a form |
//! | `same_site` | no other site sends a form |
//! | `cookies` | cookies as they are sent and set |
//! | `site_address` | addresses within the site |
//! | `path_ids` | ids in the path of an address |
//! | `system_page` | how the system is |
//! | `services` | how the other services are |
//! | `statistics` | how the last hour went |
//! | `live` | open pages follow what happens |
//! | `pixels` | thumbnails, faces and known photos |
//! | `assets` | the style sheet and the script |
//! | `words` | what is said of an image, in sentences for people |
//! | `error_page` | what a person reads when something is wrong |
//! | `store` | all SQL |

pub mod app;
pub mod config;
pub mod services;

mod add_page;
mod answer;
mod api;
mod assets;
mod confirm_page;
mod cookies;
mod draft;
mod error_page;
mod export;
mod history_page;
mod image_page;
mod live;
mod notice;
mod overlay;
mod path_ids;
mod people_page;
mod person_page;
mod pixels;
mod routes;
mod row;
mod same_site;
mod sign_in;
mod site;
mod site_address;
mod statistics;
mod store;
mod system_page;
mod table_page;
mod unknown_page;
mod upload;
mod view;
mod visitor;
mod words;
