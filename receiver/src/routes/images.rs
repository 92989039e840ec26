//! `GET /api/v1/images`: the images of a filter, newest first, in pages that each cost about the same.

use axum::{Json, extract::State};
use image_search::{Filter, Words};
use migrations::UnresolvedReason;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    documentation,
    image::RecognitionError,
    page::{self, ApiQuery},
};
use crate::{
    app::AppState,
    person_ref::PersonRef,
    problem::Problem,
    store::{Listed, SummaryRow},
};

/// Which images.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    #[param(schema_with = documentation::status)]
    status: Option<String>,
    /// Why they are unresolved.
    #[param(schema_with = documentation::reason)]
    reason: Option<String>,
    /// The name of somebody who was identified in them.
    person: Option<String>,
    /// Part of the path or address, in upper or lower case.
    q: Option<String>,
    /// Posted at this time or later: a day, `2024-02-29T23:59` in UTC, or RFC 3339.
    from: Option<String>,
    /// Posted before.
    until: Option<String>,
    /// The `next` of another page.
    cursor: Option<String>,
    /// 1 to 500.
    limit: Option<u32>,
}

/// Where a page begins.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Below {
    below: u64,
}

/// A page of images.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImagePage {
    images: Vec<ImageSummary>,
    /// The cursor of the next page, if there may be one.
    next: Option<String>,
    /// Set where the search ended before the end of the images, however few it found: it looked down to this id, and goes
    /// on from there on the next page.
    looked_to: Option<u64>,
}

/// What a list tells of an image.
#[derive(Debug, Serialize, ToSchema)]
struct ImageSummary {
    id: u64,
    path: String,
    #[schema(schema_with = documentation::status)]
    status: &'static str,
    /// Why nobody was named, while `status` is `unresolved`.
    #[schema(schema_with = documentation::reason)]
    reason: Option<&'static str>,
    person: Option<PersonRef>,
    error: Option<RecognitionError>,
    /// In pixels; none before it was looked at.
    width: Option<u32>,
    height: Option<u32>,
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
}

/// Images, newest first.
///
/// A page ends early where what is looked for is rare: `looked_to` says so, and `next` goes on from there.
#[utoipa::path(
    get,
    path = "/api/v1/images",
    operation_id = "images",
    tag = "images",
    params(Wanted),
    responses(
        (status = 200, body = ImagePage),
        (status = 422, body = Problem, description = "`wrong_query`, `wrong_cursor`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    ApiQuery(wanted): ApiQuery<Wanted>,
) -> Result<Json<ImagePage>, Problem> {
    let words = Words {
        status: wanted.status.as_deref(),
        reason: wanted.reason.as_deref(),
        q: wanted.q.as_deref(),
        person: wanted.person.as_deref(),
        from: wanted.from.as_deref(),
        until: wanted.until.as_deref(),
    };
    let filter =
        Filter::try_from(words).map_err(|error| page::wrong_query(error.to_string(), Some(error.word())))?;
    let limit = page::limit(wanted.limit)?;
    let below = page::place(wanted.cursor.as_deref())?.map(|Below { below }| below);
    let Listed { rows, next_below, looked_to } = state.store.list(&filter, below, limit).await?;
    Ok(Json(ImagePage {
        images: rows.into_iter().map(ImageSummary::new).collect(),
        next: next_below.map(|below| page::cursor(&Below { below })),
        looked_to,
    }))
}

impl ImageSummary {
    fn new(row: SummaryRow) -> Self {
        let (detail, retryable) = (row.error_detail, row.retryable);
        Self {
            id: row.id,
            path: row.path,
            status: row.status.name(),
            reason: row.reason.map(UnresolvedReason::name),
            person: PersonRef::new(row.person_id, row.person_name),
            error: row.error_code.map(|code| RecognitionError { code, detail, retryable }),
            width: row.width,
            height: row.height,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
