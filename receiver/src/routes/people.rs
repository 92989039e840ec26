//! `/api/v1/people`: who there is, what they are called, and who goes.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::{
    page::{self, ApiQuery},
    path_ids::ApiPath,
    request_body::ApiBody,
};
use crate::{
    actor::Actor,
    app::AppState,
    person_name::PersonName,
    person_ref::PersonRef,
    problem::Problem,
    store::{CountedPerson, MergeRow, OwnPhoto},
};

/// Which people, and which page of them.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct PeopleQuery {
    /// A text that their names hold.
    q: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 500.
    limit: Option<u32>,
}

/// A page of people, in the order of their names.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct People {
    people: Vec<PersonSummary>,
    /// `cursor` of the next page, if there may be one.
    next: Option<String>,
}

/// Somebody in a list.
#[derive(Debug, Serialize, ToSchema)]
struct PersonSummary {
    id: u64,
    name: String,
    /// Known photos, also of those who were merged into them.
    photos: i64,
    /// Images in which a face is theirs.
    images: i64,
}

/// Somebody with what there is of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Person {
    id: u64,
    name: String,
    photos: Vec<PersonPhoto>,
    /// Images in which a face is theirs.
    images: i64,
    merged: Vec<PersonMerge>,
}

/// A known photo of somebody.
#[derive(Debug, Serialize, ToSchema)]
struct PersonPhoto {
    photo: String,
    /// Whose it was before any merge.
    of: PersonRef,
}

/// Somebody who turned out to be the same person.
#[derive(Debug, Serialize, ToSchema)]
struct PersonMerge {
    /// By which it is undone.
    merge: u64,
    person: PersonRef,
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

/// What somebody is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewName {
    /// 1 to 255 characters that are printed.
    name: String,
}

/// Where a page of people begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AfterName {
    after: String,
}

/// The people that can be named, in the order of their names. Who was merged into somebody is part of them.
#[utoipa::path(
    get,
    path = "/api/v1/people",
    operation_id = "people",
    tag = "people",
    params(PeopleQuery),
    responses(
        (status = 200, body = People),
        (status = 422, body = Problem, description = "`wrong_query`, `wrong_cursor`"),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiQuery(PeopleQuery { q, cursor, limit }): ApiQuery<PeopleQuery>,
) -> Result<Json<People>, Problem> {
    let limit = page::limit(limit)?;
    let place: Option<AfterName> = page::place(cursor.as_deref())?;
    let after = place.map(|place| place.after);
    let rows = state.store.people(q.as_deref(), after.as_deref(), limit).await?;
    let last = rows.last().filter(|_| rows.len() == limit as usize);
    let next = last.map(|last| page::cursor(&AfterName { after: last.name.clone() }));
    let summary = |CountedPerson { id, name, photos, images }| PersonSummary { id, name, photos, images };
    Ok(Json(People { people: rows.into_iter().map(summary).collect(), next }))
}

/// Make somebody who can be named.
#[utoipa::path(
    post,
    path = "/api/v1/people",
    operation_id = "create_person",
    tag = "people",
    request_body = NewName,
    responses(
        (status = 201, body = Person),
        (status = 409, body = Problem, description = "`name_taken`"),
        (status = 422, body = Problem, description = "`wrong_name`"),
    ),
)]
pub(super) async fn create(
    State(state): State<AppState>,
    actor: Actor,
    ApiBody(NewName { name }): ApiBody<NewName>,
) -> Result<(StatusCode, Json<Person>), Problem> {
    let id = state.store.create_person(&actor, &PersonName::parse(&name)?).await?;
    Ok((StatusCode::CREATED, read(&state, id).await?))
}

/// Somebody with what there is of them.
#[utoipa::path(
    get,
    path = "/api/v1/people/{id}",
    operation_id = "person",
    tag = "people",
    params(("id" = u64, Path)),
    responses(
        (status = 200, body = Person),
        (status = 404, body = Problem, description = "`unknown_person`: also who was merged into somebody, who is told"),
    ),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    ApiPath(id): ApiPath<u64>,
) -> Result<Json<Person>, Problem> {
    read(&state, id).await
}

/// Give somebody another name.
#[utoipa::path(
    patch,
    path = "/api/v1/people/{id}",
    operation_id = "rename_person",
    tag = "people",
    params(("id" = u64, Path)),
    request_body = NewName,
    responses(
        (status = 200, body = Person),
        (status = 404, body = Problem, description = "`unknown_person`"),
        (status = 409, body = Problem, description = "`name_taken`: perhaps they are to be merged"),
        (status = 422, body = Problem, description = "`wrong_name`"),
    ),
)]
pub(super) async fn rename(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
    ApiBody(NewName { name }): ApiBody<NewName>,
) -> Result<Json<Person>, Problem> {
    state.store.rename_person(&actor, id, &PersonName::parse(&name)?).await?;
    read(&state, id).await
}

/// Delete somebody, and who was merged into them: their known photos are forgotten, what was said of faces goes with them, and
/// their faces are decided again. The audit trail stays.
#[utoipa::path(
    delete,
    path = "/api/v1/people/{id}",
    operation_id = "delete_person",
    tag = "people",
    params(("id" = u64, Path)),
    responses(
        (status = 204, description = "They are gone."),
        (status = 404, body = Problem, description = "`unknown_person`"),
        (status = 409, body = Problem, description = "`gallery_read_only`"),
        (status = 503, body = Problem, description = "`recogniser_away`: what was not forgotten is when the request comes again"),
    ),
)]
pub(super) async fn delete(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(id): ApiPath<u64>,
) -> Result<StatusCode, Problem> {
    state.known_people.delete(actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Somebody as they are now.
pub(super) async fn read(state: &AppState, id: u64) -> Result<Json<Person>, Problem> {
    let CountedPerson { id, name, images, .. } = state.store.person(id).await?;
    let photos = state.store.photos_of(id).await?.into_iter();
    let merges = state.store.merges_of(id).await?.into_iter();
    Ok(Json(Person {
        id,
        name,
        photos: photos.map(|OwnPhoto { photo, of }| PersonPhoto { photo, of }).collect(),
        images,
        merged: merges
            .map(|MergeRow { merge, person, name, at }| PersonMerge {
                merge,
                person: PersonRef { id: person, name },
                at,
            })
            .collect(),
    }))
}
