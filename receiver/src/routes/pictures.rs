//! `POST /api/v1/pictures`: a picture is uploaded, stored below the image root, and posted like any other.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
};
use picture_path::PictureSource;
use serde::Deserialize;

use super::{
    page::ApiQuery,
    picture_body::refuse_too_long,
    post_image::{self, AcceptedImage},
};
use crate::{actor::Actor, app::AppState, problem::Problem, trace_context::TraceContext};

/// What the client calls the picture.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PictureQuery {
    /// What the file is called; a part of it stays in the picture's path.
    name: Option<String>,
}

/// Upload a picture. The same bytes again are the same image.
#[utoipa::path(
    post,
    path = "/api/v1/pictures",
    operation_id = "upload_picture",
    tag = "pictures",
    params(PictureQuery),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The picture's bytes, 32 MiB at most."),
    responses(
        (status = 202, body = AcceptedImage, description = "It is a new image."),
        (status = 200, body = AcceptedImage, description = "It is known; if it had failed, it is pending again."),
        (status = 409, body = Problem, description = "`store_read_only`"),
        (status = 413, body = Problem, description = "`file_too_large`"),
        (status = 422, body = Problem, description = "`not_an_image`"),
        (status = 503, body = Problem, description = "`receiver_busy`"),
        (status = 507, body = Problem, description = "`store_full`"),
    ),
)]
pub(super) async fn upload(
    State(state): State<AppState>,
    actor: Actor,
    ApiQuery(PictureQuery { name }): ApiQuery<PictureQuery>,
    request: Request,
) -> Result<(StatusCode, Json<AcceptedImage>), Problem> {
    refuse_too_long(&request)?;
    let trace_context = TraceContext::of(request.headers());
    let received = state.uploads.receive(request.into_body()).await?;
    let AppState { store, posts, under_way, .. } = state;
    let posting = async move {
        let path = received.finish(name).await?;
        let told = path.as_str().to_owned();
        let accepted = post_image::accept(&posts, PictureSource::File(path), trace_context, false).await?;
        store.tell_of_upload(&actor, accepted.id, &told).await?;
        Ok::<_, Problem>(accepted)
    };
    let accepted = under_way.to_the_end(posting).await??;
    Ok((post_image::status_of(&accepted), Json(accepted)))
}
