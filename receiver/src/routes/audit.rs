//! `GET /api/v1/audit`: who or what changed something, newest first.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::{ToSchema, openapi::Object};

use super::{
    documentation,
    page::{self, ApiQuery},
};
use crate::{
    app::AppState,
    person_ref::PersonRef,
    problem::Problem,
    store::audit::{Action, AuditFilter, AuditRow},
};

/// What image-processor writes, when it decides something again.
const REDECIDED: &str = "face_redecided";

/// Which entries.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// The id of somebody: what concerns them.
    person: Option<u64>,
    /// The id of an image: what concerns it.
    image: Option<u64>,
    /// The `next` of another page.
    cursor: Option<String>,
    /// 1 to 500.
    limit: Option<u32>,
}

/// Where a page begins.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Before {
    before: u64,
}

/// A page of the audit trail.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuditTrail {
    entries: Vec<Entry>,
    /// The cursor of the next page, if there may be one.
    next: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
struct Entry {
    id: u64,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// `engine`, or what whoever asked calls themselves; `token` or `local` of those who did not say.
    actor: String,
    #[schema(schema_with = actions)]
    action: String,
    /// None of somebody who is forgotten.
    person: Option<PersonRef>,
    face_id: Option<u64>,
    image_id: Option<u64>,
    /// `from` what `to` what.
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

fn actions() -> Object {
    documentation::one_of(Action::ALL.iter().map(|action| action.name()).chain([REDECIDED]))
}

/// Who or what changed something, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    operation_id = "audit",
    tag = "audit",
    params(Wanted),
    responses(
        (status = 200, body = AuditTrail),
        (status = 422, body = Problem, description = "`wrong_query`, `wrong_cursor`"),
    ),
)]
pub(super) async fn handle(
    State(state): State<AppState>,
    ApiQuery(Wanted { person, image, cursor, limit }): ApiQuery<Wanted>,
) -> Result<Json<AuditTrail>, Problem> {
    let limit = page::limit(limit)?;
    let before = page::place(cursor.as_deref())?.map_or(u64::MAX, |Before { before }| before);
    let mut rows = state.store.audit_below(AuditFilter { person, image }, before, limit + 1).await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let last = rows.last().filter(|_| has_more).map(|row| row.id);
    Ok(Json(AuditTrail {
        entries: rows.into_iter().map(Entry::new).collect(),
        next: last.map(|before| page::cursor(&Before { before })),
    }))
}

impl Entry {
    fn new(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor,
            action: row.action,
            person: PersonRef::new(row.person_id, row.person_name),
            face_id: row.face_id,
            image_id: row.image_id,
            detail: row.detail.0,
        }
    }
}
