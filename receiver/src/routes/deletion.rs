//! `DELETE /api/v1/images/{id}`: an image goes, with everything that is known of it.

use axum::{extract::State, http::StatusCode};

use super::{image, path_ids::ApiPath};
use crate::{actor::Actor, app::AppState, leftovers, problem::Problem, store::StoreError};

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
    ApiPath(id): ApiPath<u64>,
    actor: Actor,
) -> Result<StatusCode, Problem> {
    let AppState { store, image_root, under_way, .. } = state;
    let deleting = async move {
        let path = store.delete_image(id, &actor).await?;
        if let Some(path) = &path {
            leftovers::remove(&image_root, path).await;
        }
        Ok::<_, StoreError>(path)
    };
    under_way.to_the_end(deleting).await??.ok_or_else(|| image::unknown(id))?;
    Ok(StatusCode::NO_CONTENT)
}
