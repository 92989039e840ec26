//! `POST /image/post`: one picture. 202 for a new path, 200 for one already known.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use picture_path::PictureSource;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{
    documentation,
    request_body::{JsonBody, inside},
};
use crate::{
    app::AppState,
    posting::Posts,
    problem::{Fault, Problem},
    store::Post,
    trace_context::TraceContext,
};

/// A picture that somebody names.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PostedImage {
    /// A path below the image root, or an `http`, `https` or `s3` address.
    #[serde(deserialize_with = "path")]
    #[schema(example = "/photos/a.jpg")]
    pub(super) path: String,
    /// Whether it is to be looked at again if it has its result.
    #[serde(default, deserialize_with = "rerun")]
    pub(super) rerun: bool,
}

fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map_err(|error| inside("path", &error))
}

fn rerun<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    bool::deserialize(deserializer).map_err(|error| inside("rerun", &error))
}

/// What became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedImage {
    pub(super) id: u64,
    path: String,
    #[schema(schema_with = documentation::status)]
    status: &'static str,
    /// Whether the path was not known before.
    created: bool,
}

/// Post a picture.
///
/// Posting it twice is harmless. One that failed is tried again, and `rerun` asks for a new look at any. Whatever the
/// content type says, the body is read as JSON.
#[utoipa::path(
    post,
    path = "/image/post",
    operation_id = "post_image",
    tag = "pictures",
    request_body = PostedImage,
    responses(
        (status = 202, body = AcceptedImage, description = "A new image."),
        (status = 200, body = AcceptedImage, description = "The path was known: its image."),
        (status = 413, body = Problem, description = "`body_too_large`"),
        (status = 422, body = Problem, description = "The path or address is none."),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(PostedImage { path, rerun }): JsonBody<PostedImage>,
) -> Result<(StatusCode, Json<AcceptedImage>), Problem> {
    let path = PictureSource::parse(&path, &state.image_root)
        .map_err(|error| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault::source(error, "path")))?;
    let accepted = accept(&state.posts, path, TraceContext::of(&headers), rerun).await?;
    Ok((status_of(&accepted), Json(accepted)))
}

/// 202 for a new image, 200 for one that is known.
pub(super) const fn status_of(accepted: &AcceptedImage) -> StatusCode {
    if accepted.created { StatusCode::ACCEPTED } else { StatusCode::OK }
}

/// Has one picture stored with the next group; the batch route does this for each of its own.
pub(super) async fn accept(
    posts: &Posts,
    path: PictureSource,
    trace_context: Option<TraceContext>,
    rerun: bool,
) -> Result<AcceptedImage, Problem> {
    let told = path.to_string();
    let accepted = posts.submit(Post::new(path, trace_context, rerun)).await??;
    Ok(AcceptedImage {
        id: accepted.id,
        path: told,
        status: accepted.status.name(),
        created: accepted.created,
    })
}
