//! `POST /image/post`: one picture. 202 when there is work to do or was none before, 200 for a path already known.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use picture_path::PicturePath;
use serde::{Deserialize, Serialize};

use super::request_body::JsonBody;
use crate::{
    app::AppState,
    problem::{Fault, Problem},
    store::StoreError,
    trace_context::TraceContext,
};

/// A picture that somebody names.
#[derive(Debug, Deserialize)]
pub(super) struct PostedImage {
    pub(super) path: String,
}

/// What became of it.
#[derive(Debug, Serialize)]
pub(super) struct AcceptedImage {
    id: u64,
    path: String,
    status: &'static str,
    pub(super) created: bool,
}

pub(super) async fn handle(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(posted): JsonBody<PostedImage>,
) -> Result<(StatusCode, Json<AcceptedImage>), Problem> {
    let path = PicturePath::parse(&posted.path, &state.image_root)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::path(error, "path")))?;
    let accepted = accept(&state, path, TraceContext::of(&headers).as_ref()).await?;
    let status = if accepted.created { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(accepted)))
}

/// Stores one picture and announces it; the batch route does this for each of its own.
pub(super) async fn accept(
    state: &AppState,
    path: PicturePath,
    trace_context: Option<&TraceContext>,
) -> Result<AcceptedImage, StoreError> {
    let accepted = state.store.accept(&path, trace_context).await?;
    if let Some(announcement) = accepted.announcement {
        state.publisher.announce(announcement);
    }
    metrics::counter!("rollcall_images_posted_total", "created" => if accepted.created { "yes" } else { "no" })
        .increment(1);
    tracing::debug!(image.id = accepted.id, created = accepted.created, "a picture was posted");
    Ok(AcceptedImage {
        id: accepted.id,
        path: path.to_string(),
        status: accepted.status.name(),
        created: accepted.created,
    })
}
