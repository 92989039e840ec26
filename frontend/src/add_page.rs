//! Adding pictures: files that are uploaded, paths and addresses that are posted. Then what becomes of them, live.

mod files;
mod paths;

use std::collections::HashMap;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde::Deserialize;

use crate::{
    error_page::PageError,
    live,
    row::Row,
    site::Site,
    store::{FaceRow, ImageRow},
    upload,
    visitor::Frame,
};

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
    let ids = wish.ids.split(',').filter(|id| !id.is_empty()).map(str::parse);
    let Ok(ids) = ids.take(MOST_SHOWN).collect::<Result<Vec<u64>, _>>() else {
        return Err(PageError::WrongWords("\"ids\" takes the ids of pictures with commas between them."));
    };
    Added { ids, ..Added::default() }.page(&site, frame).await
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
        let page = AddPage {
            frame,
            live: live::address(&images, false),
            rows: rows(images, &faces),
            refused: self.refused,
            text: self.text,
        };
        Ok((status, page.render().map(Html).map_err(PageError::Rendering)?).into_response())
    }
}

fn rows(images: Vec<ImageRow>, faces: &HashMap<u64, Vec<FaceRow>>) -> Vec<Row> {
    let faces_of = |id| faces.get(&id).map_or(&[][..], Vec::as_slice);
    let row = |image: ImageRow| {
        let faces = faces_of(image.id);
        Row::new(image, faces)
    };
    images.into_iter().map(row).collect()
}
