//! `GET /api/v1/dead-letters`: images that failed and that nobody tries again, newest first.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    app::AppState,
    problem::{Fault, Problem},
    store::DeadLetterRow,
};

const USUAL_LIMIT: u32 = 50;
const LONGEST_PAGE: u32 = 500;

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Images with ids below this one.
    before: Option<u64>,
    limit: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(super) struct DeadLetters {
    dead_letters: Vec<DeadLetter>,
    /// `before` of the next page, if there may be one.
    next_before: Option<u64>,
}

#[derive(Debug, Serialize)]
struct DeadLetter {
    id: u64,
    path: String,
    error: RecognitionError,
    attempts: u32,
    losses: u32,
    rounds: u32,
    #[serde(with = "time::serde::rfc3339")]
    failed_at: OffsetDateTime,
}

#[derive(Debug, Serialize)]
struct RecognitionError {
    code: Option<String>,
    detail: Option<String>,
}

pub(super) async fn handle(
    State(state): State<AppState>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<DeadLetters>, Problem> {
    let Query(Page { before, limit }) = page.map_err(|rejection| wrong(rejection.body_text()))?;
    let limit = limit.unwrap_or(USUAL_LIMIT);
    if !(1..=LONGEST_PAGE).contains(&limit) {
        return Err(wrong(format!("limit is {limit}: give 1 to {LONGEST_PAGE}")));
    }
    let rows = state.store.dead_letters_before(before.unwrap_or(u64::MAX), limit).await?;
    let next_before = rows.last().map(|row| row.id).filter(|_| rows.len() == limit as usize);
    Ok(Json(DeadLetters { dead_letters: rows.into_iter().map(DeadLetter::new).collect(), next_before }))
}

fn wrong(detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, Fault { code: "wrong_query", detail, field: None })
}

impl DeadLetter {
    fn new(row: DeadLetterRow) -> Self {
        Self {
            id: row.id,
            path: row.path,
            error: RecognitionError { code: row.error_code, detail: row.error_detail },
            attempts: row.attempts,
            losses: row.losses,
            rounds: row.rounds,
            failed_at: row.updated_at,
        }
    }
}
