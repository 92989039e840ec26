//! Everything as a file: what the API writes is handed through, as it comes.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::{answer::Answer, error_page::PageError, site::Site};

const FILES: [&str; 4] = ["people.csv", "people.jsonl", "results.csv", "results.jsonl"];
const HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_DISPOSITION];

pub(crate) async fn handle(State(site): State<Site>, Path(name): Path<String>) -> Response {
    if !FILES.contains(&name.as_str()) {
        return PageError::NoSuchPage.into_response();
    }
    let answer = match site.api.export(&name).await {
        Ok(answer) => answer,
        Err(error) => return Answer::failed("/people", &error).into_response(),
    };
    let told = HEADERS.map(|name| answer.headers().get(&name).map(|value| (name, value.clone())));
    let pieces = stream::try_unfold(answer, async |mut answer| {
        Ok::<_, reqwest::Error>(answer.chunk().await?.map(|piece| (piece, answer)))
    });
    let mut response = (StatusCode::OK, Body::from_stream(pieces)).into_response();
    // A file is kept, and never shown as a page of ours.
    let disposition = format!("attachment; filename=\"{name}\"").parse().ok();
    let headers = response.headers_mut();
    headers.extend(disposition.map(|value| (header::CONTENT_DISPOSITION, value)));
    headers.extend(told.into_iter().flatten());
    response
}
