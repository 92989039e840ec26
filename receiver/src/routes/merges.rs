//! People who turned out to be one: `POST /api/v1/people/{id}/merge`, and `POST /api/v1/merges/{id}/undo` when they are not.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    path_ids::ApiPath,
    people::{self, Person},
    request_body::ApiBody,
};
use crate::{actor::Actor, app::AppState, problem::Problem};

/// Who somebody is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeInto {
    /// Of a person of their own.
    into: u64,
}

/// A merge.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Merged {
    /// By which it is undone.
    merge: u64,
    /// Who both are now.
    person: Person,
}

/// A merge that is undone.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergeUndone {
    /// Who is their own again.
    person: Person,
}

/// Say that two people are one. Photos, faces and what was said of them count for that one; it can be undone.
#[utoipa::path(
    post,
    path = "/api/v1/people/{id}/merge",
    operation_id = "merge_people",
    tag = "people",
    params(("id" = u64, Path, description = "Who is no person of their own any more.")),
    request_body = MergeInto,
    responses(
        (status = 200, body = Merged),
        (status = 404, body = Problem, description = "`unknown_person`: also one who was merged into somebody else"),
        (status = 422, body = Problem, description = "`same_person`"),
    ),
)]
pub(super) async fn merge(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
    ApiBody(MergeInto { into }): ApiBody<MergeInto>,
) -> Result<Json<Merged>, Problem> {
    let merge = state.store.merge_people(&actor, id, into).await?;
    let Json(person) = people::read(&state, into).await?;
    Ok(Json(Merged { merge, person }))
}

/// Say that two people are not one after all: photos, faces and what was said of them are their own again.
#[utoipa::path(
    post,
    path = "/api/v1/merges/{id}/undo",
    operation_id = "undo_merge",
    tag = "people",
    params(("id" = u64, Path, description = "Of the merge.")),
    responses(
        (status = 200, body = MergeUndone),
        (status = 404, body = Problem, description = "`unknown_merge`"),
        (status = 409, body = Problem, description = "`merge_undone`"),
    ),
)]
pub(super) async fn undo(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
) -> Result<Json<MergeUndone>, Problem> {
    let from = state.store.undo_merge(&actor, id).await?;
    let Json(person) = people::read(&state, from).await?;
    Ok(Json(MergeUndone { person }))
}
