//! `POST /images/post`: many pictures. A path that is none is told by its index; the others are taken.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use picture_path::PicturePath;
use serde::{Deserialize, Serialize};

use super::{
    post_image::{AcceptedImage, PostedImage, accept},
    request_body::JsonBody,
};
use crate::{
    app::AppState,
    problem::{Fault, Problem},
    trace_context::TraceContext,
};

/// Pictures of one request at most.
const MAX_PATHS: usize = 10_000;

#[derive(Debug, Deserialize)]
pub(super) struct PostedImages {
    paths: Vec<PostedImage>,
}

/// One answer for each path of the request, in one of the two lists, each in the request's order.
#[derive(Debug, Serialize)]
pub(super) struct AcceptedImages {
    images: Vec<AcceptedImage>,
    rejected: Vec<Rejected>,
}

#[derive(Debug, Serialize)]
struct Rejected {
    index: usize,
    path: String,
    error: Fault,
}

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
    let mut answer = AcceptedImages { images: Vec::new(), rejected: Vec::new() };
    for (index, PostedImage { path }) in posted.paths.into_iter().enumerate() {
        match PicturePath::parse(&path, &state.image_root) {
            Ok(path) => answer.images.push(accept(&state, path, trace_context.as_ref()).await?),
            Err(error) => {
                let error = Fault::path(error, format!("paths[{index}].path"));
                answer.rejected.push(Rejected { index, path, error });
            }
        }
    }
    Ok((StatusCode::ACCEPTED, Json(answer)))
}
