//! `/api/v1/unknown-groups`: unknown faces that look alike, to be named at once.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    faces,
    page::{self, ApiQuery},
    path_ids::ApiPath,
    request_body::ApiBody,
    whom::whom,
};
use crate::{
    actor::Actor,
    app::AppState,
    known_people::{EnrolledPhoto, ResemblingPhoto},
    person_ref::PersonRef,
    problem::{Fault, Problem},
    store::{GroupRow, GroupedFaceRow, Naming, Refusal, Whom},
};

/// Which page.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupsQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    /// 1 to 500.
    limit: Option<u32>,
}

/// A page of groups of unknown faces, the largest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnknownGroups {
    groups: Vec<UnknownGroup>,
    /// `cursor` of the next page, if there may be one. The pages tell of the faces that there were at the first one.
    next: Option<String>,
}

/// Unknown faces that look alike.
#[derive(Debug, Serialize, ToSchema)]
struct UnknownGroup {
    id: u64,
    /// How many.
    faces: i64,
    /// The ids of some, 6 at most.
    sample: Vec<u64>,
    /// The id of an image that shows one.
    newest_image: u64,
}

/// A page of the faces of a group, in the order of their ids.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UnknownFaces {
    id: u64,
    faces: Vec<UnknownFace>,
    /// `cursor` of the next page, if there may be one.
    next: Option<String>,
}

/// An unknown face.
#[derive(Debug, Serialize, ToSchema)]
struct UnknownFace {
    id: u64,
    image_id: u64,
    path: String,
}

/// Who the faces of a group are; one of `person_id` and `name`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupName {
    /// Somebody who is known.
    person_id: Option<u64>,
    /// Whoever is called so; somebody new where nobody is.
    name: Option<String>,
    /// Whether the sharpest face also becomes a known photo.
    #[serde(default)]
    enrol: bool,
    /// Leaves out faces with greater ids: those that were not there when you looked.
    as_of: Option<u64>,
    /// Faces that are somebody else.
    #[serde(default)]
    except: Vec<u64>,
}

/// A group that was named.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedGroup {
    person: PersonRef,
    /// How many faces.
    faces: usize,
    /// The known photo that the sharpest became.
    photo: Option<String>,
    /// The photos of others that it looks like.
    resembles: Vec<ResemblingPhoto>,
    /// Why it did not become one; the faces are named all the same.
    not_enrolled: Option<Fault>,
}

/// Where a page of groups begins: after a group of this size and id, of the faces up to `as_of`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AfterGroup {
    as_of: u64,
    size: i64,
    id: u64,
}

/// Where a page of faces begins.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AfterFace {
    after: u64,
}

/// Unknown faces, grouped by likeness, the largest groups first.
#[utoipa::path(
    get,
    path = "/api/v1/unknown-groups",
    operation_id = "unknown_groups",
    tag = "faces",
    params(GroupsQuery),
    responses(
        (status = 200, body = UnknownGroups),
        (status = 422, body = Problem, description = "`wrong_query`, `wrong_cursor`"),
    ),
)]
pub(super) async fn list(
    State(state): State<AppState>,
    ApiQuery(GroupsQuery { cursor, limit }): ApiQuery<GroupsQuery>,
) -> Result<Json<UnknownGroups>, Problem> {
    let limit = page::limit(limit)?;
    let place: Option<AfterGroup> = page::place(cursor.as_deref())?;
    let (as_of, after) = match place {
        Some(AfterGroup { as_of, size, id }) => (as_of, Some((size, id))),
        None => (state.store.newest_face().await?, None),
    };
    let rows = state.store.unknown_groups(as_of, after, limit).await?;
    let last = rows.last().filter(|_| rows.len() == limit as usize);
    let next = last.map(|last| page::cursor(&AfterGroup { as_of, size: last.faces, id: last.id }));
    let group =
        |GroupRow { id, faces, sample, newest_image }| UnknownGroup { id, faces, sample, newest_image };
    Ok(Json(UnknownGroups { groups: rows.into_iter().map(group).collect(), next }))
}

/// The faces of a group.
#[utoipa::path(
    get,
    path = "/api/v1/unknown-groups/{id}",
    operation_id = "unknown_group",
    tag = "faces",
    params(("id" = u64, Path), GroupsQuery),
    responses(
        (status = 200, body = UnknownFaces),
        (status = 404, body = Problem, description = "`unknown_group`"),
        (status = 422, body = Problem, description = "`wrong_query`, `wrong_cursor`"),
    ),
)]
pub(super) async fn one(
    State(state): State<AppState>,
    ApiPath(id): ApiPath<u64>,
    ApiQuery(GroupsQuery { cursor, limit }): ApiQuery<GroupsQuery>,
) -> Result<Json<UnknownFaces>, Problem> {
    let limit = page::limit(limit)?;
    let place: Option<AfterFace> = page::place(cursor.as_deref())?;
    let after = place.as_ref().map_or(0, |place| place.after);
    let rows = state.store.faces_of_group(id, after, limit).await?;
    if rows.is_empty() && place.is_none() {
        return Err(Refusal::UnknownGroup(id).into());
    }
    let last = rows.last().filter(|_| rows.len() == limit as usize);
    let next = last.map(|last| page::cursor(&AfterFace { after: last.id }));
    let face = |GroupedFaceRow { id, image_id, path }| UnknownFace { id, image_id, path };
    Ok(Json(UnknownFaces { id, faces: rows.into_iter().map(face).collect(), next }))
}

/// Say who the faces of a group are. A large group is named part by part: a request that comes again does the rest.
#[utoipa::path(
    post,
    path = "/api/v1/unknown-groups/{id}/name",
    operation_id = "name_group",
    tag = "faces",
    params(("id" = u64, Path)),
    request_body = GroupName,
    responses(
        (status = 200, body = NamedGroup),
        (status = 404, body = Problem, description = "`unknown_group`, `unknown_person`"),
        (status = 422, body = Problem, description = "`wrong_name`, `wrong_shape`"),
    ),
)]
pub(super) async fn name(
    State(state): State<AppState>,
    actor: Actor,
    ApiPath(group): ApiPath<u64>,
    ApiBody(body): ApiBody<GroupName>,
) -> Result<Json<NamedGroup>, Problem> {
    let whom = whom(body.person_id, body.name.as_deref())?;
    let under_way = state.under_way.clone();
    under_way.to_the_end(name_all(state, actor, group, body, whom)).await?.map(Json)
}

/// Names the group part by part, then has a face enrolled. Who asks again finds no group any more: the rest is done at once.
async fn name_all(
    state: AppState,
    actor: Actor,
    group: u64,
    GroupName { enrol, as_of, except, .. }: GroupName,
    mut whom: Whom,
) -> Result<NamedGroup, Problem> {
    let as_of = match as_of {
        Some(as_of) => as_of,
        None => state.store.newest_face().await?,
    };
    let naming = Naming { group, as_of, except };
    let (mut faces, mut person, mut after) = (Vec::new(), None, Some(0));
    while let Some(from) = after {
        let Some(named) = state.store.name_group(&actor, &naming, from, &whom).await? else { break };
        faces.extend(named.faces);
        // All parts are the same person, whoever is renamed meanwhile.
        whom = Whom::Id(named.person.id);
        person = Some(named.person);
        after = named.more_after;
    }
    let person = person.filter(|_| !faces.is_empty()).ok_or(Refusal::UnknownGroup(group))?;
    let enrolled = if enrol { enrol_sharpest(&state, actor, &faces, whom).await.map(Some) } else { Ok(None) };
    let (photo, not_enrolled) = match enrolled {
        Ok(photo) => (photo, None),
        Err(problem) => (None, Some(problem.into_fault())),
    };
    let (photo, resembles) =
        photo.map_or((None, Vec::new()), |enrolled| (Some(enrolled.photo), enrolled.resembles));
    Ok(NamedGroup { person, faces: faces.len(), photo, resembles, not_enrolled })
}

async fn enrol_sharpest(
    state: &AppState,
    actor: Actor,
    faces: &[u64],
    whom: Whom,
) -> Result<EnrolledPhoto, Problem> {
    let first = faces.first().copied().unwrap_or_default();
    let sharpest = state.store.sharpest(faces).await?.ok_or(Refusal::UnknownFace(first))?;
    let photo = faces::photo_of(state, sharpest).await?;
    Ok(state.known_people.enrol(actor, whom, photo).await?)
}
