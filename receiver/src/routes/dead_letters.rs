//! `GET /api/v1/dead-letters`: images that failed and that nobody tries again, newest first.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::page::{self, ApiQuery};
use crate::{app::AppState, problem::Problem, store::DeadLetterRow};

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Images with ids below this one.
    before: Option<u64>,
    /// 1 to 500.
    limit: Option<u32>,
}

/// A page of images that failed.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
    /// `before` of the next page, if there may be one.
    next_before: Option<u64>,
}

/// An image that failed and that nobody tries again.
#[derive(Debug, Serialize, ToSchema)]
struct DeadLetter {
    id: u64,
    path: String,
    error: LastError,
    attempts: u32,
    losses: u32,
    rounds: u32,
    #[serde(with = "time::serde::rfc3339")]
    failed_at: OffsetDateTime,
}

/// What went wrong at last.
#[derive(Debug, Serialize, ToSchema)]
struct LastError {
    code: Option<String>,
    detail: Option<String>,
}

/// Images that failed and that nobody tries again, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/dead-letters",
    operation_id = "dead_letters",
    tag = "images",
    params(Page),
    responses(
        (status = 200, body = DeadLetters),
        (status = 422, body = Problem, description = "`wrong_query`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    ApiQuery(Page { before, limit }): ApiQuery<Page>,
) -> Result<Json<DeadLetters>, Problem> {
    let limit = page::limit(limit)?;
    let rows = state.store.dead_letters_before(before.unwrap_or(u64::MAX), limit).await?;
    let next_before = rows.last().map(|row| row.id).filter(|_| rows.len() == limit as usize);
    Ok(Json(DeadLetters { dead_letters: rows.into_iter().map(DeadLetter::new).collect(), next_before }))
}

impl DeadLetter {
    fn new(row: DeadLetterRow) -> Self {
        Self {
            id: row.id,
            path: row.path,
            error: LastError { code: row.error_code, detail: row.error_detail },
            attempts: row.attempts,
            losses: row.losses,
            rounds: row.rounds,
            failed_at: row.updated_at,
        }
    }
}
