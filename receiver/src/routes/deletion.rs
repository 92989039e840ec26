//! `DELETE /api/v1/images/{id}`: an image goes, with everything that is known of it.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};

use super::{actor::Actor, image};
use crate::{app::AppState, leftovers, problem::Problem};

/// Delete an image.
///
/// Its faces go, and what was said of them. A picture that was uploaded is removed from the disk, as is the thumbnail of one
/// that was fetched; other files are yours and stay.
#[utoipa::path(
    delete,
    path = "/api/v1/images/{id}",
    operation_id = "delete_image",
    tag = "images",
    params(("id" = u64, Path)),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, body = Problem, description = "`unknown_image`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    id: Result<Path<u64>, PathRejection>,
    actor: Actor,
) -> Result<StatusCode, Problem> {
    let Path(id) = image::id(id)?;
    let Some(path) = state.store.delete_image(id, &actor).await? else { return Err(image::unknown(id)) };
    leftovers::remove(&state.image_root, &path).await;
    Ok(StatusCode::NO_CONTENT)
}
