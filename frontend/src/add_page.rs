//! Adding pictures: files that are uploaded, paths and addresses that are posted. Then what becomes of them, live.

mod files;
mod paths;

use std::num::ParseIntError;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{error_page::PageError, live, row::Row, site::Site, upload, visitor::Frame};

/// Pictures that a page shows.
pub(crate) const MOST_SHOWN: usize = 100;

#[derive(Template)]
#[template(path = "add.html")]
struct AddPage {
    frame: Frame,
    rows: Vec<Row>,
    /// What was not taken, and why.
    refused: Vec<(String, String)>,
    /// What is still to be sent.
    text: String,
    live: String,
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    ids: String,
}

pub(crate) fn router() -> Router<Site> {
    Router::new().route("/add", get(handle)).route("/add/paths", post(paths::handle))
}

/// The route that takes files, which may take longer than others.
pub(crate) fn upload_router() -> Router<Site> {
    let upload = post(files::handle).layer(DefaultBodyLimit::max(upload::MOST_BYTES));
    Router::new().route("/add/files", upload)
}

async fn handle(
    State(site): State<Site>,
    frame: Frame,
    Query(wish): Query<Wish>,
) -> Result<Response, PageError> {
    let Ok(ids) = shown_ids(&wish.ids) else {
        return Err(PageError::WrongWords("\"ids\" takes the ids of pictures with commas between them."));
    };
    Added { ids, ..Added::default() }.page(&site, frame).await
}

/// The pictures that an address names, as many of them as a page shows.
pub(crate) fn shown_ids<T: FromIterator<u64>>(text: &str) -> Result<T, ParseIntError> {
    text.split(',').filter(|id| !id.is_empty()).map(str::parse).take(MOST_SHOWN).collect()
}

/// Where the pictures with these ids are followed.
fn address(ids: &[u64]) -> String {
    let ids: Vec<String> = ids.iter().take(MOST_SHOWN).map(u64::to_string).collect();
    // Commas need no code in a query, and people read this.
    if ids.is_empty() { "/add".to_owned() } else { format!("/add?ids={}", ids.join(",")) }
}

/// What became of what was sent.
#[derive(Debug, Default)]
struct Added {
    ids: Vec<u64>,
    refused: Vec<(String, String)>,
    /// Lines that are to be mended and sent again.
    text: String,
}

impl Added {
    /// The page that shows it.
    async fn page(self, site: &Site, frame: Frame) -> Result<Response, PageError> {
        let images = site.store.images_by_id(&self.ids).await?;
        let faces = site.store.faces_of(&images).await?;
        let status = if self.refused.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let text = if self.text.is_empty() {
            frame.typed(paths::FIELD).unwrap_or_default().to_owned()
        } else {
            self.text
        };
        let page = AddPage {
            frame: frame.found_at(&address(&self.ids)),
            live: live::address(&images, false),
            rows: Row::all(images, &faces),
            refused: self.refused,
            text,
        };
        Ok((status, page.render().map(Html).map_err(PageError::Rendering)?).into_response())
    }
}
