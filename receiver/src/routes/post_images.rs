//! `POST /images/post`: many pictures. A path that is none is told by its index; the others are taken.

use std::fmt;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use futures_util::future::try_join_all;
use picture_path::PictureSource;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{SeqAccess, Visitor},
};
use utoipa::ToSchema;

use super::{
    post_image::{AcceptedImage, PostedImage, accept},
    request_body::{JsonBody, Object, inside},
};
use crate::{
    app::AppState,
    problem::{Fault, Problem},
    trace_context::TraceContext,
};

/// Pictures of one request at most.
const MAX_PATHS: usize = 10_000;

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PostedImages {
    #[serde(deserialize_with = "paths")]
    paths: Vec<PostedImage>,
}

fn paths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PostedImage>, D::Error> {
    deserializer.deserialize_seq(PathsVisitor).map_err(|error| inside("paths", &error))
}

/// A list in which an entry that is wrong is named by its index.
struct PathsVisitor;

impl<'de> Visitor<'de> for PathsVisitor {
    type Value = Vec<PostedImage>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of objects, for instance [{\"path\": \"/photos/a.jpg\"}]")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut paths = Vec::new();
        loop {
            match list.next_element() {
                Ok(Some(Object(path))) => paths.push(path),
                Ok(None) => return Ok(paths),
                Err(error) => return Err(inside(format_args!("[{}]", paths.len()), &error)),
            }
        }
    }
}

/// One answer for each path of the request, in one of the two lists, each in the request's order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AcceptedImages {
    images: Vec<AcceptedImage>,
    rejected: Vec<Rejected>,
}

/// A path that is none.
#[derive(Debug, Serialize, ToSchema)]
struct Rejected {
    /// Its place in the list that was sent.
    index: usize,
    path: String,
    error: Fault,
}

/// Post many pictures.
///
/// A path that is none is told by its index; the others are taken.
#[utoipa::path(
    post,
    path = "/images/post",
    operation_id = "post_images",
    tag = "pictures",
    request_body = PostedImages,
    responses(
        (status = 202, body = AcceptedImages, description = "What became of each."),
        (status = 413, body = Problem, description = "`body_too_large`"),
        (status = 422, body = Problem, description = "`wrong_shape`, `too_many_paths`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    headers: HeaderMap,
    JsonBody(posted): JsonBody<PostedImages>,
) -> Result<(StatusCode, Json<AcceptedImages>), Problem> {
    if posted.paths.len() > MAX_PATHS {
        let detail = format!("{} paths are more than {MAX_PATHS}: send several requests", posted.paths.len());
        let fault = Fault { code: "too_many_paths", detail, field: Some("paths".to_owned()) };
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault));
    }
    let trace_context = TraceContext::of(&headers);
    let (mut accepted, mut rejected) = (Vec::with_capacity(posted.paths.len()), Vec::new());
    for (index, PostedImage { path, rerun }) in posted.paths.into_iter().enumerate() {
        match PictureSource::parse(&path, &state.image_root) {
            Ok(path) => accepted.push(accept(&state.posts, path, trace_context.clone(), rerun)),
            Err(error) => {
                let error = Fault::source(error, format!("paths[{index}].path"));
                rejected.push(Rejected { index, path, error });
            }
        }
    }
    let images = try_join_all(accepted).await?;
    Ok((StatusCode::ACCEPTED, Json(AcceptedImages { images, rejected })))
}
