//! What has images looked at again: `POST /api/v1/images/{id}/retry` one that failed, `POST /api/v1/images/{id}/rerun` one that
//! has its result, `POST /api/v1/dead-letters/redrive` many that failed and that nobody would try again.

use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::{
    image::{self, Image},
    path_ids::ApiPath,
    request_body::ApiBody,
};
use crate::{
    actor::Actor,
    app::AppState,
    problem::{Fault, Problem},
    store::{Again, DEAD_LETTERS_AT_ONCE, PutBack, Retried},
};

/// Ids of one request at most.
const MAX_IDS: usize = 1_000;
/// How long one request puts images back. Less than a request may take.
const BUDGET: Duration = Duration::from_secs(6);

/// Try an image again that failed.
#[utoipa::path(
    post,
    path = "/api/v1/images/{id}/retry",
    operation_id = "retry_image",
    tag = "images",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = Image),
        (status = 404, body = Problem, description = "`unknown_image`"),
        (status = 409, body = Problem, description = "`not_failed`"),
    ),
)]
pub(super) async fn retry(
    state: State<AppState>,
    ApiPath(id): ApiPath<u64>,
    actor: Actor,
) -> Result<Json<Image>, Problem> {
    match state.store.look_again(id, Again::Failed, &actor).await? {
        Retried::PutBack => image::read(&state, id).await,
        Retried::Unknown => Err(image::unknown(id)),
        Retried::NotSo(status) => Err(Problem::plain(
            StatusCode::CONFLICT,
            "not_failed",
            format!("image {id} is {}: only one that failed is tried again this way", status.name()),
        )),
    }
}

/// Have a new look at an image that has its result, or failed.
#[utoipa::path(
    post,
    path = "/api/v1/images/{id}/rerun",
    operation_id = "rerun_image",
    tag = "images",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = Image),
        (status = 404, body = Problem, description = "`unknown_image`"),
        (status = 409, body = Problem, description = "`not_final`: it is looked at anyway."),
    ),
)]
pub(super) async fn rerun(
    state: State<AppState>,
    ApiPath(id): ApiPath<u64>,
    actor: Actor,
) -> Result<Json<Image>, Problem> {
    match state.store.look_again(id, Again::Ended, &actor).await? {
        Retried::PutBack => image::read(&state, id).await,
        Retried::Unknown => Err(image::unknown(id)),
        Retried::NotSo(status) => Err(Problem::plain(
            StatusCode::CONFLICT,
            "not_final",
            format!("image {id} is {}: it is looked at anyway, wait for its result", status.name()),
        )),
    }
}

/// Which dead letters; exactly one of the three.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Chosen {
    ids: Option<Vec<u64>>,
    code: Option<String>,
    all: Option<bool>,
}

/// What was put back.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct Redriven {
    put_back: u64,
    /// Of the ids that were named, those that no image has.
    unknown: Vec<u64>,
    /// Of the ids that were named, those of images that have not failed, or are tried again anyway.
    not_dead: Vec<u64>,
    /// Whether there may be more than one request puts back: the same one goes on.
    more: bool,
}

/// Put images back that failed for good.
#[utoipa::path(
    post,
    path = "/api/v1/dead-letters/redrive",
    operation_id = "redrive",
    tag = "images",
    request_body = Chosen,
    responses(
        (status = 200, body = Redriven),
        (status = 422, body = Problem, description = "`wrong_shape`, `too_many_ids`"),
    ),
)]
pub(super) async fn redrive(
    State(state): State<AppState>,
    actor: Actor,
    ApiBody(chosen): ApiBody<Chosen>,
) -> Result<Json<Redriven>, Problem> {
    let redriven = match chosen {
        Chosen { ids: Some(ids), code: None, all: None } => by_ids(&state, &actor, &ids).await?,
        Chosen { ids: None, code: Some(code), all: None } => by_code(&state, &actor, Some(&code)).await?,
        Chosen { ids: None, code: None, all: Some(true) } => by_code(&state, &actor, None).await?,
        _ => {
            let detail = "give one of {\"ids\": [7, 9]}, {\"code\": \"engine_failed\"} and {\"all\": true}";
            let fault = Fault { code: "wrong_shape", detail: detail.to_owned(), field: None };
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault));
        }
    };
    tracing::info!(put_back = redriven.put_back, "dead letters are put back");
    Ok(Json(redriven))
}

async fn by_ids(state: &AppState, actor: &Actor, ids: &[u64]) -> Result<Redriven, Problem> {
    if ids.len() > MAX_IDS {
        let detail = format!("{} ids are more than {MAX_IDS}: send several requests", ids.len());
        let fault = Fault { code: "too_many_ids", detail, field: Some("ids".to_owned()) };
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, fault));
    }
    let PutBack { ids, unknown, not_dead } = state.store.put_back(ids, actor).await?;
    Ok(Redriven { put_back: ids.len() as u64, unknown, not_dead, more: false })
}

/// Page by page, each image once.
async fn by_code(state: &AppState, actor: &Actor, code: Option<&str>) -> Result<Redriven, Problem> {
    let end = Instant::now() + BUDGET;
    let mut redriven = Redriven::default();
    let mut after = 0;
    loop {
        let page = state.store.dead_letters_after(after, code).await?;
        redriven.put_back += state.store.put_back(&page, actor).await?.ids.len() as u64;
        match page.last().filter(|_| page.len() == DEAD_LETTERS_AT_ONCE) {
            Some(_) if Instant::now() >= end => return Ok(Redriven { more: true, ..redriven }),
            Some(last) => after = *last,
            None => return Ok(redriven),
        }
    }
}
